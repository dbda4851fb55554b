//! Runs that nobody waits for: `Prefer: respond-async`.
//!
//! - `polled`: from the acceptance to the result
//! - `tokens`: who may poll
//! - `cancelled`: runs that are cancelled
//! - `callbacks`: callbacks, with a `receiver` of them
//! - `crashes`: what a kill or a stop of the server leaves

mod callbacks;
mod cancelled;
mod crashes;
mod polled;
mod receiver;
mod tokens;

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::serve::client::{Answer, Request};
use crate::serve::gate::Gate;
use crate::serve::killed::seen;
use crate::serve::server::{Place, Server, connected, connection};
use support::simulate;

/// A server of one tenant, whose Graph can be held back.
struct House {
    graph: simulate::Server,
    gate: Gate,
    place: Place,
    server: Server,
    key: String,
}

impl House {
    fn new() -> Self {
        Self::with("concurrent-runs = 4")
    }

    /// One whose tenant has this line.
    fn with(line: &str) -> Self {
        let graph = simulate::Server::start(&[]);
        let gate = Gate::to(graph.http());
        let connections =
            connection("main", &gate.url(), graph.http()) + &connected("other", &graph);
        let place = Place::with(&connections);
        let key = place.add("contoso", "main", &[]);
        place.set("tenants.contoso", line);
        let server = place.serve(&[]);
        Self { graph, gate, place, server, key }
    }

    /// A call for whose result nobody waits.
    fn later(&self, action: &str, input: &Value) -> Request {
        later(&self.server, &self.key, action, input)
    }

    /// Kills the server, and starts another one.
    fn restart(self) -> Self {
        self.restart_with(&[])
    }

    /// The same with further arguments.
    fn restart_with(self, arguments: &[&str]) -> Self {
        let Self { graph, gate, place, server, key } = self;
        server.kill();
        let server = place.serve(arguments);
        Self { graph, gate, place, server, key }
    }

    /// How many writes Graph has got whose paths end so.
    fn writes(&self, end: &str) -> usize {
        let writes = seen(&self.graph);
        writes.iter().filter(|it| it["path"].as_str().is_some_and(|it| it.ends_with(end))).count()
    }
}

fn later(server: &Server, key: &str, action: &str, input: &Value) -> Request {
    server.action(key, action, input).header("Prefer", "respond-async")
}

/// The address of an accepted run, without the server's.
#[track_caller]
fn target(server: &Server, accepted: &Answer) -> String {
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let location = accepted.header("location");
    let target = location.strip_prefix(server.url()).unwrap_or_else(|| panic!("{location}"));
    assert!(target.starts_with(&format!("/v1/runs/{}?token=", accepted.run())), "{target}");
    target.to_owned()
}

/// Polls as Power Automate does, without a key, until the answer is no 202.
#[track_caller]
fn polled(server: &Server, target: &str) -> Answer {
    let began = Instant::now();
    loop {
        let answer = server.ask("GET", target).send();
        if answer.status != 202 {
            return answer;
        }
        assert_eq!(answer.header("location"), format!("{}{target}", server.url()));
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
        assert!(began.elapsed() < Duration::from_secs(30), "{}", answer.text());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The state of a run, as its tenant sees it.
#[track_caller]
fn state(server: &Server, key: &str, run: &str) -> Value {
    let runs = server.get(key, "/v1/runs").done();
    let runs = runs["runs"].as_array().unwrap();
    runs.iter().find(|it| it["run"] == run).unwrap_or_else(|| panic!("{runs:?}")).clone()
}
