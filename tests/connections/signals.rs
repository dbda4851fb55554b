//! What ends a run from outside.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::tenant::{SECRET, Settings, Tenant};

/// Graph asks the first call to wait for so many seconds.
fn tenant(wait: &'static str) -> Tenant {
    Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        first: vec![(429, vec![("retry-after", wait)])],
        ..Settings::default()
    })
}

/// A run that waits because Graph has asked for it.
fn waiting(tenant: &Tenant, shell: &str) -> Child {
    // Writes the configuration.
    tenant.o365(&["actions"], SECRET).run();
    let child = Command::new("sh")
        .args(["-c", shell, "sh"])
        .arg(support::program())
        .args(["run", "is-license-available"])
        .args(["serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06", "--json"])
        .env("O365_CONFIG", tenant.directory().join("o365.toml"))
        .env("O365_CACHE_DIR", tenant.directory().join("cache"))
        .env("O365_STATE_DIR", tenant.directory().join("state"))
        .env("CONTOSO_SECRET", "open-sesame")
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while tenant.calls().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(30), "the run does not call Graph");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

fn after(child: Child, signal: &str) -> Output {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait_with_output().unwrap()
}

#[test]
fn a_run_that_is_asked_to_end_says_so() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let tenant = tenant("20");
        let ended = after(waiting(&tenant, "exec \"$@\""), signal);
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{signal}: {told}");
        assert!(told.contains("the run was interrupted"), "{signal}: {told}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_was_told_to_outlive_its_terminal_does() {
    let tenant = tenant("1");
    let ended = after(waiting(&tenant, "trap '' HUP; exec \"$@\""), "-HUP");
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.stdout, b"true\n", "{told}");
}
