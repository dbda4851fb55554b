//! The metrics, as scrapers ask for them.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::serve::server::{Place, account, connected, seats};
use support::install::debian;
use support::simulate;

/// What Prometheus 2.42 asks for, and what version 3 asks for.
const PROMETHEUS_2: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

#[test]
fn who_asks_for_openmetrics_has_it_and_others_have_the_text_of_prometheus() {
    let house = crate::serve::hostile::server();
    let get = |accept: &[&str]| {
        let get = house.ask("GET", "/metrics").key(house.key());
        accept.iter().fold(get, |get, one| get.header("accept", one)).send()
    };
    for accept in [PROMETHEUS_2, PROMETHEUS_3, "Application/OpenMetrics-Text"] {
        let answer = get(&[accept]);
        let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(answer.header("content-type"), media_type, "{accept}");
        assert!(answer.text().ends_with("\n# EOF\n"), "{accept}");
    }
    let plain: [&[&str]; 9] = [
        &[],
        &["*/*"],
        &["text/*"],
        &["text/html, application/xhtml+xml, */*;q=0.8"],
        &["text/plain", "application/openmetrics-text;q=0.9"],
        &["application/openmetrics-text;q=0, */*"],
        &["application/openmetrics-text;q=0.5, text/plain;q=0.51"],
        &["application/json"],
        &["application/openmetrics-text;q=2"],
    ];
    for accept in plain {
        let answer = get(accept);
        assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        assert!(!answer.text().contains("# EOF") && !answer.text().contains("# UNIT"));
    }
}

#[test]
fn promtool_finds_nothing_wrong() {
    let Some(promtool) = debian("promtool", "prometheus") else { return };
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let operator = place.o365(&["tenant", "add", "--operator"]).result();
    let operator = operator["key"].as_str().unwrap().to_owned();
    let server = place.serve(&[]);
    let create = server.action(&key, "create-user", &account("allen"));
    let create = create.header("Idempotency-Key", "allen");
    create.send().done();
    create.send().done();
    server.action(&key, "is-license-available", &seats()).send().done();
    server.ask("GET", "/v1/actions").send().problem(401, "unauthenticated");
    server.get("o365_wrong", "/v1/actions").problem(401, "unauthenticated");
    server.get(&key, "/no-such-path").problem(404, "no-such-path");
    let metrics = server.get(&operator, "/metrics").text();
    for line in [
        "o365_refused_keys_total{reason=\"no-key\"} 1",
        "o365_refused_keys_total{reason=\"wrong-key\"} 1",
        "o365_idempotent_replays_total{tenant=\"contoso\"} 1",
        "o365_http_requests_total{tenant=\"contoso\",method=\"POST\",route=\"/v1/actions/{action}\",status=\"200\"} 3",
        "o365_http_requests_total{tenant=\"contoso\",method=\"GET\",route=\"\",status=\"404\"} 1",
        "o365_http_requests_total{tenant=\"\",method=\"GET\",route=\"/v1/actions\",status=\"401\"} 2",
        "o365_open_connections 1",
        "o365_audit_log_healthy 1",
        "o365_response_store_healthy 1",
        "o365_responses_dropped_total 0",
        "# TYPE o365_runs_total counter",
        "# TYPE o365_build_info gauge",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line} in {metrics}");
    }
    // Seconds with fractions: the calls together take some time, and not a whole number of it.
    let sum = metrics.lines().find_map(|line| {
        let of = "o365_http_request_duration_seconds_sum{route=\"/v1/actions/{action}\"} ";
        line.strip_prefix(of)?.parse::<f64>().ok()
    });
    assert!(sum.is_some_and(|sum| sum > 0.0 && sum.fract() > 0.0), "{sum:?}");
    // A tenant sees what is its own.
    let own = server.get(&key, "/metrics").text();
    assert!(own.contains("o365_http_requests_total{tenant=\"contoso\""), "{own}");
    assert!(!own.contains("refused_keys_total{") && !own.contains("tenant=\"\""), "{own}");
    for metrics in [metrics, own] {
        let mut check = Command::new(&promtool);
        check.args(["check", "metrics"]).stdin(Stdio::piped());
        let mut check = check.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        check.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
        let checked = check.wait_with_output().unwrap();
        let told =
            String::from_utf8_lossy(&checked.stderr) + String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success() && told.trim().is_empty(), "{told}");
    }
}
