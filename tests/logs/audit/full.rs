//! A file that takes no more, and then does again. A limit for the size of files takes the
//! place of a full disk: to the log they are the same.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use runner::audit::{AuditError, AuditLog, Durability, Line};

use crate::audit::sample::{Place, lines, run, run_line, runtime, write};

const LOG: &str = "AUDIT_FULL_LOG";

/// The limit, in blocks of `ulimit` in a POSIX shell.
const BLOCKS: u64 = 64;
const LIMIT: u64 = BLOCKS * 512;

/// Runs a test of this program again, in a process that can write no more than so much to a
/// file: an attempt to is an error, as on a full disk.
fn limited(test: &str, log: &Path) {
    let script = format!("trap '' XFSZ; ulimit -f {BLOCKS}; exec \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test])
        .env(LOG, log)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn log_path() -> PathBuf {
    std::env::var_os(LOG).unwrap().into()
}

fn long_line(number: u128) -> Line {
    let mut run = run(number);
    run.message = Some("x".repeat(3_500));
    Line::Run(Box::new(run))
}

/// Writes until nothing goes in any more; how many lines went in.
fn fill(log: &AuditLog) -> u128 {
    for number in 0.. {
        match write(log, long_line(number)) {
            Ok(()) => assert!(log.healthy()),
            Err(error) => {
                assert!(matches!(error, AuditError::Write(..)), "{error}");
                assert!(error.to_string().contains("cannot be written"), "{error}");
                assert!(error.fix().starts_with("Raise the limit"), "{}", error.fix());
                assert!(!log.healthy());
                return number;
            }
        }
    }
    unreachable!("there is a limit")
}

/// Leaves of the torn line its beginning alone.
fn make_room(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let torn = text.rfind('\n').unwrap() + 1;
    assert!(text.len() > torn + 10, "the limit is in the middle of a line");
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(u64::try_from(torn).unwrap() + 10).unwrap();
}

#[test]
#[ignore = "it is run by another test, in a process with a limit"]
fn writes_fail_and_do_again() {
    let path = log_path();
    let log = AuditLog::open(&path).unwrap();
    let filled = fill(&log);
    assert_eq!(fs::metadata(&path).unwrap().len(), LIMIT, "a line was torn");

    // All who come now are told, each of many at once too.
    runtime().block_on(async {
        let waiting: Vec<_> = (0..50)
            .map(|number| {
                let durability =
                    if number % 2 == 0 { Durability::Synced } else { Durability::Written };
                log.write(run_line(number), durability)
            })
            .collect();
        for outcome in waiting {
            assert!(matches!(outcome.await, Err(AuditError::Write(..))));
        }
    });
    assert!(!log.healthy());

    // There is room again, behind what is left of the torn line.
    make_room(&path);
    write(&log, run_line(1_000)).unwrap();
    assert!(log.healthy());
    let (found, unreadable) = lines(&path);
    assert_eq!(found.len() as u128, 1 + filled + 1);
    assert_eq!(found.last(), Some(&run_line(1_000)));
    assert_eq!(unreadable.len(), 1, "the torn line alone is lost");
}

#[test]
#[ignore = "it is run by another test, in a process with a limit"]
fn it_gets_well_by_itself() {
    let path = log_path();
    let log = AuditLog::open(&path).unwrap();
    fill(&log);
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!log.healthy(), "nothing has changed");
    make_room(&path);
    let well = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        log.healthy()
    });
    assert!(well, "no line came, and yet it was tried");
    write(&log, run_line(1_000)).unwrap();
    assert_eq!(lines(&path).0.last(), Some(&run_line(1_000)));
}

#[test]
#[ignore = "it is run by another test, in a process with a limit"]
fn another_file_takes_its_place() {
    let path = log_path();
    let log = AuditLog::open(&path).unwrap();
    fill(&log);
    fs::rename(&path, path.with_extension("1")).unwrap();
    runtime().block_on(log.reopen()).unwrap();
    assert!(log.healthy());
    write(&log, run_line(1_000)).unwrap();
    assert_eq!(lines(&path).0[1..], [run_line(1_000)]);
}

#[test]
fn on_a_full_disk_all_are_told_and_one_line_is_lost() {
    limited("audit::full::writes_fail_and_do_again", &Place::new().path);
}

#[test]
fn a_log_gets_well_when_there_is_room_again() {
    limited("audit::full::it_gets_well_by_itself", &Place::new().path);
}

#[test]
fn a_full_file_can_be_moved_away() {
    limited("audit::full::another_file_takes_its_place", &Place::new().path);
}
