//! A call to Graph, and how it becomes a request.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use serde::Serialize;

use super::Graph;
use super::error::CallError;
use super::operation::Operation;
use super::transport::{Method, Request};

/// The longest that one response is waited for; Microsoft's SDKs give up after 100 s, but a
/// run has to have time left for another attempt.
pub(super) const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// How much later than the host the component gives up. The host's own reason is the better
/// one, but no host's time limits cover every phase of a request.
const GRACE: Duration = Duration::from_secs(1);

/// A call to Graph.
pub struct Call {
    /// What is called.
    pub operation: &'static Operation,
    /// The method.
    pub method: Method,
    /// The path and query after Graph's version root.
    pub path: String,
    /// The JSON body, or nothing.
    pub body: Vec<u8>,
}

impl Call {
    /// A call that reads.
    pub fn read(operation: &'static Operation, path: String) -> Self {
        Call { operation, method: Method::Get, path, body: Vec::new() }
    }

    /// A call that deletes.
    pub fn delete(operation: &'static Operation, path: String) -> Self {
        Call { operation, method: Method::Delete, path, body: Vec::new() }
    }

    /// A call that posts `body` as JSON.
    ///
    /// # Errors
    /// The body cannot be written as JSON.
    pub fn post(
        operation: &'static Operation,
        path: String,
        body: &impl Serialize,
    ) -> Result<Self, CallError> {
        let body = serde_json::to_vec(body).map_err(|_| CallError::NotPossible {
            message: "it cannot be written as JSON".to_owned(),
        })?;
        Ok(Call { operation, method: Method::Post, path, body })
    }
}

impl Graph<'_> {
    /// The request of `call`, for retry number `retry`; 0 is the first attempt.
    pub(super) fn request(&self, call: &Call, retry: u32, left: Duration) -> Request {
        let mut headers = vec![("accept", "application/json".to_owned())];
        if !call.body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        if let Some(authorization) = &self.authorization {
            headers.push(("authorization", authorization.clone()));
        }
        if retry > 0 {
            headers.push(("retry-attempt", retry.to_string()));
        }
        Request {
            method: call.method,
            url: self.url(&call.path),
            headers,
            body: call.body.clone(),
            timeout: left.min(LONGEST_ANSWER),
            limit: left.min(LONGEST_ANSWER.saturating_add(GRACE)),
        }
    }

    /// The absolute URL of `path`.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.connection.graph_url)
    }
}
