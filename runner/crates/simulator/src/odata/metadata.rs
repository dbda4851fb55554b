//! How much control information a response has: `odata.metadata` in the header `Accept`.

use http::{HeaderMap, header};
use serde_json::Value;

/// The media type of JSON without control information.
const NONE: &str = "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// What is left without control information. Source: OData JSON Format 4.01, "metadata=none".
const LEFT: [&str; 3] = ["@odata.nextLink", "@odata.count", "@odata.deltaLink"];

/// The media type of the responses to a request without control information; `None` for requests
/// that accept it.
pub fn without(headers: &HeaderMap) -> Option<&'static str> {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = accepted.flat_map(|value| value.split(','));
    ranges.any(asks_for_none).then_some(NONE)
}

fn asks_for_none(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_none = |parameter: &str| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("odata.metadata")
                && value.trim().trim_matches('"').eq_ignore_ascii_case("none")
        })
    };
    is_json && parts.any(is_none)
}

/// Removes the control information from a body.
pub fn remove(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(remove),
        Value::Object(object) => {
            object.retain(|name, _| !name.contains("@odata.") || LEFT.contains(&name.as_str()));
            object.values_mut().for_each(remove);
        }
        _ => {}
    }
}
