//! What systemd says of the files for it.

use std::fs;
use std::process::{Command, Output};

use support::install::debian;
use support::{program, root};
use tempfile::TempDir;

/// The highest exposure that is allowed, in tenths of what `systemd-analyze security` shows: 0 is
/// the best, and 100 the worst.
const EXPOSURE: u32 = 15;

/// The unit, in a place of its own, with the binary of this build.
fn unit() -> (TempDir, String) {
    let place = TempDir::new().unwrap();
    let text = fs::read_to_string(root().join("packaging/systemd/o365.service")).unwrap();
    let built = text.replace("=/usr/bin/o365 ", &format!("={} ", program().display()));
    assert_ne!(text, built);
    let path = place.path().join("o365.service");
    fs::write(&path, built).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (place, path)
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

#[test]
fn the_unit_has_no_mistake() {
    let Some(analyze) = debian("systemd-analyze", "systemd") else { return };
    let (_place, path) = unit();
    let output = Command::new(analyze).args(["verify", "--man=no", &path]).output().unwrap();
    let said = text(&output);
    // It also speaks of other units of the machine. A key that it does not know is no failure.
    let about = said.lines().find(|line| line.contains("o365"));
    assert_eq!((about, output.status.success()), (None, true), "{said}");
}

#[test]
fn the_unit_exposes_little() {
    let Some(analyze) = debian("systemd-analyze", "systemd") else { return };
    let (_place, path) = unit();
    let threshold = format!("--threshold={EXPOSURE}");
    let output = Command::new(analyze)
        .args(["security", "--no-pager", "--offline=true", &threshold, &path])
        .output()
        .unwrap();
    let said = text(&output);
    assert!(said.contains("Overall exposure level for o365.service"), "{said}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_user_is_that_of_the_unit() {
    let Some(sysusers) = debian("systemd-sysusers", "systemd") else { return };
    let place = TempDir::new().unwrap();
    fs::create_dir(place.path().join("etc")).unwrap();
    let output = Command::new(sysusers)
        .arg(format!("--root={}", place.path().display()))
        .arg("-")
        .stdin(fs::File::open(root().join("packaging/systemd/o365.sysusers")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let unit = fs::read_to_string(root().join("packaging/systemd/o365.service")).unwrap();
    for (file, key) in [("passwd", "User="), ("group", "Group=")] {
        let name = unit.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        let made = fs::read_to_string(place.path().join("etc").join(file)).unwrap();
        assert!(made.lines().any(|line| line.starts_with(&format!("{name}:"))), "{made}");
    }
}
