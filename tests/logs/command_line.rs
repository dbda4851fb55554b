//! The log of `o365 run`: each line names the run, by the id that Graph is given.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::graph::Graph;
use crate::{SKU, lines, saying};
use support::{Ended, o365};

/// `o365 run` against `graph`.
fn run(graph: &Graph, arguments: &[&str]) -> Ended {
    o365([&["run"], arguments].concat())
        .env("O365_CONFIG", graph.configuration(""))
        .env("O365_STATE_DIR", graph.directory().join("state"))
        .run()
}

fn service() -> String {
    format!("serviceId={SKU}")
}

/// The one id that Graph was given with every request.
#[track_caller]
fn given(graph: &Graph) -> String {
    let seen = graph.seen();
    let id = seen[0].header("client-request-id").to_owned();
    assert_eq!(id.len(), 36, "{seen:?}");
    assert!(seen.iter().all(|seen| seen.header("client-request-id") == id), "{seen:?}");
    id
}

#[test]
fn each_line_names_the_run_that_graph_knows() {
    let graph = Graph::start();
    let ended = run(&graph, &["is-license-available", &service(), "--log", "trace"]);
    assert_eq!(ended.result(), true);
    let id = given(&graph);
    for line in ended.stderr.lines() {
        assert!(line.contains(&format!("run{{run={id} ")), "{line}");
    }
    for message in ["the sign-in host answered", "answered call=", "done"] {
        assert!(ended.stderr.contains(message), "{message}: {}", ended.stderr);
    }
}

#[test]
fn a_line_of_json_has_the_run_once_and_the_rest_beside_it() {
    let graph = Graph::start();
    let ended = run(&graph, &["is-license-available", &service(), "--log", "trace", "--json"]);
    let id = given(&graph);
    let lines = lines(&ended.stderr);
    for line in &lines {
        assert_eq!(line["span"]["run"], *id, "{line}");
        assert_eq!(line["span"]["action"], "is-license-available", "{line}");
        assert!(line.get("spans").is_none() && line.get("fields").is_none(), "{line}");
        for name in ["timestamp", "level", "target", "message"] {
            assert!(line[name].is_string(), "{name}: {line}");
        }
    }
    let answered = saying(&lines, "answered")[0];
    assert_eq!(answered["call"], "GET /subscribedSkus");
    assert_eq!(answered["status"], 200);
    assert!(answered["ms"].is_f64() && answered["request_id"].is_string(), "{answered}");
    let done = saying(&lines, "done")[0];
    let Value::Object(span) = &done["span"] else { panic!("{done}") };
    assert_eq!(span["outcome"], "done");
    assert_eq!(span["graph_requests"], 1);
    for name in
        ["wall_ms", "cpu_us", "peak_memory_bytes", "retries", "wait_ms", "bytes_in", "bytes_out"]
    {
        assert!(span[name].is_u64(), "{name}: {done}");
    }
}

#[test]
fn a_log_of_problems_alone_names_the_run_too() {
    let arguments = [
        "create-user",
        "--simulate",
        "--log",
        "warn",
        "displayName=Anna",
        "mailNickname=anna",
        "password=Any-passw0rd",
        "usageLocation=AM",
    ];
    let ended = o365([&["run"], &arguments[..], &[&service()]].concat()).run();
    assert_eq!(ended.code, 1);
    let log: Vec<&str> = ended.stderr.lines().filter(|line| line.contains(" WARN ")).collect();
    let [line] = log.as_slice() else { panic!("{}", ended.stderr) };
    assert!(line.contains(" run{run=") && line.contains("outcome=\"already-exists\""), "{line}");
}

#[test]
fn a_simulated_run_is_logged_as_any_other() {
    let ended =
        o365(["run", "is-license-available", "--simulate", &service(), "--log", "info"]).run();
    assert_eq!(ended.result(), true);
    for part in ["answered call=\"GET /subscribedSkus\" status=200", "done"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}

#[test]
fn an_answer_that_breaks_off_is_told_of_its_run() {
    let graph = Graph::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
        }
    });
    let path = graph.configuration("");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("graph-url")).collect();
    let text = format!("{}\ngraph-url = \"http://{address}/v1.0\"\n", lines.join("\n"));
    std::fs::write(&path, text).unwrap();
    let ended =
        o365(["run", "is-license-available", &service(), "--log", "debug", "--time-limit", "2"])
            .env("O365_CONFIG", path)
            .env("O365_STATE_DIR", graph.directory().join("state"))
            .run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let line = ended.stderr.lines().find(|line| line.contains("a response was cut off")).unwrap();
    assert!(line.contains("run{run="), "{line}");
}
