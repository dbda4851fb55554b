//! What is opened, closed first, refused, and opened again.

use std::fs;

use runner::audit::{AuditError, AuditLog, Durability};

use crate::audit::sample::{Place, lines, run_line, runtime, write, write_line};

#[cfg(unix)]
#[test]
fn a_new_log_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::with([]);
    let mode = || fs::metadata(&place.path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    // Whoever lets a group read it means it.
    fs::set_permissions(&place.path, fs::Permissions::from_mode(0o640)).unwrap();
    AuditLog::open(&place.path).unwrap();
    assert_eq!(mode(), 0o640);
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let place = Place::new();
    let first = AuditLog::open(&place.path).unwrap();
    let clone = first.clone();
    drop(first);
    let error = AuditLog::open(&place.path).unwrap_err();
    assert!(matches!(error, AuditError::Locked(..)), "{error}");
    assert!(error.to_string().contains(place.name()), "{error}");
    assert_eq!(error.fix(), "End the other process, or name another file for this one.");

    drop(clone);
    let second = AuditLog::open(&place.path).unwrap();
    write(&second, run_line(1)).unwrap();
    assert_eq!(place.text().lines().count(), 2);
}

#[test]
fn a_log_goes_on_where_it_ended() {
    let place = Place::with([run_line(1)]);
    let before = place.text();
    let log = AuditLog::open(&place.path).unwrap();
    assert_eq!(place.text(), before);
    write(&log, run_line(2)).unwrap();
    assert!(place.text().starts_with(&before));
    assert_eq!(lines(&place.path).0.len(), 3);
}

/// A kill in the middle of a line: wherever it was, the lines before and after are whole.
#[test]
fn a_torn_tail_harms_no_other_line() {
    let whole = Place::with([write_line(1, 1), run_line(1)]).text();
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    for end in last..whole.len() {
        let place = Place::new();
        fs::write(&place.path, &whole[..end]).unwrap();
        let log = AuditLog::open(&place.path).unwrap();
        write(&log, run_line(2)).unwrap();
        let (lines, unreadable) = lines(&place.path);
        assert_eq!(lines.last(), Some(&run_line(2)), "cut at {end}");
        assert_eq!(lines[1], write_line(1, 1), "cut at {end}");
        // At the last byte, the newline alone is missing.
        let torn = if end == last || end == whole.len() - 1 { vec![] } else { vec![3] };
        assert_eq!(unreadable, torn, "cut at {end}");
    }
}

#[test]
fn a_torn_heading_is_written_again() {
    let heading = Place::with([]).text();
    for end in 0..heading.len() {
        let place = Place::new();
        fs::write(&place.path, &heading[..end]).unwrap();
        let log = AuditLog::open(&place.path).unwrap();
        write(&log, run_line(1)).unwrap();
        drop(log);
        assert!(place.text().contains(&heading), "cut at {end}");
        assert_eq!(lines(&place.path).0.last(), Some(&run_line(1)), "cut at {end}");
        AuditLog::open(&place.path).unwrap();
    }
}

#[test]
fn what_is_no_log_is_left_as_it_is() {
    let place = Place::new();
    let others = [
        "[connections.contoso]\ntenant = \"contoso.onmicrosoft.com\"\n",
        "{\"type\":\"log\",\"format\":\"o365-audit/2\"}\n",
        "{\"level\":\"info\"}\n{\"level\":\"info\"}",
        "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
        "x",
    ];
    for text in others {
        fs::write(&place.path, text).unwrap();
        let error = AuditLog::open(&place.path).unwrap_err();
        assert!(matches!(error, AuditError::Foreign(..)), "{text}: {error}");
        assert!(error.to_string().contains(place.name()), "{error}");
        assert_eq!(place.text(), text);
    }
}

#[test]
fn a_directory_and_a_place_that_is_not_there_are_refused() {
    let place = Place::new();
    let error = AuditLog::open(place.directory.path()).unwrap_err();
    assert!(error.to_string().ends_with("it is a directory, not a file"), "{error}");
    let error = AuditLog::open(&place.directory.path().join("no/audit.log")).unwrap_err();
    let fix = "Create the directory of the audit log, or name a file in another one.";
    assert_eq!(error.fix(), fix, "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_and_a_device_are_refused_without_waiting_for_anybody() {
    let place = Place::new();
    let pipe = place.directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), std::path::Path::new("/dev/full")] {
        let error = AuditLog::open(path).unwrap_err();
        let reason = "it is a pipe or a device, not a regular file";
        assert!(error.to_string().ends_with(reason), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_log_that_was_moved_away_is_opened_anew() {
    let place = Place::new();
    let moved = place.directory.path().join("audit.log.1");
    let log = AuditLog::open(&place.path).unwrap();
    runtime().block_on(async {
        // Nothing was moved: it stays open.
        log.reopen().await.unwrap();
        drop(log.write(run_line(1), Durability::Written));
        fs::rename(&place.path, &moved).unwrap();
        // Until it is told, the log follows its file.
        drop(log.write(run_line(2), Durability::Written));
        let reopened = log.reopen();
        drop(log.write(run_line(3), Durability::Written));
        reopened.await.unwrap();
        log.write(run_line(4), Durability::Synced).await.unwrap();
    });
    assert_eq!(lines(&moved).0[1..], [run_line(1), run_line(2)]);
    assert_eq!(lines(&place.path).0[1..], [run_line(3), run_line(4)]);
    // The old one is free, the new one is not.
    AuditLog::open(&moved).unwrap();
    AuditLog::open(&place.path).unwrap_err();
}

#[cfg(unix)]
#[test]
fn a_log_that_was_deleted_is_begun_anew_before_anything_is_lost_with_it() {
    let place = Place::new();
    let log = AuditLog::open(&place.path).unwrap();
    runtime().block_on(async {
        log.write(run_line(1), Durability::Synced).await.unwrap();
        fs::remove_file(&place.path).unwrap();
        log.write(run_line(2), Durability::Synced).await.unwrap();
        assert_eq!(lines(&place.path).0[1..], [run_line(2)]);
        // Where there can be no new one, nothing is taken.
        fs::remove_file(&place.path).unwrap();
        fs::create_dir(&place.path).unwrap();
        log.write(run_line(3), Durability::Synced).await.unwrap_err();
        assert!(!log.healthy());
        fs::remove_dir(&place.path).unwrap();
        log.write(run_line(4), Durability::Written).await.unwrap();
        assert!(log.healthy());
    });
    assert_eq!(lines(&place.path).0[1..], [run_line(4)]);
}

#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_opened_anew_stays_where_it_is() {
    let place = Place::new();
    let moved = place.directory.path().join("audit.log.1");
    let log = AuditLog::open(&place.path).unwrap();
    fs::rename(&place.path, &moved).unwrap();
    fs::create_dir(&place.path).unwrap();
    runtime().block_on(async {
        let error = log.reopen().await.unwrap_err();
        assert!(matches!(error, AuditError::Open(..)), "{error}");
        log.write(run_line(1), Durability::Written).await.unwrap();
    });
    assert_eq!(lines(&moved).0.last(), Some(&run_line(1)));
}
