//! The crate `disk`: what is left of a file, who has a lock, and what is committed together.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]
#![cfg(unix)]

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use disk::group::{Commit, GroupCommit, Refused};
use disk::lock::{self, Lock};
use disk::private::{self, Exposure, PrivateDirError};
use disk::regular;
use disk::replace::{Replacement, Synced, replace};

/// The names in a directory.
fn names(directory: &std::path::Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_as_a_whole_and_for_its_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let (path, link) = (place.path().join("file"), place.path().join("link"));
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    symlink(&path, &link).unwrap();

    let mut given_up = Replacement::of(&path).unwrap();
    given_up.write_all(b"half of the n").unwrap();
    assert_eq!(names(place.path()).len(), 3);
    drop(given_up);
    assert_eq!(fs::read(&path).unwrap(), b"old");

    for synced in [Synced::Nothing, Synced::Content, Synced::ContentAndName] {
        replace(&link, b"new", synced).unwrap();
        // The link itself was replaced, and what it led to stays.
        assert!(fs::symlink_metadata(&link).unwrap().is_file());
        assert_eq!(fs::read(&link).unwrap(), b"new");
        assert_eq!(fs::metadata(&link).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
    assert_eq!(names(place.path()), ["file", "link"]);
}

#[test]
fn a_lock_has_one_holder_and_is_released_when_it_is_dropped() {
    let place = tempfile::tempdir().unwrap();
    let path = lock::beside(&place.path().join("file")).unwrap();
    assert_eq!(path, place.path().join(".file.lock"));
    let open = || Lock::on(regular::open_with(&private::file_options(), &path).unwrap());
    let (one, other) = (open(), open());
    assert!(one.try_take().unwrap());
    assert!(!other.try_take().unwrap());
    // A second handle of the same file, as a child process has it, does not keep the lock.
    let inherited = one.file().try_clone().unwrap();
    drop(one);
    assert!(other.try_take().unwrap());
    drop(inherited);
    assert!(lock::beside("/".as_ref()).is_err());
}

#[test]
fn a_directory_is_for_one_user_alone() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("one/two");
    private::open_dir(&path).unwrap();
    let mode = |path| private::shared_mode(&fs::metadata(path).unwrap());
    assert_eq!(mode(&path), None);
    fs::set_permissions(&path, Permissions::from_mode(0o750)).unwrap();
    assert_eq!(mode(&path), Some(0o750));
    let error = private::open_dir(&path).unwrap_err();
    assert!(matches!(error, PrivateDirError::NotPrivate(_)), "{error}");

    let file = path.join("file");
    regular::open_with(&private::file_options(), &file).unwrap();
    assert_eq!(mode(&file), None);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    private::close_to_others(&File::open(&file).unwrap()).unwrap();
    assert_eq!(mode(&file), None);
}

#[test]
fn a_secret_is_for_its_owner_and_if_that_is_root_for_a_group() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("secret");
    fs::write(&path, "").unwrap();
    let exposure = |mode| {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        private::exposure(&fs::metadata(&path).unwrap())
    };
    let closed_by_600 = |mode| Some(Exposure { mode, closed: 0o600 });
    if rustix::process::geteuid().is_root() {
        for mode in [0o400, 0o600, 0o440, 0o640] {
            assert_eq!(exposure(mode), None, "{mode:o}");
        }
        for mode in [0o444, 0o644, 0o460, 0o650, 0o604, 0o601] {
            assert_eq!(exposure(mode), closed_by_600(mode), "{mode:o}");
        }
        chown(&path, Some(65534), None).unwrap();
    } else {
        // Root's files on every machine.
        let of = |path| private::exposure(&fs::metadata(path).unwrap());
        assert_eq!(of("/etc/passwd"), Some(Exposure { mode: 0o644, closed: 0o640 }));
        assert_eq!(of("/etc/shadow"), None);
    }
    for mode in [0o400, 0o600] {
        assert_eq!(exposure(mode), None, "{mode:o}");
    }
    for mode in [0o440, 0o640, 0o444, 0o620] {
        assert_eq!(exposure(mode), closed_by_600(mode), "{mode:o}");
    }
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    let place = tempfile::tempdir().unwrap();
    for path in [place.path(), "/dev/zero".as_ref()] {
        let error = regular::read_start(path, 3).unwrap_err();
        assert!(regular::not_regular(&error).is_some(), "{error}");
    }
    let path = place.path().join("file");
    let error = regular::open(&path).unwrap_err();
    assert!(regular::not_regular(&error).is_none(), "{error}");
    fs::write(&path, "12345").unwrap();
    assert_eq!(regular::read_start(&path, 3).unwrap(), b"123");
}

/// Tells of each batch, and waits to be let on.
struct Batches {
    told: Sender<Vec<usize>>,
    on: Receiver<()>,
}

impl Commit for Batches {
    type Request = usize;

    const MOST: usize = 4;
    const FULL: usize = 100;

    fn size(request: &usize) -> usize {
        *request
    }

    fn patience(&self) -> Option<Duration> {
        None
    }

    fn commit(&mut self, batch: Vec<usize>) {
        self.told.send(batch).unwrap();
        self.on.recv().unwrap();
    }
}

#[test]
fn what_waits_is_committed_together_as_far_as_it_fits() {
    let (told, batches) = channel();
    let (go, on) = channel();
    let group = GroupCommit::start("batches", 7, || Batches { told, on }).unwrap();
    group.send(0).unwrap();
    assert_eq!(batches.recv().unwrap(), [0]);
    // While it commits the first, seven may wait.
    for request in [1, 2, 3, 4, 5, 95, 6] {
        group.send(request).unwrap();
    }
    assert_eq!(group.send(7), Err(Refused::Full));
    for _ in 0..4 {
        go.send(()).unwrap();
    }
    // Dropping it waits for all of them.
    drop(group);
    let batches: Vec<Vec<usize>> = batches.iter().collect();
    assert_eq!(batches, [vec![1, 2, 3, 4], vec![5, 95], vec![6]]);
}

#[test]
fn a_thread_that_has_ended_takes_nothing() {
    let (told, batches) = channel();
    let (go, on) = channel::<()>();
    let group = GroupCommit::start("ended", 7, || Batches { told, on }).unwrap();
    drop(go);
    // It panics at the first, since nobody lets it on.
    group.send(0).unwrap();
    assert_eq!(batches.iter().count(), 1);
    // Its end of the queue goes a moment later.
    for _ in 0..1000 {
        if group.send(1) == Err(Refused::Ended) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    // However many are refused, it is for that reason.
    assert!((0..20).all(|request| group.send(request) == Err(Refused::Ended)));
}
