//! Graph's responses, as the plan gives them.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::egress::{Response, whole};
use crate::graph::Refusal;

/// A response of Graph's.
pub fn answer(status: StatusCode, body: Option<Value>) -> Response {
    let text = body.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut response = http::Response::new(whole(text));
    *response.status_mut() = status;
    if body.is_some() {
        let json = HeaderValue::from_static("application/json;charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    response
}

/// A refusal of Graph's. It has no request id, since Graph was not asked.
pub fn refused(refusal: &Refusal) -> Response {
    answer(refusal.status, Some(json!({ "error": refusal.error() })))
}
