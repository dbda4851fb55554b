//! Keys that expire while the server runs, and tenants whose keys are all revoked.

use std::fs;

use serde_json::Value;

use crate::serve::reload::reload;
use crate::serve::server::{Place, Server, connection, eventually};

fn place() -> Place {
    Place::with(&connection("main", "http://127.0.0.1:9", "http://127.0.0.1:9"))
}

fn status(server: &Server, key: &str) -> u16 {
    server.get(key, "/v1/actions").status
}

#[test]
fn a_key_is_refused_from_its_end_on() {
    let place = place();
    let lasting = place.add("contoso", "main", &[]);
    let short = place.add("fabrikam", "main", &["--expires", "3s"]);
    let server = place.serve(&[]);
    assert_eq!(status(&server, &short), 200);
    eventually("it has expired", || status(&server, &short) == 401);
    // As one that nobody has.
    let expired = server.get(&short, "/v1/actions").problem(401, "unauthenticated");
    let unknown = server.get("o365_unknown", "/v1/actions").problem(401, "unauthenticated");
    assert_eq!(expired, unknown);
    assert_eq!(status(&server, &lasting), 200);
    // The log tells them apart, and has neither the key nor its hash.
    let count = |name: &str| -> u64 {
        let said = server.said();
        let lines = said.lines().filter(|line| line.contains("unauthenticated requests"));
        let objects = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        objects.map(|line| line["fields"][name].as_u64().or(line[name].as_u64()).unwrap()).sum()
    };
    eventually("both are counted", || count("expired_key") >= 2 && count("wrong_key") == 1);
    let hash = runner::api_key::KeyHash::of(&short).to_string();
    assert!(!server.said().contains(&short) && !server.said().contains(&hash[7..]));
}

#[test]
fn the_log_warns_of_keys_that_expire_soon() {
    let place = place();
    place.add("contoso", "main", &["--expires", "15d"]);
    place.add("fabrikam", "main", &["--expires", "13d"]);
    let server = place.serve(&[]);
    let warned =
        |of: &str| server.said().matches(&format!("the last key of {of} expires at ")).count();
    eventually("it warns", || warned("tenant fabrikam") == 1);
    let told = server.said();
    assert!(told.contains("; o365 tenant rotate fabrikam makes another one"), "{told}");
    assert_eq!(warned("tenant contoso"), 0);
    place.o365(&["tenant", "add", "--operator", "--expires", "13d"]).result();
    reload(&server);
    assert_eq!((warned("tenant fabrikam"), warned("the operator")), (2, 1));
    assert!(!server.said().contains("sha256:"), "{}", server.said());
}

#[test]
fn a_key_with_a_successor_is_not_warned_of() {
    let place = place();
    place.add("contoso", "main", &["--expires", "13d"]);
    place.o365(&["tenant", "rotate", "contoso"]).result();
    place.add("fabrikam", "main", &["--expires", "13d"]);
    place.o365(&["tenant", "rotate", "fabrikam", "--expires", "15d"]).result();
    // The last of these ends soon too.
    place.add("woodgrove", "main", &["--expires", "13d"]);
    let last = place.o365(&["tenant", "add", "woodgrove", "--another-key", "--expires", "12d"]);
    last.result();
    let server = place.serve(&[]);
    eventually("it warns", || server.said().contains("the last key of tenant woodgrove expires"));
    let warned = |of: &str| server.said().contains(&format!("tenant {of} expires"));
    assert!(!warned("contoso") && !warned("fabrikam"), "{}", server.said());
}

#[test]
fn a_list_without_keys_revokes_them_all() {
    let place = place();
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    assert_eq!(status(&server, &key), 200);
    let hash = runner::api_key::KeyHash::of(&key).to_string();
    let text = fs::read_to_string(place.config()).unwrap();
    fs::write(place.config(), text.replace(&format!("\"{hash}\""), "")).unwrap();
    reload(&server);
    assert_eq!(status(&server, &key), 401);
    let another = place.o365(&["tenant", "rotate", "contoso"]).result();
    reload(&server);
    assert_eq!(status(&server, another["key"].as_str().unwrap()), 200);
    // Its tenant is there, also for a server that starts anew.
    drop(server);
    fs::write(place.config(), text.replace(&format!("\"{hash}\""), "")).unwrap();
    assert_eq!(status(&place.serve(&[]), &key), 401);
}

#[test]
fn a_rotation_keeps_the_old_key_for_a_while_or_not_at_all() {
    let place = place();
    let first = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let second = place.o365(&["tenant", "rotate", "contoso"]).result();
    let second = second["key"].as_str().unwrap();
    reload(&server);
    assert_eq!([&first, second].map(|key| status(&server, key)), [200, 200]);
    let third = place.o365(&["tenant", "rotate", "contoso", "--now"]).result();
    let third = third["key"].as_str().unwrap();
    reload(&server);
    assert_eq!([&first, second, third].map(|key| status(&server, key)), [401, 401, 200]);
}
