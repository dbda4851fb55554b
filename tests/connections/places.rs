//! Files that are none, or are not kept as they must be: where a secret, a token or the
//! configuration should be.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::tenant::{SECRET, Settings, Tenant};
use support::{Ended, o365};

const RUN: [&str; 4] =
    ["run", "is-license-available", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06", "--json"];

fn tenant() -> Tenant {
    Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        ..Settings::default()
    })
}

/// A pipe that nobody writes into. Who reads it all the same is let go after some seconds.
fn pipe(path: &Path) {
    let made = Command::new("mkfifo").args(["-m", "600"]).arg(path).status().unwrap();
    assert!(made.success());
    let path = path.to_owned();
    thread::spawn(move || {
        while path.exists() {
            thread::sleep(Duration::from_secs(5));
            // Both ways, which does not wait for the other end.
            let _ = OpenOptions::new().read(true).write(true).open(&path);
        }
    });
}

/// The one file of the state directory that ends so.
fn kept(tenant: &Tenant, extension: &str) -> std::path::PathBuf {
    fs::read_dir(tenant.directory().join("state"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|own| own == extension))
        .unwrap()
}

#[track_caller]
fn assert_refused(ended: &Ended, what: &str, fix: &str) {
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let error = ended.error();
    let (message, told) = (error["message"].as_str().unwrap(), error["fix"].as_str().unwrap());
    assert!(message.ends_with(what), "{message}");
    assert!(told.contains(fix), "{told}");
}

const PIPE: &str = "it is a pipe or a device, not a regular file";
const DIRECTORY: &str = "it is a directory, not a file";

#[test]
fn a_secret_is_read_from_a_regular_file_alone() {
    let tenant = tenant();
    let [fifo, directory, device] =
        ["fifo", "directory", "device"].map(|name| tenant.directory().join(name));
    pipe(&fifo);
    fs::create_dir(&directory).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
    for (path, what) in [(fifo, PIPE), (directory, DIRECTORY), (device, PIPE)] {
        let lines = format!("client-secret = {{ file = {path:?} }}");
        let ended = tenant.o365(&RUN, &lines).run();
        assert_refused(&ended, what, "Put the secret into a regular file");
    }
    assert!(tenant.calls().is_empty());
}

#[test]
fn a_token_is_read_from_a_regular_file_alone() {
    let tenant = tenant();
    assert_eq!(tenant.o365(&RUN, SECRET).run().result(), true);
    for extension in ["json", "lock"] {
        let path = kept(&tenant, extension);
        fs::remove_file(&path).unwrap();
        pipe(&path);
        assert_refused(&tenant.o365(&RUN, SECRET).run(), PIPE, &path.display().to_string());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_refused(&tenant.o365(&RUN, SECRET).run(), DIRECTORY, &path.display().to_string());
        fs::remove_dir(&path).unwrap();
    }
    assert_eq!(tenant.o365(&RUN, SECRET).run().result(), true);
}

#[test]
fn a_configuration_is_read_from_a_regular_file_alone() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("o365.toml");
    pipe(&fifo);
    let list = || o365(["connection", "list", "--json"]);
    assert_refused(&list().env("O365_CONFIG", &fifo).run(), PIPE, "a regular file");
    assert_refused(&list().directory(directory.path()).run(), PIPE, "a regular file");
    let ended = list().env("O365_CONFIG", directory.path()).run();
    assert_refused(&ended, DIRECTORY, "a regular file");
}

#[test]
fn tokens_that_others_could_read_are_made_private_with_a_warning() {
    let tenant = tenant();
    assert_eq!(tenant.o365(&RUN, SECRET).run().result(), true);
    let path = kept(&tenant, "json");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    for arguments in [&RUN[..], &["connection", "list", "--json"]] {
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let ended = tenant.o365(arguments, SECRET).run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(ended.stderr.contains("could be read by others (mode 0644)"), "{}", ended.stderr);
        assert_eq!(mode(), 0o600);
        assert_eq!(tenant.o365(arguments, SECRET).run().stderr, "", "it is told once");
    }
}
