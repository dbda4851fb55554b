//! The message of a callback.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Uri};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::{Value, json};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};
use uuid::Uuid;

use crate::recording::Request;
use crate::serve::idempotency::StoredResponse;
use crate::serve::runs::entry::RunEntry;

/// The largest result in a message, in bytes. A receiver asks for a larger one.
const LARGEST_RESULT: usize = 256 << 10;

/// The name by which receivers know the sender.
const AGENT: &str = concat!("o365/", env!("CARGO_PKG_VERSION"));

/// Returns the body of the message about a run that has ended, which is the same for each attempt.
pub(super) fn body(entry: &RunEntry, response: Option<&StoredResponse>) -> Bytes {
    let mut data = entry.shown();
    let kept = response.filter(|response| response.body.len() <= LARGEST_RESULT);
    let content = kept.and_then(|kept| serde_json::from_slice::<Value>(&kept.body).ok());
    if let (Some(response), Some(content), Some(data)) = (kept, content, data.as_object_mut()) {
        let name = if response.status.is_success() { "result" } else { "problem" };
        data.insert(name.to_owned(), content);
    }
    let at = entry.ended.as_ref().map(|end| end.at);
    let message =
        json!({ "type": format!("run.{}", entry.state()), "timestamp": at, "data": data });
    message.to_string().into()
}

/// Returns a signed message; `None` if it cannot be signed.
pub(super) fn signed(url: &Uri, run: Uuid, body: Bytes, key: &SecretSlice<u8>) -> Option<Request> {
    let webhook = Webhook::from_bytes(key.expose_secret().to_vec()).ok()?;
    let (id, now) = (run.to_string(), Timestamp::now().as_second());
    let signature = webhook.sign(&id, now, &body).ok()?;
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.clone();
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    for (name, value) in [
        (HEADER_WEBHOOK_ID, id),
        (HEADER_WEBHOOK_TIMESTAMP, now.to_string()),
        (HEADER_WEBHOOK_SIGNATURE, signature),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).ok()?);
    }
    Some(request)
}
