//! Progress, cancelling, and clients that disconnect.

use std::time::Duration;

use serde_json::{Value, json};
use support::simulate;

use crate::mcp::session::{Session, user};
use crate::serve::gate::Gate;
use crate::serve::killed::graph;
use crate::serve::server::{Place, connection, eventually};

/// A session on a simulated Graph over the network, whose answers can be held back.
fn behind_a_gate() -> (Session, Gate, simulate::Server) {
    let place = Place::new();
    let graph = graph(&place);
    let gate = Gate::to(graph.http());
    let connection = connection("contoso", &gate.url(), graph.http());
    std::fs::write(place.config(), connection).unwrap();
    (Session::start_in(place, &[]), gate, graph)
}

/// Whether the directory has the user in the end.
fn has_user(session: &Session, graph: simulate::Server, nickname: &str) -> bool {
    assert_eq!(graph.interrupt(), 0);
    simulate::has(&simulate::tenant(&session.place.path("tenant.json")), nickname)
}

/// The lines of the session's audit log that are of ended runs.
fn audited(session: &Session) -> Vec<Value> {
    let log = session.place.path("state/mcp/1/audit.jsonl");
    let lines = session.place.o365(&["audit", log.to_str().unwrap()]).result();
    lines.as_array().unwrap().clone()
}

#[test]
fn a_client_that_asks_for_it_sees_the_progress() {
    let mut session = Session::start(&[]);
    let params = json!({
        "name": "create-user", "arguments": user("allen"), "_meta": { "progressToken": "p-1" },
    });
    let done = session.request("tools/call", params)["result"].take();
    assert_eq!(done["isError"], false, "{done}");
    let steps: Vec<&Value> = session.notified.iter().map(|it| &it["params"]).collect();
    assert!(steps.len() >= 6, "{steps:?}");
    for (number, step) in (1..).zip(&steps) {
        assert_eq!(step["progressToken"], "p-1");
        assert_eq!(step["progress"].as_f64(), Some(f64::from(number)), "{step}");
    }
    let messages: Vec<&str> = steps.iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(messages[0], "GET /subscribedSkus is sent");
    assert!(messages.contains(&"POST /users returned 201"), "{messages:?}");
    let before = messages.len();
    session.done("import-catalog", json!({}));
    assert_eq!(session.notified.len(), before);
}

#[test]
fn a_cancelled_run_ends_before_its_next_write() {
    let (mut session, gate, graph) = behind_a_gate();
    gate.hold_at("GET /v1.0/subscribedSkus");
    let id =
        session.begin("tools/call", json!({ "name": "create-user", "arguments": user("allen") }));
    eventually("the first read is sent", || gate.is_held());
    session.notify("notifications/cancelled", json!({ "requestId": id, "reason": "never mind" }));
    eventually("the run is over", || !audited(&session).is_empty());
    gate.release();
    assert_eq!(audited(&session)[0]["outcome"], "cancelled");
    session.done("country-codes", json!({}));
    assert!(!has_user(&session, graph, "allen"));
}

#[test]
fn a_run_ends_as_it_would_when_its_client_leaves() {
    let (mut session, gate, graph) = behind_a_gate();
    gate.hold_at("POST /v1.0/users ");
    session.begin("tools/call", json!({ "name": "create-user", "arguments": user("allen") }));
    eventually("the write is sent", || gate.is_held());
    session.leave();
    std::thread::sleep(Duration::from_millis(300));
    gate.release();
    let (_, code) = session.rest();
    assert_eq!(code, 0);
    assert!(has_user(&session, graph, "allen"));
    let [run] = &audited(&session)[..] else { panic!("{:?}", audited(&session)) };
    assert_eq!((&run["outcome"], &run["action"]), (&json!("done"), &json!("create-user")));
    assert!(run["idempotencyKey"].is_string(), "{run}");
}

#[test]
fn the_next_session_goes_on_with_what_a_crash_has_left() {
    let (mut first, gate, graph) = behind_a_gate();
    let mut second = Session::start_beside(&first);
    gate.hold_at("POST /v1.0/users ");
    let call = json!({ "name": "create-user", "arguments": user("allen") });
    second.begin("tools/call", call);
    eventually("the write is sent", || gate.is_held());
    second.kill();
    gate.release();
    first.leave();
    assert_eq!(first.rest().1, 0);
    // Its own directory would be the first one.
    let mut third = Session::start_beside(&first);
    let done = third.done("create-user", user("allen"));
    assert_eq!(done["replayed"], true, "{done}");
    let log = third.place.path("state/mcp/2/audit.jsonl");
    let lines = third.place.o365(&["audit", log.to_str().unwrap()]).result();
    assert_eq!((&lines[0]["outcome"], &lines[0]["resumed"]), (&json!("done"), &json!(true)));
    assert!(has_user(&third, graph, "allen"));
}
