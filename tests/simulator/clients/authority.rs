//! Who signs the certificate of `o365 simulate`, and for whom.

use std::fs;
use std::process::Command;

use support::o365;
use support::simulate::Server;

use super::microsoft;

const GRAPH: &str = "graph.microsoft.com";

/// Whether a client that trusts the certificate in a file has an answer under Graph's name.
fn is_trusted(server: &Server, certificate: &str) -> bool {
    match server.asked_by_curl(GRAPH, "/v1.0/users", certificate, &[]).0 {
        401 => true,
        0 => false,
        other => panic!("{other}"),
    }
}

#[test]
fn an_authority_that_is_kept_stays_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (key, trusted) = (place("key.pem"), place("trusted.pem"));
    let options = ["--as-microsoft", "--authority-key", &key];
    let first = Server::start(&options);
    fs::copy(first.certificate(), &trusted).unwrap();
    assert!(is_trusted(&first, &trusted));
    let kept = fs::read(&key).unwrap();
    assert_eq!(first.interrupt(), 0);
    let second = Server::start(&options);
    assert!(is_trusted(&second, &trusted), "from the start before");
    assert!(is_trusted(&second, second.certificate()));
    assert_eq!(fs::read(&key).unwrap(), kept);
    // Without its key, each server has an authority of its own; its key is nowhere.
    let other = Server::start(&["--as-microsoft"]);
    assert!(!is_trusted(&other, &trusted));
    assert!(!fs::read_to_string(other.certificate()).unwrap().contains("PRIVATE"));
    // That of this machine's names is another, and not for Graph.
    let local = Server::start(&["--authority-key", &key]);
    assert!(!is_trusted(&second, local.certificate()));
}

#[test]
fn an_authority_signs_for_the_names_of_its_server_alone() {
    let Some(project) = microsoft::python() else { return };
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem");
    let server = Server::start(&["--as-microsoft", "--authority-key", key.to_str().unwrap()]);
    let ended = Command::new(project.join("venv/bin/python"))
        .arg(project.join("authority.py"))
        .args([server.certificate().as_ref(), key.as_path()])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_file_that_is_no_key_of_its_own_is_told_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem");
    let text = key.to_str().unwrap();
    let start = || {
        let ended = o365(["simulate", "--port", "0", "--json", "--authority-key", text]).run();
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        ended.error()["message"].as_str().unwrap().to_owned()
    };
    for foreign in [&b""[..], b"a note of mine", b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\n"] {
        fs::write(&key, foreign).unwrap();
        close(&key, 0o600);
        assert!(start().contains("no private key"), "{foreign:?}");
        assert_eq!(fs::read(&key).unwrap(), foreign);
    }
    fs::remove_file(&key).unwrap();
    assert_eq!(Server::start(&["--authority-key", text]).interrupt(), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        close(&key, 0o644);
        assert!(start().contains("others have access"));
    }
    let nowhere = directory.path().join("no/key.pem");
    let nowhere = nowhere.to_str().unwrap();
    let ended = o365(["simulate", "--port", "0", "--json", "--authority-key", nowhere]).run();
    assert_eq!(ended.code, 4);
    assert!(ended.stderr.contains(nowhere), "{}", ended.stderr);
}

/// Sets the permission bits of a file.
fn close(path: &std::path::Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}
