//! The audit log under logrotate, while runs write to it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use crate::serve::server::{House, MAIL, Place, eventually, mail};
use support::install::debian;
use support::root;

/// The audit log that the unit and the configuration of logrotate name.
const LOG: &str = "/var/log/o365/audit.jsonl";

const ROTATIONS: usize = 3;

fn packaged(path: &str) -> String {
    fs::read_to_string(root().join("packaging").join(path)).unwrap()
}

fn id(option: &str) -> String {
    let output = Command::new("id").arg(option).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The configuration for the log of a place and for this user.
fn configuration(place: &Place) -> PathBuf {
    let text = packaged("logrotate/o365");
    let su = format!("su {} {}", id("-un"), id("-gn"));
    assert!(text.contains(LOG) && text.contains("su o365 o365"), "{text}");
    let log = place.audit_log();
    let text = text.replace(LOG, log.to_str().unwrap()).replace("su o365 o365", &su);
    let path = place.path("logrotate.conf");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    path
}

/// A directory with a `systemctl` that reloads this one service as its unit says.
fn systemctl(place: &Place, process: &str) -> PathBuf {
    let unit = packaged("systemd/o365.service");
    assert!(unit.contains(&format!("--audit-log {LOG}")), "{unit}");
    let reload = unit.lines().find_map(|line| line.strip_prefix("ExecReload=")).unwrap();
    let directory = place.path("bin");
    fs::create_dir(&directory).unwrap();
    let path = directory.join("systemctl");
    let script = format!(
        "#!/bin/sh\n[ \"$*\" = 'try-reload-or-restart o365.service' ] || exit 99\nexec {}\n",
        reload.replace("$MAINPID", process)
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// Rotates once, in a second of its own: the name of a file has the second, by a clock that may be
/// some milliseconds behind.
fn rotate(logrotate: &Path, place: &Place, bin: &Path) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    std::thread::sleep(
        Duration::from_millis(1100) - Duration::from_nanos(now.subsec_nanos().into()),
    );
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new(logrotate)
        .env("PATH", path)
        .arg("--force")
        .arg("--state")
        .arg(place.path("logrotate.state"))
        .arg(place.path("logrotate.conf"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// Ends the callers, also when the test fails before.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The files of the log, the oldest first, and none of them compressed any more.
fn files(place: &Place) -> Vec<String> {
    let (log, mut rotated) = (place.audit_log(), Vec::new());
    for entry in fs::read_dir(log.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("audit.jsonl-") {
            rotated.push(path);
        }
    }
    let packed = rotated.iter().filter(|path| path.extension().is_some_and(|end| end == "gz"));
    // All but the last one, into which the server may still have written.
    assert_eq!((rotated.len(), packed.clone().count()), (ROTATIONS, ROTATIONS - 1), "{rotated:?}");
    assert!(Command::new("gunzip").args(packed).status().unwrap().success());
    let unpacked = |path: &PathBuf| path.to_str().unwrap().trim_end_matches(".gz").to_owned();
    let mut files: Vec<String> = rotated.iter().map(unpacked).collect();
    files.sort();
    files.push(log.to_str().unwrap().to_owned());
    files
}

#[test]
fn no_line_of_the_audit_log_is_lost_when_it_is_rotated() {
    let Some(logrotate) = debian("logrotate", "logrotate") else { return };
    let house = House::new();
    configuration(&house.place);
    let bin = systemctl(&house.place, &house.id());
    let ended = AtomicBool::new(false);
    let call = || {
        let mut ids = Vec::new();
        while !ended.load(Ordering::Relaxed) {
            let answer = house.action(house.key(), MAIL, &mail()).send();
            assert_eq!(answer.status, 200);
            ids.push(answer.headers["run-id"].to_str().unwrap().to_owned());
        }
        ids
    };
    let called: Vec<String> = std::thread::scope(|scope| {
        let callers = [(); 3].map(|()| scope.spawn(call));
        let ending = Ending(&ended);
        for rotation in 1..=ROTATIONS {
            rotate(&logrotate, &house.place, &bin);
            // The next one compresses the file, which is a week later.
            let reloaded = || house.said().matches("read again").count() == rotation;
            eventually("it has reloaded", reloaded);
        }
        std::thread::sleep(Duration::from_millis(300));
        drop(ending);
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    let files = files(&house.place);
    let arguments: Vec<&str> =
        std::iter::once("audit").chain(files.iter().map(String::as_str)).collect();
    let shown = house.place.o365(&arguments);
    assert_eq!((shown.code, &*shown.stderr), (0, ""));
    let runs = shown.result();
    let runs = runs.as_array().unwrap();
    let finished: BTreeSet<&str> = runs
        .iter()
        .filter(|run| run["outcome"] == "done")
        .map(|run| run["run"].as_str().unwrap())
        .collect();
    let called: BTreeSet<&str> = called.iter().map(String::as_str).collect();
    assert!(called.len() > 20, "{} runs are too few to show anything", called.len());
    assert_eq!((runs.len(), &finished), (called.len(), &called));
    for file in &files {
        let lines = fs::read_to_string(file).unwrap();
        assert!(lines.lines().count() > 3, "{file} has lines of runs");
        let mode = fs::metadata(file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
}
