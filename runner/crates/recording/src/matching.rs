//! Compares a request with the recorded one, and states the first difference.

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::har;
use super::secrets::{self, Secrets};
use crate::Request;
use values::problem::escaped;

/// The headers that change what Graph does. The others may differ in a replay.
pub const RELEVANT_HEADERS: [&str; 5] =
    ["accept", "consistencylevel", "content-type", "if-match", "prefer"];

/// Fails with the first difference between a request and a recorded one.
pub fn compare(expected: &har::Request, given: &Request, secrets: &Secrets) -> Result<(), String> {
    if expected.method != given.method().as_str() {
        return Err(format!("the recording has {} {}", expected.method, expected.url));
    }
    let url = given.uri().to_string();
    if !same_url(&secrets::resolve(&expected.url, secrets), &url) {
        return Err(format!("the recording has the address {}", expected.url));
    }
    compare_headers(&expected.headers, given.headers(), secrets)?;
    compare_bodies(expected.post_data.as_ref().map_or("", |data| &data.text), given.body(), secrets)
}

/// Whether two URLs are the same except for their percent-encoding, and for properties that
/// `given` selects besides: a build that reads more than an earlier one gets from its
/// recordings what the earlier one got.
fn same_url(expected: &str, given: &str) -> bool {
    match (Url::parse(expected), Url::parse(given)) {
        (Ok(expected), Ok(given)) => {
            expected.origin() == given.origin()
                && decoded(expected.path()) == decoded(given.path())
                && expected.query_pairs().count() == given.query_pairs().count()
                && expected.query_pairs().zip(given.query_pairs()).all(|(one, other)| {
                    one.0 == other.0
                        && (one.1 == other.1 || one.0 == "$select" && selects(&one.1, &other.1))
                })
        }
        _ => expected == given,
    }
}

/// Whether `given` selects all properties that `expected` does.
fn selects(expected: &str, given: &str) -> bool {
    expected.split(',').all(|name| given.split(',').any(|other| other == name))
}

/// Returns the segments, each decoded on its own, so that an encoded slash is kept.
fn decoded(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(|segment| percent_decode_str(segment).collect()).collect()
}

fn compare_headers(
    expected: &[har::Header],
    given: &HeaderMap,
    secrets: &Secrets,
) -> Result<(), String> {
    // A file without headers does not state them.
    if expected.is_empty() {
        return Ok(());
    }
    for name in RELEVANT_HEADERS {
        let recorded = expected.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let recorded = recorded.map(|header| header.value.as_str());
        let sent = given
            .get(name)
            .map(|value| std::str::from_utf8(value.as_bytes()).unwrap_or("(not text)"));
        let resolved = recorded.map(|recorded| secrets::resolve(recorded, secrets));
        if resolved.as_deref() != sent {
            return Err(format!(
                "its header {name} is {}, and {} in the recording",
                sent.unwrap_or("absent"),
                recorded.unwrap_or("absent")
            ));
        }
    }
    Ok(())
}

fn compare_bodies(expected: &str, given: &[u8], secrets: &Secrets) -> Result<(), String> {
    if expected.as_bytes() == given {
        return Ok(());
    }
    let (Ok(expected), Ok(given)) =
        (serde_json::from_str::<Value>(expected), serde_json::from_slice::<Value>(given))
    else {
        return Err("its body is not the recorded body".to_owned());
    };
    match difference(&expected, &given, secrets, "") {
        None => Ok(()),
        Some(pointer) if pointer.is_empty() => Err("its body is not the recorded body".to_owned()),
        Some(pointer) => Err(format!("its body differs from the recorded one at {pointer}")),
    }
}

/// Returns the JSON pointer of the first difference, without the values, which may be secret.
fn difference(expected: &Value, given: &Value, secrets: &Secrets, at: &str) -> Option<String> {
    if let Some(reference) = secrets::reference(expected) {
        let secret = reference.resolve(secrets);
        let same = secret.is_some_and(|secret| given.as_str() == Some(&*secret));
        return (!same).then(|| at.to_owned());
    }
    match (expected, given) {
        (Value::Object(expected), Value::Object(given)) => expected
            .keys()
            .chain(given.keys())
            .find_map(|key| match (expected.get(key), given.get(key)) {
                (Some(expected), Some(given)) => {
                    difference(expected, given, secrets, &format!("{at}/{}", escaped(key)))
                }
                _ => Some(format!("{at}/{}", escaped(key))),
            }),
        (Value::Array(expected), Value::Array(given)) if expected.len() == given.len() => {
            expected.iter().zip(given).enumerate().find_map(|(index, (expected, given))| {
                difference(expected, given, secrets, &format!("{at}/{index}"))
            })
        }
        (Value::String(expected), Value::String(given)) => {
            (secrets::resolve(expected, secrets) != *given).then(|| at.to_owned())
        }
        _ => (expected != given).then(|| at.to_owned()),
    }
}
