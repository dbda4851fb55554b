//! The collector's side: a span for each request, below it its run, below that its calls of
//! Graph; and nothing waits for a collector that is not there.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use http::StatusCode;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as Outcome;
use serde_json::json;

use crate::canary::{ask, assert_unmarked};
use crate::collector::{Collector, Spanned};
use crate::graph::Graph;
use crate::process::Server;
use crate::{SKU, lines, saying};
use support::{Call, Ended, o365};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The spans with this name.
fn named<'a>(spans: &'a [Spanned], name: &str) -> Vec<&'a Spanned> {
    spans.iter().filter(|spanned| spanned.span.name == name).collect()
}

/// The only one with this name.
#[track_caller]
fn one<'a>(spans: &'a [Spanned], name: &str) -> &'a Spanned {
    let found = named(spans, name);
    assert_eq!(found.len(), 1, "{name} among {spans:#?}");
    found[0]
}

/// Whether a span is marked as failed.
fn failed(spanned: &Spanned) -> bool {
    spanned.span.status.as_ref().is_some_and(|status| status.code == Outcome::Error as i32)
}

/// `o365 run` of an action that makes one call, with these variables.
fn run(graph: &Graph, variables: &[(&str, &str)], more: &[&str]) -> Ended {
    let service = format!("serviceId={SKU}");
    let call = o365([&["run", "is-license-available", &service], more].concat())
        .env("O365_CONFIG", graph.configuration(""))
        .env("O365_STATE_DIR", graph.directory().join("state"));
    variables.iter().fold(call, |call: Call, (name, value)| call.env(name, value)).run()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_a_span_with_its_run_and_its_calls_below() {
    let (graph, collector) = (Graph::start(), Collector::start());
    let endpoint = collector.endpoint();
    let variables = [
        (ENDPOINT, endpoint.as_str()),
        ("OTEL_SERVICE_NAME", "connector"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=open-sesame"),
    ];
    let server = Server::start(&graph, "info", &variables);
    let trace = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let answer = server.call("is-license-available", &[trace], &json!({ "serviceId": SKU })).await;
    let id = answer.run().to_owned();
    assert_eq!(answer.status, StatusCode::OK);
    server.stop();
    let [received] = collector.received().try_into().unwrap();
    assert_eq!(received.path, "/v1/traces");
    assert_eq!(received.headers["content-type"], "application/x-protobuf");
    assert_eq!(received.headers["api-key"], "open-sesame");
    let spans = collector.spans();
    assert_eq!(spans.len(), 3, "{spans:#?}");
    for spanned in &spans {
        assert_eq!(spanned.resource("service.name").unwrap(), "connector");
        assert!(spanned.resource("service.version").is_some());
        assert!(!failed(spanned), "{spanned:?}");
        assert!(spanned.span.events.is_empty(), "{spanned:?}");
    }
    // The caller's own span is above all.
    let request = one(&spans, "POST /v1/actions/{action}");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(&request.span.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&request.span.parent_span_id), "b7ad6b7169203331");
    assert_eq!(request.span.kind, SpanKind::Server as i32);
    assert_eq!(request.attribute("http.request.method").unwrap(), "POST");
    assert_eq!(request.attribute("http.route").unwrap(), "/v1/actions/{action}");
    assert_eq!(request.attribute("tenant").unwrap(), "contoso");
    assert_eq!(request.number("http.response.status_code"), 200);
    let run = one(&spans, "run");
    assert_eq!(run.span.trace_id, request.span.trace_id);
    assert_eq!(run.span.parent_span_id, request.span.span_id);
    assert_eq!(run.span.kind, SpanKind::Internal as i32);
    assert_eq!(run.attribute("run").unwrap(), id);
    assert_eq!(run.attribute("tenant").unwrap(), "contoso");
    assert_eq!(run.attribute("action").unwrap(), "is-license-available");
    assert_eq!(run.attribute("outcome").unwrap(), "done");
    assert_eq!(run.number("graph_requests"), 1);
    for name in ["wall_ms", "retries", "wait_ms", "bytes_out"] {
        assert!(run.number(name) >= 0, "{name}");
    }
    for name in ["cpu_us", "peak_memory_bytes", "bytes_in"] {
        assert!(run.number(name) > 0, "{name}");
    }
    let call = one(&spans, "GET /subscribedSkus");
    assert_eq!(call.span.trace_id, request.span.trace_id);
    assert_eq!(call.span.parent_span_id, run.span.span_id);
    assert_eq!(call.span.kind, SpanKind::Client as i32);
    assert_eq!(call.attribute("http.request.method").unwrap(), "GET");
    assert_eq!(call.attribute("url.template").unwrap(), "/subscribedSkus");
    assert_eq!(call.number("http.response.status_code"), 200);
    assert!(call.attribute("request_id").unwrap().len() > 30);
    // Each within the one above it.
    for (inner, outer) in [(call, run), (run, request)] {
        assert!(inner.span.start_time_unix_nano >= outer.span.start_time_unix_nano);
        assert!(inner.span.end_time_unix_nano > inner.span.start_time_unix_nano);
        assert!(inner.span.end_time_unix_nano <= outer.span.end_time_unix_nano + 5_000_000);
    }
    let [seen] = graph.seen().try_into().unwrap();
    assert!(!seen.headers.contains_key("traceparent"), "{seen:?}");
    assert_eq!(seen.header("client-request-id"), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_marked_goes_to_a_collector_and_what_fails_is_shown() {
    let (graph, collector) = (Graph::start(), Collector::start());
    let server = Server::start(&graph, "trace", &[(ENDPOINT, &collector.endpoint())]);
    ask(&server).await;
    server.stop();
    let received = collector.received();
    for received in &received {
        assert_unmarked("a batch", &String::from_utf8_lossy(&received.body));
    }
    let spans = collector.spans();
    let runs = named(&spans, "run");
    let taken = runs.iter().find(|run| run.attribute("outcome").unwrap() == "already-exists");
    assert!(failed(taken.unwrap()), "{runs:#?}");
    let deletion = one(&spans, "DELETE /users/{id}");
    assert_eq!(deletion.attribute("url.template").unwrap(), "/users/{id}");
    assert!(!failed(deletion), "{deletion:?}");
    let unknown = runs.iter().find(|run| run.attribute("outcome").unwrap() == "no-such-action");
    assert!(unknown.is_none_or(|run| run.attribute("action").unwrap() == "(unknown)"));
    // A path that there is not has no template.
    assert!(!named(&spans, "POST").is_empty(), "{spans:#?}");
}

#[test]
fn a_run_of_the_command_line_has_spans_too() {
    let (graph, collector) = (Graph::start(), Collector::start());
    let ended = run(
        &graph,
        &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("{}/own", collector.endpoint()))],
        &["--json"],
    );
    assert_eq!(ended.result(), true);
    assert_eq!(ended.stderr, "", "no log was asked for");
    let spans = collector.spans();
    let (run, call) = (one(&spans, "run"), one(&spans, "GET /subscribedSkus"));
    assert_eq!(call.span.parent_span_id, run.span.span_id);
    assert!(run.span.parent_span_id.is_empty());
    assert_eq!(run.attribute("run").unwrap(), graph.seen()[0].header("client-request-id"));
    assert_eq!(run.resource("service.name").unwrap(), "o365");
    assert_eq!(collector.received()[0].path, "/own");
}

#[test]
fn a_collector_that_is_not_there_holds_nothing_up_and_is_told_once() {
    let graph = Graph::start();
    // Which no test is ever given, as it is a port that was free a moment ago.
    let vacant = "http://127.0.0.1:1";
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let began = Instant::now();
    assert_eq!(run(&graph, &[], &[]).result(), true);
    let usual = began.elapsed();
    for (endpoint, more) in [(vacant, Duration::from_secs(1)), (&*silent, Duration::from_secs(4))] {
        let began = Instant::now();
        let ended = run(&graph, &[(ENDPOINT, endpoint)], &[]);
        let took = began.elapsed();
        assert_eq!(ended.result(), true);
        assert!(took < usual + more, "{took:?}, and {usual:?} without a collector");
        let told: Vec<&str> = ended.stderr.lines().collect();
        let [line] = told.as_slice() else { panic!("{}", ended.stderr) };
        assert!(
            line.starts_with("warning: the OpenTelemetry collector takes no spans: "),
            "{line}"
        );
        // An error as JSON stays alone.
        let wrong = o365(["run", "is-license-available", "--simulate", "--json", "serviceId=none"])
            .env(ENDPOINT, endpoint)
            .run();
        assert_eq!(wrong.error()["kind"].as_str().map(str::is_empty), Some(false));
    }
    // Where there is a log it is told there, and not again.
    let logged = run(&graph, &[(ENDPOINT, vacant)], &["--log", "warn"]);
    assert_eq!(logged.stderr.matches("takes no spans").count(), 1, "{}", logged.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_of_its_collector_once_however_often_it_fails() {
    let graph = Graph::start();
    let collector = Collector::answering(StatusCode::BAD_REQUEST, Duration::ZERO);
    let variables = [(ENDPOINT, &*collector.endpoint()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let server = Server::start(&graph, "info", &variables);
    for _ in 0..4 {
        let answer = server.call("is-license-available", &[], &json!({ "serviceId": SKU })).await;
        assert_eq!(answer.status, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let log = lines(&server.stop());
    assert!(collector.received().len() > 1);
    let told = saying(&log, "the OpenTelemetry collector takes no spans");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["level"], "WARN");
    assert_eq!(told[0]["reason"], "it answered 400");
}

#[test]
fn what_the_environment_says_wrong_is_refused_before_anything_is_sent() {
    let (graph, collector) = (Graph::start(), Collector::start());
    let endpoint = collector.endpoint();
    let table = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "c4nary.contoso.com"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "c4nary"),
    ];
    for (name, value) in table {
        let ended = run(&graph, &[(ENDPOINT, &endpoint), (name, value)], &["--json"]);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert_unmarked("the error", &ended.stderr);
        let error = ended.error();
        assert_eq!(error["kind"], "usage");
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        assert!(error["fix"].as_str().unwrap().contains(name), "{error}");
    }
    for (name, value) in [("OTEL_SDK_DISABLED", "true"), (ENDPOINT, "")] {
        let ended = run(&graph, &[(ENDPOINT, &endpoint), (name, value)], &[]);
        assert_eq!(ended.result(), true);
        assert_eq!(ended.stderr, "");
    }
    assert_eq!(collector.received().len(), 0);
    assert_eq!(graph.seen().len(), 2);
}
