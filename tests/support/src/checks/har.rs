//! Recordings: what is read from disk, and what is made of it.
//!
//! An input is a HAR file, our own or another program's.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, Uri, Version};
use runner::contract::Policy;
use runner::recording::exchange::{Exchange, Exchanges, ResponseState};
use runner::recording::finished::{Finished, VIRTUAL_EPOCH};
use runner::recording::foreign::{self, Document, Missing};
use runner::recording::har::{ClockKind, Entry, Har};
use runner::recording::pseudonyms::pseudonymised;
use runner::recording::secrets::reference;
use runner::recording::{OwnWords, Recorded, Secrets, leak_candidates, placeholders};
use serde_json::{Map, Value};

/// The longest file, in bytes.
const MAX_BYTES: usize = 1 << 16;

/// How a secret shorter than this is treated is another matter: it is refused as that.
const SHORTEST: usize = 4;

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::embedded().expect("the policy"));

/// No file makes it panic; what is read is written again with the same meaning, every answer
/// of a recording can be given, and no recording is made that holds a secret.
pub fn check(data: &[u8]) {
    if data.len() > MAX_BYTES {
        return;
    }
    let path = Path::new("recording.har");
    as_foreign(path, data);
    let Ok(har) = Har::from_slice(path, data) else { return };
    let text = serde_json::to_vec(&har).expect("what was read can be written");
    let again = Har::from_slice(path, &text).expect("what was written can be read");
    assert_eq!(
        String::from_utf8(serde_json::to_vec(&again).unwrap()),
        String::from_utf8(text),
        "it changes when it is written again"
    );
    let whole = har.check(path).is_ok();
    if whole {
        har.log.entries.iter().for_each(can_be_given);
    }
    for (index, entry) in har.log.entries.iter().enumerate() {
        let _ = leak_candidates::in_entry(entry, index).expect("an entry is JSON");
    }
    as_recorded(path, &har, whole);
    let renamed = pseudonymised(&har).expect("a recording can be given pseudonyms");
    assert_eq!(renamed.log.entries.len(), har.log.entries.len());
    recorded_again(&har);
}

fn can_be_given(entry: &Entry) {
    let response = &entry.response;
    if response.status == 0 {
        assert!(response.error.is_some(), "no answer, and no reason");
        return;
    }
    assert!(StatusCode::from_u16(response.status).is_ok());
    assert_eq!(response.header_map().expect("headers").len(), response.headers.len());
    let _ = response.content.bytes().expect("a body");
}

fn as_recorded(path: &Path, har: &Har, whole: bool) {
    let Ok(recorded) = Recorded::of(path, har.clone()) else {
        assert!(har.log.run.is_none() || !whole, "a whole recording of a run is refused");
        return;
    };
    assert!(whole, "a recording is used that is damaged");
    if let Ok(input) = placeholders::input(&recorded.run.input) {
        assert!(
            input.values().all(|value| reference(value).is_none()),
            "a secret has no placeholder"
        );
    }
    for action in POLICY.names() {
        if let Ok(Some((_, connection))) = recorded.granted(POLICY.action(action).unwrap()) {
            assert!(connection.graph_root().is_ok());
        }
    }
}

fn as_foreign(path: &Path, data: &[u8]) {
    let named = Missing { tenant: Some("contoso.com".to_owned()), ..Missing::default() };
    for action in ["create-user", "users-with-licenses-report", "send-status-virtual-machine-email"]
    {
        let policy = POLICY.action(action).unwrap();
        for missing in [&named, &Missing::default()] {
            let Ok(document) = Document::from_bytes(path, data) else { return };
            let Ok(taken) = foreign::take(document, action, policy, missing) else { continue };
            let recorded = taken.recorded;
            let once: BTreeSet<usize> = taken.indices.iter().copied().collect();
            assert_eq!(recorded.entries.len(), once.len(), "an entry is taken twice");
            recorded.entries.iter().for_each(can_be_given);
            let connection = recorded.run.connection.expect("a connection");
            assert!(!connection.tenant.is_empty());
            let is_call = |entry: &Entry| entry.request.url.starts_with(&connection.graph_url);
            assert!(recorded.entries.iter().all(is_call), "a call to elsewhere is taken");
        }
    }
}

/// Makes a recording of a run with these exchanges, whose secrets are those that the file says.
fn recorded_again(har: &Har) {
    let Some(run) = &har.log.run else { return };
    let empty = Map::new();
    let input = run.input.as_object().unwrap_or(&empty);
    let secrets: Secrets = ["password", "key1", "key2", "privateKey"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), input.get(*name)?.as_str()?.to_owned())))
        .collect();
    let exchanges = Exchanges {
        list: har.log.entries.iter().filter_map(exchange).collect(),
        begun: VIRTUAL_EPOCH,
        elapsed: Duration::from_secs(1),
        clock: ClockKind::Virtual,
        too_large: false,
    };
    let nothing = Value::Null;
    let finished = Finished {
        action: &run.action,
        input,
        outcome: match &run.error {
            Some(error) => Err(error),
            None => Ok(run.result.as_ref().unwrap_or(&nothing)),
        },
        connection: run.connection.as_ref(),
        component: "",
        own_words: &OwnWords::default(),
        secrets: &secrets,
        others: &[],
        exchanges: &exchanges,
    };
    if let Ok(bytes) = finished.bytes(&finished.har()) {
        let document: Value = serde_json::from_slice(&bytes).expect("a recording is JSON");
        for secret in secrets.values().filter(|secret| secret.len() >= SHORTEST) {
            assert!(!holds(&document, secret), "a secret stands in the recording");
        }
        let written = Har::from_slice(Path::new("written.har"), &bytes).expect("it is a HAR");
        assert!(written.check(Path::new("written.har")).is_ok(), "it cannot be replayed");
    }
}

fn exchange(entry: &Entry) -> Option<Exchange> {
    let sent = entry.request.post_data.as_ref().map(|data| data.text.clone().into_bytes());
    Some(Exchange {
        method: entry.request.method.parse::<Method>().ok()?,
        uri: entry.request.url.parse::<Uri>().ok()?,
        headers: HeaderMap::new(),
        body: sent.unwrap_or_default().into(),
        started: Duration::ZERO,
        response: ResponseState::Received {
            status: StatusCode::from_u16(entry.response.status).ok()?,
            version: Version::HTTP_2,
            headers: entry.response.header_map().ok()?,
            at: Duration::ZERO,
            body: entry.response.content.bytes().ok()?,
            end: Some((Ok(()), Duration::ZERO)),
        },
    })
}

/// Whether a text is in some text of a document, as it is.
fn holds(document: &Value, secret: &str) -> bool {
    match document {
        Value::String(text) => text.contains(secret),
        Value::Array(items) => items.iter().any(|item| holds(item, secret)),
        Value::Object(fields) => {
            fields.iter().any(|(name, field)| name.contains(secret) || holds(field, secret))
        }
        _ => false,
    }
}
