//! What the component makes of a host that gives no response: by each error code of
//! `wasi:http`, and by none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use runner::context::Clock;
use runner::egress::{EgressError, EgressStack, HttpError, Request};
use runner::recording::error_code::{name, named, with_words};
use runner::run::Host;
use runner::sandbox::COMPONENT;
use serde_json::{Value, json};
use support::library::Outcome;
use support::library::{Job, outcome};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

/// The codes that no host gives once a request can have left.
const UNSENT: &[&str] = &[
    "DNS-timeout",
    "DNS-error",
    "destination-not-found",
    "destination-unavailable",
    "destination-IP-unroutable",
    "connection-refused",
    "connection-limit-reached",
    "TLS-certificate-error",
];

/// The codes by which a host refuses the request itself.
const REFUSED: &[&str] = &[
    "destination-IP-prohibited",
    "HTTP-request-denied",
    "HTTP-request-length-required",
    "HTTP-request-body-size",
    "HTTP-request-method-invalid",
    "HTTP-request-URI-invalid",
    "HTTP-request-URI-too-long",
    "HTTP-request-header-section-size",
    "HTTP-request-header-size",
    "HTTP-request-trailer-section-size",
    "HTTP-request-trailer-size",
    "loop-detected",
    "configuration-error",
];

/// All codes, as WIT has them.
fn codes() -> Vec<&'static str> {
    let wit = include_str!("../../wit/deps/http/types.wit");
    let (_, cases) = wit.split_once("variant error-code {").unwrap();
    let (cases, _) = cases.split_once('}').unwrap();
    let lines = cases.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let names: Vec<_> = lines.filter_map(|line| line.split(['(', ',']).next()).collect();
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// A way out on which the first request ends with `code`, and each later one is accepted.
fn failing_once(code: &'static str, asked: &Arc<AtomicUsize>) -> EgressStack {
    let asked = Arc::clone(asked);
    answering(move || {
        let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
        if first { Err(named(code).unwrap()) } else { Ok(()) }
    })
}

/// A way out that accepts each request for which `answer` has no error.
fn answering(
    answer: impl Fn() -> Result<(), HttpError> + Clone + Send + Sync + 'static,
) -> EgressStack {
    BoxCloneSyncService::new(service_fn(move |_: Request| {
        let answer = answer();
        async move {
            answer.map_err(EgressError::Http)?;
            let nothing = http_body_util::Empty::new().map_err(|never| match never {});
            let accepted = http::Response::builder().status(202);
            Ok(accepted.body(nothing.boxed_unsync()).unwrap())
        }
    }))
}

/// Sends a mail, which cannot be asked about afterwards.
fn mail(host: &Host, graph: EgressStack) -> Result<Value, Value> {
    let input = json!({
        "connectionId": "contoso",
        "userEmail": "allen@contoso.onmicrosoft.com",
        "recipient": "anna@fabrikam.com",
    });
    run(host, Job::new("send-created-user-email-notification", object(&input), graph))
}

fn object(input: &Value) -> serde_json::Map<String, Value> {
    input.as_object().unwrap().clone()
}

fn run(host: &Host, job: Job<'_>) -> Result<Value, Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let executed = runtime.block_on(job.run(host));
    match outcome(&executed.outcome).unwrap() {
        Outcome::Done(value) => Ok(value),
        Outcome::Failed(error) => Err(error),
    }
}

#[test]
fn only_a_code_that_comes_before_the_request_lets_a_mail_be_sent_again() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let codes = codes();
    assert!(codes.len() > 30, "{codes:?}");
    for code in &codes {
        let asked = Arc::default();
        let ended = mail(&host, failing_once(code, &asked));
        let asked = asked.load(Ordering::SeqCst);
        if UNSENT.contains(code) {
            assert_eq!((&ended, asked), (&Ok(Value::Null), 2), "{code}");
            continue;
        }
        assert_eq!(asked, 1, "{code}: {ended:?}");
        let error = ended.unwrap_err();
        let refused = REFUSED.contains(code);
        let kind = if refused { "transport" } else { "outcome-unknown" };
        assert_eq!(
            (&error["kind"], &error["retrySafe"]),
            (&json!(kind), &json!(refused)),
            "{code}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains(code), "{code} is no word for a person: {message}");
    }
    let unknown: Vec<_> =
        UNSENT.iter().chain(REFUSED).filter(|code| !codes.contains(code)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn a_hosts_own_words_are_cut_to_their_first_line() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let stack = format!("{}\n    at the host's inside", "no route to the server ".repeat(50));
    let code = move || with_words("internal-error", Some(&stack)).unwrap();
    assert_eq!(name(&code()), "internal-error");
    let error = mail(&host, answering(move || Err(code()))).unwrap_err();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("no route to the server"), "{message}");
    assert!(!message.contains("inside") && message.len() < 400, "{message}");
}

#[test]
fn a_host_that_never_answers_does_not_keep_a_run() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let (clock, asked) = (Clock::simulated(), Arc::new(AtomicUsize::new(0)));
    let (silent, requests) = (clock.clone(), Arc::clone(&asked));
    let graph = BoxCloneSyncService::new(service_fn(move |_: Request| {
        requests.fetch_add(1, Ordering::SeqCst);
        let clock = silent.clone();
        async move {
            loop {
                clock.sleep_while_busy(Duration::from_secs(3_600)).await;
            }
        }
    }));
    let input = json!({ "connectionId": "contoso", "serviceId": "SPE_E5" });
    let job =
        Job { clock: clock.clone(), ..Job::new("is-license-available", object(&input), graph) };
    let mut job = job.within(Duration::from_secs(90));
    // The sandbox's own limit would end it, too.
    job.limits.time = Duration::from_secs(600);
    let error = run(&host, job).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("time limit of 90 seconds"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 2, "60 s, and what is left");
    assert!(clock.now() <= Duration::from_secs(90), "{:?}", clock.now());
}
