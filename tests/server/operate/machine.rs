//! The unit on a machine in small, which systemd runs: its user, its directories, its credentials,
//! and all that it forbids, while the server does what it is for.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::serve::server::{Place, Server, connected, eventually, seats};
use support::install::{debian, may_mount};
use support::{program, root, simulate};

/// A machine, and the server on it.
struct Machine {
    place: Place,
    server: Server,
    key: String,
    /// The simulated Graph and sign-in host.
    _graph: simulate::Server,
}

impl Machine {
    /// A machine whose unit has these further lines; none where there can be none.
    fn start(lines: &str) -> Option<Self> {
        debian("systemctl", "systemd")?;
        if !may_mount() {
            return None;
        }
        let graph = simulate::Server::start(&[]);
        let credential = "\"/run/credentials/o365.service/secret_contoso\"";
        let connections = connected("main", &graph).replace("\"secret\"", credential);
        let serve = "[serve]\naddress = \"127.0.0.1:0\"\n\n";
        let place = Place::with(&format!("{serve}{connections}"));
        let key = place.add("contoso", "main", &[]);
        fs::write(place.path("drop-in"), lines).unwrap();
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--pid", "--fork", "--uts", "--ipc", "--cgroup", "--kill-child"])
            .arg("sh")
            .arg(root().join("tests/server/operate/machine.sh"))
            .args([place.path(""), program().to_owned(), root().join("packaging")]);
        let server = place.serve_by(command, &[]);
        Some(Self { place, server, key, _graph: graph })
    }

    /// What a command prints there.
    fn run(&self, command: &[&str]) -> String {
        let pid = fs::read_to_string(self.place.path("pid")).unwrap();
        let output = Command::new("nsenter")
            .args(["--target", pid.trim(), "--mount", "--pid", "--"])
            .args(command)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A property of the service.
    fn property(&self, name: &str) -> String {
        self.run(&["systemctl", "show", "--property", name, "--value", "o365.service"])
    }

    /// The seats that an action counts: it signs in with the credential and runs compiled code.
    fn seats(&self) -> u16 {
        self.server.action(&self.key, "get-available-license-count", &seats()).send().status
    }
}

#[test]
fn the_unit_serves_under_all_that_it_forbids() {
    let Some(machine) = Machine::start("") else { return };
    eventually("systemd knows that it is ready", || machine.property("ActiveState") == "active");
    assert_eq!(machine.seats(), 200, "{}", machine.server.said());
    // Neither the credential nor a directory is one that it refuses.
    let said = machine.server.said();
    for word in ["WARN", "warning", "secret", "not cached", "could not"] {
        assert!(!said.contains(word), "{said}");
    }
    let main = machine.property("MainPID");
    let status = machine.run(&["cat", &format!("/proc/{main}/status")]);
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"] {
        assert!(status.contains(line), "{line}: {status}");
    }
    let user = machine.run(&["stat", "--format", "%U", &format!("/proc/{main}")]);
    assert_eq!(user, "o365");
    let log = "/var/log/o365/audit.jsonl";
    let runs = machine.run(&["/usr/bin/o365", "audit", log, "--json"]);
    let runs: Value = serde_json::from_str(&runs).unwrap();
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs}");

    machine.run(&["systemctl", "reload", "o365.service"]);
    eventually("it has reloaded", || machine.server.said().contains("read again"));
    eventually("systemd knows of it", || machine.property("ActiveState") == "active");
    assert_eq!(machine.property("MainPID"), main);
    machine.run(&["systemctl", "stop", "o365.service"]);
    assert_eq!(machine.property("ActiveState"), "inactive");
    assert_eq!(
        (machine.property("Result"), machine.property("ExecMainStatus")),
        ("success".into(), "0".into())
    );
}

#[test]
fn a_server_that_hangs_is_started_again() {
    let Some(machine) = Machine::start("WatchdogSec=1\nTimeoutAbortSec=1") else { return };
    eventually("systemd knows that it is ready", || machine.property("ActiveState") == "active");
    let main = machine.property("MainPID");
    machine.run(&["kill", "-STOP", &main]);
    eventually("it is started again", || machine.property("NRestarts") == "1");
    eventually("it is ready again", || machine.property("ActiveState") == "active");
    assert_ne!(machine.property("MainPID"), main);
}
