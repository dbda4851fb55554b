//! The new file in place of the old one.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;
use std::thread;
use std::time::Instant;

use runner::connections::file::Connections;

use crate::tenants::place::{Place, connection};
use support::o365;

/// How often a command is killed.
const STEPS: u32 = 60;

#[test]
fn ten_at_the_same_time_lose_none() {
    let place = Place::new(&connection("contoso"));
    let keys: Vec<(String, String)> = thread::scope(|scope| {
        let adding: Vec<_> = (0..10)
            .map(|number| {
                let place = &place;
                scope.spawn(move || {
                    let id = format!("tenant-{number}");
                    let key = place.add(&[&id]);
                    (id, key)
                })
            })
            .collect();
        adding.into_iter().map(|adding| adding.join().unwrap()).collect()
    });
    let configuration = place.read();
    assert_eq!(configuration.tenants().count(), 10);
    for (id, key) in keys {
        let tenant = configuration.tenants().find(|tenant| tenant.id == id).unwrap();
        assert!(tenant.keys[0].matches(&key));
    }
}

#[test]
fn of_two_that_add_the_same_tenant_one_is_refused() {
    let place = Place::new(&connection("contoso"));
    let codes = thread::scope(|scope| {
        let adding = [(); 4].map(|()| scope.spawn(|| place.tenant(&["add", "fabrikam"]).run()));
        let mut codes = adding.map(|adding| adding.join().unwrap().code);
        codes.sort_unstable();
        codes
    });
    assert_eq!(codes, [0, 2, 2, 2]);
    assert_eq!(place.read().tenants().count(), 1);
}

#[test]
fn a_link_stays_one_and_its_file_is_replaced() {
    let place = Place::new(&connection("contoso"));
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("linked.toml");
    symlink(place.file(), &link).unwrap();
    let link_to_link = elsewhere.path().join("o365.toml");
    symlink("linked.toml", &link_to_link).unwrap();
    let ended = o365(["tenant", "add", "fabrikam"]).directory(elsewhere.path()).run();
    assert_eq!(ended.result()["tenant"], "fabrikam");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&link_to_link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(place.file()).unwrap().is_file());
    assert_eq!(place.read().tenants().count(), 1);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 2);
}

#[test]
fn mode_and_owner_stay_and_nothing_is_left_beside() {
    for mode in [0o600, 0o640, 0o664] {
        let place = Place::new(&connection("contoso"));
        fs::set_permissions(place.file(), Permissions::from_mode(mode)).unwrap();
        // Only root can give a file away; for others this says nothing.
        let given = std::os::unix::fs::chown(place.file(), Some(4321), Some(8765)).is_ok();
        place.add(&["fabrikam"]);
        let metadata = fs::metadata(place.file()).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, mode);
        if given {
            assert_eq!((metadata.uid(), metadata.gid()), (4321, 8765));
        }
        let mut names: Vec<_> =
            fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".o365.toml.lock", "o365.toml"]);
    }
}

#[test]
fn a_read_only_file_is_not_replaced() {
    let place = Place::new(&connection("contoso"));
    fs::set_permissions(place.file(), Permissions::from_mode(0o444)).unwrap();
    let ended = place.refused(&["fabrikam"]);
    assert_eq!(ended.code, 4);
    let error = ended.error();
    assert_eq!(error["message"], "the configuration o365.toml is read-only");
    assert_eq!(error["fix"], "Run chmod u+w o365.toml, if it may be changed.");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_file_of_another_user_is_not_taken_away() {
    let place = Place::new(&connection("contoso"));
    let path = place.path().to_owned();
    // As root this needs another user who may write there, and setpriv to be that one.
    let root = fs::metadata(&path).unwrap().uid() == 0;
    if !root {
        eprintln!("skipped: only root can be another user for a moment");
        return;
    }
    for path in [&path, &place.file()] {
        fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
    }
    let binary = tempfile::tempdir().unwrap();
    fs::set_permissions(binary.path(), Permissions::from_mode(0o755)).unwrap();
    let own = binary.path().join("o365");
    fs::copy(support::program(), &own).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=4321", "--regid=4321", "--clear-groups"])
        .arg(own)
        .args(["tenant", "add", "fabrikam", "--json"])
        .current_dir(&path)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("belongs to another user or group"), "{told}");
    assert_eq!(place.text(), connection("contoso"));
    assert_eq!(fs::metadata(place.file()).unwrap().uid(), 0);
}

#[test]
fn what_is_in_the_way_of_the_lock_is_told() {
    let place = Place::new(&connection("contoso"));
    fs::create_dir(place.path().join(".o365.toml.lock")).unwrap();
    let error = place.refused(&["fabrikam"]).error();
    let message = "the configuration o365.toml cannot be written: it is a directory, not a file";
    assert_eq!(error["message"], message);
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let text = connection("contoso");
    let place = Place::new(&text);
    let add = || place.tenant(&["add", "fabrikam", "--action", "create-user"]);
    let started = Instant::now();
    assert_eq!(add().run().code, 0);
    let whole = started.elapsed();
    let mut written = 0;
    for step in 0..STEPS {
        fs::write(place.file(), &text).unwrap();
        // To the end of the command and beyond.
        add().killed_after(whole * 3 / 2 * step / STEPS);
        let configuration = Connections::read(&place.file()).unwrap();
        match configuration.tenants().count() {
            0 => assert_eq!(place.text(), text),
            count => {
                assert_eq!(count, 1);
                written += 1;
            }
        }
    }
    // Nothing that a killed one leaves is in the way of the next.
    fs::write(place.file(), &text).unwrap();
    place.add(&["fabrikam"]);
    assert!(written < STEPS, "none was killed early");
}
