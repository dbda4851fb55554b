//! A plan: the component runs as ever, its reads pass, and its writes are answered here as
//! Graph would answer them, and noted.
//!
//! - `read_only`: the way to the tenant, which cannot write
//! - `effects`: the known writes, what each changes and how Graph answers it
//! - `world`: the tenant as it would be
//! - [`report`]: a plan as people and programs are told it
//!
//! That nothing is changed does not hang on this code being right: it has no way out that
//! could change anything.

mod effects;
mod read_only;
pub mod report;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, StatusCode, Uri, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::{EgressError, Request, Response, WayOut, whole};
use crate::contract::Call;
use crate::contract::call::user_key;

use effects::{Effect, Write};
pub use read_only::ReadOnly;
pub use report::Report;
use world::{Found, World};

/// A write that was not made.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: Uri,
    /// The body; `null` when there is none, a text when it is no JSON.
    pub body: Value,
    /// What it would change, in words.
    pub changes: String,
}

/// The plan of one run.
#[derive(Clone)]
pub struct Plan {
    tenant: ReadOnly,
    /// Graph's version root.
    root: Arc<str>,
    /// The path of the root.
    root_path: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    writes: Vec<Planned>,
    world: World,
}

impl Plan {
    /// A plan on what `tenant` reads. `root` is Graph's version root.
    pub fn new(tenant: ReadOnly, root: &Uri) -> Self {
        let text = root.to_string();
        Self {
            tenant,
            root: text.trim_end_matches('/').into(),
            root_path: root.path().trim_end_matches('/').into(),
            state: Arc::default(),
        }
    }

    /// This layer.
    pub fn way_out(&self) -> WayOut {
        let plan = self.clone();
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            let plan = plan.clone();
            async move {
                match *request.method() {
                    Method::GET => plan.read(request).await,
                    _ => Ok(plan.write(request)),
                }
            }
        }))
    }

    /// The writes, in order.
    pub fn writes(&self) -> Vec<Planned> {
        self.state().writes.clone()
    }

    /// Answers from what was planned, else from the tenant.
    async fn read(&self, request: Request) -> Result<Response, EgressError> {
        let uri = request.uri().clone();
        let key = user_key(self.below_root(&uri));
        if let Some(key) = &key {
            match self.state().world.find(key, uri.query().unwrap_or_default()) {
                Found::InTenant => {}
                Found::Planned(user) => return Ok(effects::answer(StatusCode::OK, Some(user))),
                Found::Deleted => return Ok(not_found(key)),
            }
        }
        let response = self.tenant.get(uri, request.into_parts().0.headers).await?;
        if !response.status().is_success() {
            return Ok(response);
        }
        let (mut head, body) = response.into_parts();
        let mut bytes = body.collect().await.map_err(EgressError::Http)?.to_bytes();
        if let Ok(mut read) = serde_json::from_slice::<Value>(&bytes) {
            let mut state = self.state();
            state.world.learn(&read);
            if key.is_some_and(|key| state.world.overlay(&key, &mut read)) {
                bytes = read.to_string().into();
                head.headers.remove(header::CONTENT_LENGTH);
            }
        }
        Ok(http::Response::from_parts(head, whole(bytes)))
    }

    /// Notes a write, and answers as if it had been made.
    fn write(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = match serde_json::from_slice(&body) {
            Ok(body) => body,
            Err(_) if body.is_empty() => Value::Null,
            Err(_) => String::from_utf8_lossy(&body).into(),
        };
        let path = self.below_root(&head.uri);
        let write = Write {
            call: format!("{} {path}", head.method),
            key: user_key(path),
            body: &body,
            root: &self.root,
        };
        let known = effects::KNOWN.iter().find(|(call, _)| {
            call.parse::<Call>().is_ok_and(|call| call.matches(&head.method, path))
        });
        let mut state = self.state();
        let Effect { changes, answer } = match known {
            Some((_, effect)) => effect(&mut state.world, &write),
            None => effects::unknown(&write),
        };
        state.writes.push(Planned { method: head.method, url: head.uri, body, changes });
        answer
    }

    fn below_root<'a>(&self, uri: &'a Uri) -> &'a str {
        uri.path().strip_prefix(&*self.root_path).unwrap_or(uri.path())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Graph's answer for a user that the plan has deleted.
fn not_found(key: &str) -> Response {
    let message = format!(
        "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
    );
    let error = json!({"error": {"code": "Request_ResourceNotFound", "message": message}});
    effects::answer(StatusCode::NOT_FOUND, Some(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Policy;

    #[test]
    fn every_write_of_an_action_is_a_known_one() {
        let policy = Policy::embedded().unwrap();
        let declared = policy.names().flat_map(|name| policy.action(name).unwrap().calls.clone());
        let mut writes: Vec<String> = declared
            .map(|call| call.to_string())
            .filter(|call| !call.starts_with("GET "))
            .collect();
        writes.sort();
        writes.dedup();
        let mut known: Vec<&str> = effects::KNOWN.iter().map(|(call, _)| *call).collect();
        known.sort_unstable();
        assert_eq!(known, writes);
    }
}
