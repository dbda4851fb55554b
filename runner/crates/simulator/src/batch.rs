//! `POST /$batch`: several requests in one. Source: "Combine multiple HTTP requests using
//! JSON batching".

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::exchange::{member, text};
use super::refusal::Refusal;

/// The number of requests in a batch.
const MOST: usize = 20;

/// A request of a batch.
#[derive(Debug)]
pub struct Item {
    /// The id, which the response repeats.
    pub id: String,
    pub method: Method,
    /// The URL below the version root.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The ids of requests that must succeed before.
    depends_on: Vec<String>,
}

/// Reads the requests of a batch. Their URLs are below the version root `base`, or begin with it.
pub fn read(body: &Map<String, Value>, base: &str) -> Result<Vec<Item>, Refusal> {
    let requests = member(body, "requests").and_then(Value::as_array).ok_or_else(malformed)?;
    if requests.len() > MOST {
        return Err(Refusal::malformed(format!(
            "Number of batch request steps exceeds the maximum value of {MOST}."
        )));
    }
    let mut items: Vec<Item> = Vec::new();
    for request in requests {
        let item = Item::read(request, base).ok_or_else(malformed)?;
        let known = |id: &String| items.iter().any(|before| before.id.eq_ignore_ascii_case(id));
        if known(&item.id) {
            // Published of a real response, as is that the case does not count.
            return Err(Refusal::malformed(format!(
                "Request Id {} has to be unique in a batch.",
                item.id
            )));
        }
        if !item.depends_on.iter().all(known) {
            return Err(malformed());
        }
        items.push(item);
    }
    Ok(items)
}

impl Item {
    fn read(request: &Value, base: &str) -> Option<Self> {
        let request = request.as_object()?;
        let mut headers = HeaderMap::new();
        for (name, value) in
            member(request, "headers").and_then(Value::as_object).into_iter().flatten()
        {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            headers.append(name, HeaderValue::from_str(value.as_str()?).ok()?);
        }
        let body = match member(request, "body") {
            None | Some(Value::Null) => Bytes::new(),
            Some(body) => serde_json::to_vec(body).ok()?.into(),
        };
        // Source: as above, "Content-Type is mandatory with a body".
        if !body.is_empty() && !headers.contains_key("content-type") {
            return None;
        }
        // The SDK for Python sends absolute URLs.
        let url = text(request, "url")?;
        let url = url.strip_prefix(base).unwrap_or(url);
        if url.trim_start_matches('/').to_ascii_lowercase().starts_with("$batch") {
            return None;
        }
        let after = member(request, "dependsOn").and_then(Value::as_array).into_iter().flatten();
        Some(Self {
            id: member(request, "id").and_then(id)?,
            method: Method::from_bytes(text(request, "method")?.as_bytes()).ok()?,
            url: format!("/{}", url.trim_start_matches('/')),
            headers,
            body,
            depends_on: after.map(id).collect::<Option<_>>()?,
        })
    }

    /// Returns whether a request that this one depends on has failed. The ids of `statuses` are in
    /// lower case.
    pub fn is_blocked(&self, statuses: &BTreeMap<String, StatusCode>) -> bool {
        let failed = |id: &String| {
            statuses.get(&id.to_ascii_lowercase()).is_none_or(|status| !status.is_success())
        };
        self.depends_on.iter().any(failed)
    }

    /// Returns the refusal of a blocked request.
    pub fn failed_dependency() -> Refusal {
        Refusal::new(
            StatusCode::FAILED_DEPENDENCY,
            "FailedDependency",
            "A request on which this one depends has failed.",
        )
    }
}

/// Returns an id: a text, or an integer as its text.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) if id.is_i64() || id.is_u64() => Some(id.to_string()),
        _ => None,
    }
}

/// Returns the response of one request in the batch's response. Its body is null if it has none.
/// Source: the first example of Graph's page on JSON batching.
pub fn response_json(id: &str, response: &http::Response<Bytes>) -> Value {
    let headers: Map<String, Value> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((written(name), value.to_str().ok()?.into())))
        .collect();
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    json!({ "id": id, "status": response.status().as_u16(), "headers": headers, "body": body })
}

/// Returns the name of a header as Graph writes it: those of HTTP with capitals, its own without.
fn written(name: &HeaderName) -> String {
    let name = name.as_str();
    match name {
        "www-authenticate" => "WWW-Authenticate".to_owned(),
        _ if name.starts_with("x-ms-") || name.ends_with("request-id") => name.to_owned(),
        _ => name.split('-').map(capitalized).collect::<Vec<_>>().join("-"),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn malformed() -> Refusal {
    Refusal::malformed("Invalid batch payload format.")
}
