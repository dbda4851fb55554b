//! wasmtime's command line with settings.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use support::programs::Program;
use support::simulate::{CLIENT_ID, Server, TENANT};

use crate::client::{free_address, wait_for};

/// The settings of the connection to a simulated tenant, as `config` names them.
pub fn settings(simulated: &Server) -> Vec<(&'static str, String)> {
    vec![
        ("tenant", TENANT.to_owned()),
        ("client-id", CLIENT_ID.to_owned()),
        ("client-secret", "any-secret".to_owned()),
        ("graph-url", format!("{}/v1.0", simulated.http())),
        ("login-url", simulated.http().to_owned()),
        ("sender", format!("noreply@{TENANT}")),
    ]
}

/// Gives a program settings, as variables or by `wasi:config/store`.
pub fn set(command: &mut Command, settings: &[(&str, String)], by_environment: bool) {
    for (name, value) in settings {
        match by_environment {
            true => {
                command.arg("--env").arg(format!("{}={value}", adapter::settings::variable(name)))
            }
            false => command.arg("-S").arg(format!("config-var={name}={value}")),
        };
    }
}

/// `wasmtime run --invoke`: what it says on stdout.
pub fn invoke(
    program: &Program,
    component: &Path,
    settings: &[(&str, String)],
    call: &str,
) -> String {
    let mut command = program.command();
    command.args(["run", "-S", "http"]);
    set(&mut command, settings, true);
    let output = command.args(["--invoke", call]).arg(component).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// `wasmtime serve`; it is killed with this value.
pub struct Serving {
    child: Child,
    pub address: String,
}

impl Serving {
    pub fn start(program: &Program, component: &Path, settings: &[(&str, String)]) -> Self {
        let address = free_address();
        let mut command = program.command();
        command.args(["serve", "--addr", &address, "-S", "config,http"]);
        set(&mut command, settings, false);
        let child = command.arg(component).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let serving = Self { child: child.unwrap(), address };
        wait_for(&serving.address);
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
