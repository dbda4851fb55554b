//! `SIGHUP`: the configuration as it is now, and the audit log where it is now.

use std::fs;

use crate::serve::server::{Place, Server, account, connection, eventually, seats};

const AVAILABLE: &str = "is-license-available";

/// A place with connections that are never opened.
fn place() -> Place {
    let (graph, login) = ("http://127.0.0.1:9", "http://127.0.0.1:9");
    Place::with(&["main", "other"].map(|id| connection(id, graph, login)).concat())
}

fn status(server: &Server, key: &str) -> u16 {
    server.get(key, "/v1/actions").status
}

/// Has it read the configuration, which it says when it has.
pub fn reload(server: &Server) {
    let before = server.said().matches("read again").count();
    server.signal("HUP");
    eventually("it has read it", || server.said().matches("read again").count() > before);
}

#[test]
fn keys_and_tenants_come_and_go() {
    let place = place();
    let first = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let second = place.add("fabrikam", "other", &["--action", "country-codes"]);
    let another = place.o365(&["tenant", "add", "contoso", "--another-key"]).result();
    let another = another["key"].as_str().unwrap();
    assert_eq!([&first, &second, another].map(|key| status(&server, key)), [200, 401, 401]);
    reload(&server);
    assert_eq!([&first, &second, another].map(|key| status(&server, key)), [200, 200, 200]);
    let few = server.get(&second, "/v1/actions").done();
    assert_eq!(few.as_array().unwrap().len(), 1);
    server.action(&second, "country-codes", &serde_json::json!({})).send().done();
    // The first key and the second tenant go.
    let text = fs::read_to_string(place.config()).unwrap();
    let (kept, _) = text.split_once("[tenants.fabrikam]").unwrap();
    let hash = runner::api_key::KeyHash::of(&first).to_string();
    let kept = kept.replace(&format!(", \"{hash}\""), "").replace(&format!("\"{hash}\", "), "");
    assert!(!kept.contains(&hash), "{kept}");
    fs::write(place.config(), kept).unwrap();
    reload(&server);
    assert_eq!([&first, &second, another].map(|key| status(&server, key)), [401, 401, 200]);
}

#[test]
fn simulated_directories_stay_as_they_are() {
    let place = place();
    let first = place.add("contoso", "main", &[]);
    let server = place.serve(&["--simulate"]);
    server.action(&first, "create-user", &account("allen")).send().done();
    let second = place.add("fabrikam", "main", &[]);
    reload(&server);
    // The user is there, and not in the directory of another tenant.
    server.action(&first, "create-user", &account("allen")).send().problem(409, "already-exists");
    server.action(&second, "create-user", &account("allen")).send().done();
}

#[test]
fn what_is_not_taken_before_a_new_start_is_told() {
    let place = place();
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    reload(&server);
    assert!(!server.said().contains("[serve]"), "{}", server.said());
    let text = fs::read_to_string(place.config()).unwrap();
    fs::write(place.config(), format!("[serve]\ngrace = 7\n{text}")).unwrap();
    reload(&server);
    let told = || server.said().matches("[serve] has changed").count();
    assert_eq!(told(), 1, "{}", server.said());
    // Nor does it begin to speak TLS.
    let tls = "[serve]\ncertificate = \"server.pem\"\nprivate-key = \"server.key\"\n";
    fs::write(place.config(), format!("{tls}{text}")).unwrap();
    reload(&server);
    assert_eq!(told(), 2, "{}", server.said());
    assert_eq!(status(&server, &key), 200);
}

#[test]
fn what_cannot_be_taken_leaves_the_rest_to_be_taken() {
    let place = place();
    let first = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let second = place.add("fabrikam", "other", &[]);
    // The log goes on in its file, and each says what became of it.
    let moved = place.path("moved.jsonl");
    fs::rename(place.audit_log(), &moved).unwrap();
    fs::create_dir(place.audit_log()).unwrap();
    reload(&server);
    assert!(server.said().contains("the audit log is not opened again"), "{}", server.said());
    assert!(!server.said().contains("configuration is unchanged"), "{}", server.said());
    assert_eq!([&first, &second].map(|key| status(&server, key)), [200, 200]);
    server.action(&second, "country-codes", &serde_json::json!({})).send().done();
    let moved = place.o365(&["audit", moved.to_str().unwrap()]).result();
    assert_eq!(moved.as_array().unwrap().len(), 1);
    // Of several faults each is named.
    let text = fs::read_to_string(place.config()).unwrap();
    fs::write(place.config(), format!("[serve]\ngrace = -1\nmax-runs = 0\n{text}")).unwrap();
    server.signal("HUP");
    eventually("both are told", || {
        ["line 2: serve.grace", "line 3: serve.max-runs"]
            .iter()
            .all(|at| server.said().contains(at))
    });
}

#[test]
fn a_broken_file_changes_nothing_and_is_told() {
    let place = place();
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let good = fs::read_to_string(place.config()).unwrap();
    let broken = [
        "[tenants.contoso\n".to_owned(),
        good.replace("connections = [\"main\"]", "connections = [\"nobodys\"]"),
        good.replace("[tenants.contoso]", "[tenants.contoso]\nactions = [\"delete-usr\"]"),
        // Nobody could call any more.
        good.split("[tenants").next().unwrap().to_owned(),
    ];
    for (count, text) in broken.iter().enumerate() {
        fs::write(place.config(), text).unwrap();
        server.signal("HUP");
        eventually("it says so", || {
            server.said().matches("the configuration is unchanged").count() == count + 1
        });
        assert_eq!(status(&server, &key), 200, "{text}");
    }
    fs::remove_file(place.config()).unwrap();
    server.signal("HUP");
    eventually("it says so", || {
        server.said().matches("the configuration is unchanged").count() == broken.len() + 1
    });
    assert_eq!(status(&server, &key), 200);
    assert!(!server.said().contains(&key[5..]));
    fs::write(place.config(), good).unwrap();
    reload(&server);
    assert_eq!(status(&server, &key), 200);
}

#[test]
fn the_audit_log_can_be_renamed_away() {
    let place = Place::new();
    let server = place.simulate(&[]);
    let call = || server.action(server.key(), AVAILABLE, &seats()).send().done();
    call();
    let rotated = place.path("audit.jsonl.1");
    fs::rename(place.audit_log(), &rotated).unwrap();
    call();
    assert!(!place.audit_log().exists(), "it writes on where it did");
    reload(&server);
    call();
    let runs = |path: &std::path::Path| {
        place.o365(&["audit", path.to_str().unwrap()]).result().as_array().unwrap().len()
    };
    assert_eq!((runs(&rotated), runs(&place.audit_log())), (2, 1));
}

#[test]
fn many_at_once_do_no_harm() {
    let place = place();
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    for _ in 0..50 {
        server.signal("HUP");
        assert_eq!(status(&server, &key), 200);
    }
    reload(&server);
    assert_eq!(status(&server, &key), 200);
}
