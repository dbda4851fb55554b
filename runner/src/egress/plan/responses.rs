//! The responses of a plan.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::egress::{Response, whole};
use crate::graph::Refusal;

pub fn response(status: StatusCode, body: Option<Value>) -> Response {
    let text = body.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut response = http::Response::new(whole(text));
    *response.status_mut() = status;
    if body.is_some() {
        let json = HeaderValue::from_static("application/json;charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    response
}

/// Returns a refusal, without a request id, since Graph was not called.
pub fn refused(refusal: &Refusal) -> Response {
    response(refusal.status, Some(json!({ "error": refusal.error() })))
}
