//! Which requests of an action may leave the sandbox.
//!
//! An input is `METHOD URL` in a first line, and perhaps Graph's version root in a second.

use std::pin::pin;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use http::{Method, Request, Response, Uri};
use percent_encoding::percent_decode_str;
use runner::contract::call::user_key;
use runner::contract::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use runner::contract::{Call, Policy};
use runner::egress::authority::Authority;
use runner::egress::{EgressError, EgressStack, whole};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};
use url::Url;

/// Graph's version root where an input names none.
const ROOT: &str = "https://graph.microsoft.com/v1.0";

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::embedded().expect("the policy"));

/// Whatever passes is one of the action's calls, however one reads it: on Graph's own server,
/// below its root, with as many segments decoded as encoded.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines();
    let Some((method, url)) = lines.next().and_then(|line| line.split_once(' ')) else { return };
    let graph_url = lines.next().unwrap_or(ROOT).to_owned();
    let (Ok(method), Ok(uri)) = (method.parse::<Method>(), url.parse::<Uri>()) else { return };
    let connection = Connection {
        graph_url,
        tenant: "contoso.com".to_owned(),
        sender: None,
        access: Access::AppOnly,
        time_limit_ms: DEFAULT_TIME_LIMIT_MS,
    };
    let Ok(root) = connection.graph_root() else { return };
    for action in POLICY.names() {
        let calls = &POLICY.action(action).unwrap().calls;
        if passes(action, calls, &root, &method, &uri) {
            let root = Url::parse(&root.to_string()).expect("the root is an address");
            let read = Url::parse(&uri.to_string()).expect("what passes is an address for others");
            assert_eq!(read.origin(), root.origin(), "another server");
            assert!(read.username().is_empty() && read.password().is_none(), "a user");
            assert_eq!(decoded(read.path()), decoded(uri.path()), "others read another path");
            let below = uri.path().strip_prefix(root.path().trim_end_matches('/'));
            let below = below.expect("below the root");
            let segments = segments(below);
            assert!(
                calls.iter().any(|call| is(call, &method, &segments)),
                "{action}: {method} {below} is none of its calls"
            );
            about_one_user(below, &segments);
        }
    }
}

/// Whether the layer lets it through.
fn passes(action: &str, calls: &[Call], root: &Uri, method: &Method, uri: &Uri) -> bool {
    let passed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&passed);
    let inner: EgressStack = BoxCloneSyncService::new(service_fn(move |_| {
        seen.store(true, Ordering::SeqCst);
        async { Ok::<_, EgressError>(Response::new(whole(""))) }
    }));
    let authority =
        Authority { action: action.into(), calls: calls.into(), graph_url: Some(root.clone()) };
    let request = Request::builder().method(method).uri(uri).body("".into()).expect("a request");
    let answer = pin!(authority.layer(inner).oneshot(request));
    // Nothing in it waits.
    let Poll::Ready(answer) = answer.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the layer waits for something")
    };
    assert_eq!(answer.is_ok(), passed.load(Ordering::SeqCst));
    answer.is_ok()
}

/// The parts of a path between its slashes, decoded once.
fn decoded(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(|part| percent_decode_str(part).collect()).collect()
}

/// A segment of a path, decoded once.
enum Segment {
    Text(String),
    /// The key in `name('...')`, its quotes undone.
    Quoted(String),
}

/// The segments of a path as a server reads them: split first, then decoded.
fn segments(path: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    for segment in path.strip_prefix('/').expect("a path").split('/') {
        let text = percent_decode_str(segment).decode_utf8().expect("UTF-8").into_owned();
        for strange in ['/', '\\', '?', '\0', '\n', '\r'] {
            assert!(!text.contains(strange), "{strange:?} is hidden in {segment}");
        }
        assert!(!["", ".", ".."].contains(&text.as_str()), "{segment:?} goes elsewhere");
        match text.strip_suffix("')").and_then(|text| text.split_once("('")) {
            Some((name, key)) => {
                assert!(!key.replace("''", "").contains('\''), "the key ends within {segment}");
                assert!(!key.is_empty(), "no key in {segment}");
                segments.push(Segment::Text(name.to_owned()));
                segments.push(Segment::Quoted(key.replace("''", "'")));
            }
            None => segments.push(Segment::Text(text)),
        }
    }
    segments
}

fn is(call: &Call, method: &Method, segments: &[Segment]) -> bool {
    let call = call.to_string();
    let (own_method, path) = call.split_once(' ').expect("a call");
    let own: Vec<&str> = path.split('/').skip(1).collect();
    own_method == method.as_str()
        && own.len() == segments.len()
        && own.iter().zip(segments).all(|(own, segment)| match (*own, segment) {
            ("{id}", Segment::Quoted(_)) => true,
            // Whatever begins so is Graph's own, as are names without a domain.
            ("{id}", Segment::Text(key)) => {
                !key.starts_with('$') && (key.contains('@') || key.len() == 36)
            }
            (own, Segment::Text(text)) => own == text,
            (_, Segment::Quoted(_)) => false,
        })
}

/// The user that a plan or a fault takes a path to be about is the one that Graph does.
fn about_one_user(path: &str, segments: &[Segment]) {
    let expected = match segments {
        [Segment::Text(users), Segment::Text(key) | Segment::Quoted(key), ..]
            if users == "users" =>
        {
            Some(key.clone())
        }
        _ => None,
    };
    assert_eq!(user_key(path), expected, "{path}");
}
