//! A call to Graph, and how it becomes a request.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use serde::Serialize;

use super::Graph;
use super::error::CallError;
use super::transport::{Method, Request};

/// The longest that one answer is waited for; Microsoft's SDKs give up after 100 s, but a
/// run has to have time left for another attempt.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// What a call does to the tenant, which decides what to do when its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Read,
    /// A change that leaves the same state when it is made twice.
    Repeatable,
    /// A change that must not be sent again before its outcome is known.
    Once,
    /// A message: whether it went out cannot be looked up, so it is not sent again unless
    /// Graph has said for sure that it did not take it.
    Message,
}

impl Effect {
    /// Whether the change may be sent again without looking whether it was made.
    pub fn is_repeatable(self) -> bool {
        matches!(self, Effect::Read | Effect::Repeatable)
    }
}

/// A call to Graph.
pub struct Call {
    /// The call's name in `wit/actions.toml`, such as `GET /users/{id}`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path and query after Graph's version root.
    pub path: String,
    /// The JSON body, or nothing.
    pub body: Vec<u8>,
    /// What it does to the tenant.
    pub effect: Effect,
}

impl Call {
    /// A call that reads.
    pub fn read(name: &'static str, path: String) -> Self {
        Call { name, method: Method::Get, path, body: Vec::new(), effect: Effect::Read }
    }

    /// A call that deletes. Deleting what is gone changes nothing.
    pub fn delete(name: &'static str, path: String) -> Self {
        Call { name, method: Method::Delete, path, body: Vec::new(), effect: Effect::Repeatable }
    }

    /// A call that posts `body` as JSON.
    ///
    /// # Errors
    /// The body cannot be written as JSON.
    pub fn post(
        name: &'static str,
        path: String,
        body: &impl Serialize,
        effect: Effect,
    ) -> Result<Self, CallError> {
        let body = serde_json::to_vec(body).map_err(|_| CallError::NotPossible {
            message: "it cannot be written as JSON".to_owned(),
        })?;
        Ok(Call { name, method: Method::Post, path, body, effect })
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
        }
    }

    /// The absolute URL of `path`.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.connection.graph_url)
    }
}
