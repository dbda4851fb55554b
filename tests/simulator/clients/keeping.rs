//! What was acknowledged is in the tenant's file, whatever becomes of the server.

use std::fs;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use support::o365;
use support::simulate::{Server, TENANT, has, state, tenant};

#[tokio::test]
async fn a_change_is_in_the_file_before_it_is_acknowledged() {
    let (_directory, path) = state();
    let file = path.to_str().unwrap();
    let server = Server::start(&[file]);
    assert!(path.exists(), "it is there from the start");
    let token = server.token().await;
    for number in 0..5 {
        let nickname = format!("user{number}");
        assert_eq!(server.create(&nickname, &token).await.status, 201);
        assert!(has(&tenant(&path), &nickname));
    }
    server.kill();
    let again = Server::start(&[file]);
    // The token is the tenant's, not the process's.
    let user =
        again.graph(Method::GET, &format!("/users/user4@{TENANT}"), &token, Value::Null).await;
    assert_eq!(user.status, 200);
    assert_eq!(again.interrupt(), 0);
    let shown = o365(["simulate", file, "--show", "users", "--json"]).run().result();
    assert!(shown.to_string().contains("user4@"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_time_leaves_a_whole_file_with_all_that_was_acknowledged() {
    let (_directory, path) = state();
    let file = path.to_str().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..5_u64 {
        let server = Server::start(&[file]);
        let token = server.token().await;
        let creating = async {
            for number in 0.. {
                let nickname = format!("round{round}user{number}");
                if server.create(&nickname, &token).await.status == 201 {
                    acknowledged.push(nickname);
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(100 + 70 * round), creating).await;
        server.kill();
        let tenant = tenant(&path);
        let lost: Vec<&String> = acknowledged.iter().filter(|name| !has(&tenant, name)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
    assert!(acknowledged.len() > 5, "{}", acknowledged.len());
}

#[cfg(unix)]
#[tokio::test]
async fn a_change_that_cannot_be_kept_is_not_made() {
    use std::os::unix::fs::PermissionsExt;

    let (directory, path) = state();
    let inner = directory.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join(path.file_name().unwrap());
    let server = Server::start(&[path.to_str().unwrap(), "--log", "error"]);
    let token = server.token().await;
    // Not for root: a directory that is gone stops everybody.
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o700)).unwrap();
    let moved = directory.path().join("moved");
    fs::rename(&inner, &moved).unwrap();
    let answer = server.create("allen", &token).await;
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("cannot be written"));
    let is_logged = || server.requests().iter().any(|line| line["level"] == "ERROR");
    for _ in 0..100 {
        if is_logged() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_logged(), "{:?}", server.requests());
    let path = format!("/users/allen@{TENANT}");
    let user = server.graph(Method::GET, &path, &token, Value::Null).await;
    assert_eq!(user.status, 404);
    fs::rename(&moved, &inner).unwrap();
    assert_eq!(server.create("allen", &token).await.status, 201);
}

#[tokio::test]
async fn nobody_else_writes_the_file_meanwhile_and_a_foreign_one_is_left_alone() {
    let (directory, path) = state();
    let file = path.to_str().unwrap();
    let server = Server::start(&[file]);
    let option = format!("--simulate={file}");
    let waiting = o365(["run", "is-license-available", &option, "serviceId=SPE_E5"])
        .killed_after(Duration::from_secs(2));
    assert!(waiting, "a run waits for the server");
    assert_eq!(server.interrupt(), 0);
    let foreign = directory.path().join("mine.json");
    fs::write(&foreign, "{\"mine\": true}").unwrap();
    let ended = o365(["simulate", foreign.to_str().unwrap(), "--port", "0", "--json"]).run();
    assert_eq!(ended.code, 4);
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "{\"mine\": true}");
}
