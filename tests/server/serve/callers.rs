//! What a caller is told of a failure that is the operator's: that it is one, and nothing of the
//! operator's network; and what is no failure of the server.

use serde_json::Value;

use crate::serve::server::{MAIL, Place, account, connection, eventually, mail, seats};
use support::simulate;

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn who_could_not_reach_microsoft_learns_no_address_and_the_log_has_it() {
    let graph = simulate::Server::start(&[]);
    let hosts = [(NOBODY, graph.http()), (graph.http(), NOBODY)];
    for (graph_url, login) in hosts {
        let place = Place::with(&connection("main", graph_url, login));
        let key = place.add("contoso", "main", &[]);
        let server = place.serve(&[]);
        for (action, input) in [("is-license-available", seats()), (MAIL, mail())] {
            let refused = server.action(&key, action, &input).send();
            let error = refused.problem(502, "transport");
            assert_eq!(error["retrySafe"], true, "{error}");
            for told in ["127.0.0.1", "login-url", "graph-url", "proxy"] {
                assert!(!refused.text().contains(told), "{told}: {error}");
            }
            let run = refused.run();
            eventually("the log says what happened", || {
                let of_run = |line: &str| line.contains(&run) && line.contains("port 1 ");
                server.said().lines().any(of_run)
            });
        }
    }
}

#[test]
fn a_run_that_exceeds_a_limit_of_its_tenant_is_no_failure_of_the_server() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connection("main", graph.http(), graph.http()));
    let key = place.add("contoso", "main", &[]);
    place.set("tenants.contoso", "requests-per-run = 1");
    let server = place.serve(&[]);
    let create = || {
        let call = server.action(&key, "create-user", &account("allen"));
        call.header("Idempotency-Key", "one").send()
    };
    let limited = create();
    let error = limited.problem(422, "sandbox");
    assert_eq!((&error["limit"], &error["retrySafe"]), (&"requests".into(), &Value::from(true)));
    // The operator may raise it, so its key is free.
    assert_ne!(create().run(), limited.run());
}
