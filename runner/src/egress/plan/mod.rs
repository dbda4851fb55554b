//! A plan: the component runs, its reads pass, and its writes are not sent. The plan responds to
//! them as Graph would, and records them.
//!
//! - `effects`: the known writes, their effects and Graph's responses
//! - `lookups`: what is read of the tenant before the response to a write
//! - `overlay`, `skus`: the users and the subscriptions with the effects of the writes
//! - `read_only`: an egress stack that cannot write
//! - [`report`]: the report of a plan
//! - `responses`: Graph's responses
//!
//! That nothing changes does not depend on this code: it has no egress stack that can write.

mod effects;
mod lookups;
mod overlay;
mod read_only;
pub mod report;
mod responses;
mod skus;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, StatusCode, Uri, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::util::BoxCloneSyncService;
use tower::{Layer, service_fn};
use url::form_urlencoded;

use super::{EgressError, EgressStack, Request, Response, whole};
use crate::contract::Call;
use crate::contract::call::user_key;
use crate::graph::{Media, Refusal};

use effects::{Effect, KNOWN, KnownWrite, NoEffect, Write};
pub use lookups::CALLS as LOOKUPS;
use lookups::Lookups;
use overlay::{Overlay, UserState};
pub use read_only::ReadOnly;
pub use report::PlanReport;
use report::{GraphError, PlannedWrite, RefusedWrite};

/// The condition that every plan with a write leaves open.
const PERMISSIONS: &str =
    "Whether the connection has the permissions for the writes: o365 connection verify tells.";

/// The plan of one run.
#[derive(Clone)]
pub struct Plan {
    /// Graph's version root.
    root: Arc<str>,
    /// The path of the root.
    root_path: Arc<str>,
    state: Arc<Mutex<Progress>>,
    /// Held during a write, so that each sees the effects of its predecessors.
    writing: Arc<tokio::sync::Mutex<()>>,
}

/// The plan so far.
#[derive(Default)]
struct Progress {
    writes: Vec<PlannedWrite>,
    refused: Vec<RefusedWrite>,
    unchecked: Vec<String>,
    overlay: Overlay,
}

/// Returns the calls that a plan makes itself, for the log.
pub fn lookups() -> impl Iterator<Item = Call> {
    lookups::CALLS.into_iter().filter_map(|call| call.parse().ok())
}

/// Returns the writes whose effects a plan knows, as `actions.toml` writes calls.
pub fn known_writes() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(call, _)| *call)
}

/// The subject of a read.
enum Topic {
    /// The user with this key; `None` for the signed-in user.
    User(Option<String>),
    /// The users.
    Users,
    /// The subscriptions.
    Skus,
}

impl Layer<EgressStack> for Plan {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let (plan, tenant) = (self.clone(), ReadOnly::new(inner));
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            let (plan, tenant) = (plan.clone(), tenant.clone());
            async move {
                match *request.method() {
                    Method::GET => plan.read(request, &tenant).await,
                    _ => plan.write(request, &tenant).await,
                }
            }
        }))
    }
}

impl Plan {
    /// Creates an empty plan. `root` is Graph's version root.
    pub fn new(root: &Uri) -> Self {
        let text = root.to_string();
        Self {
            root: text.trim_end_matches('/').into(),
            root_path: root.path().trim_end_matches('/').into(),
            state: Arc::default(),
            writing: Arc::default(),
        }
    }

    /// Returns the writes that would take effect, in order.
    pub fn writes(&self) -> Vec<PlannedWrite> {
        self.state().writes.clone()
    }

    /// Returns the writes that Graph would refuse, in order.
    pub fn refused(&self) -> Vec<RefusedWrite> {
        self.state().refused.clone()
    }

    /// Returns a sentence for each condition that no read shows.
    pub fn not_checked(&self) -> Vec<String> {
        let state = self.state();
        let permissions = (!state.writes.is_empty()).then(|| PERMISSIONS.to_owned());
        state.unchecked.iter().cloned().chain(permissions).collect()
    }

    /// Responds from the overlay, or else from the tenant.
    async fn read(&self, request: Request, tenant: &ReadOnly) -> Result<Response, EgressError> {
        let uri = request.uri().clone();
        let topic = self.topic(&uri);
        let selected = option(&uri, "$select");
        if let Some(Topic::User(Some(key))) = &topic {
            match self.state().overlay.find(key) {
                UserState::InTenant => {}
                UserState::Created(user) => {
                    let user = user.shown(selected.as_deref());
                    return Ok(responses::response(StatusCode::OK, Some(user.into())));
                }
                UserState::Deleted => return Ok(responses::refused(&Refusal::absent(key))),
            }
        }
        let response = tenant.get(uri.clone(), request.into_parts().0.headers).await?;
        let topic = topic.filter(|topic| response.status().is_success() && self.affects(topic));
        let Some(topic) = topic else { return Ok(response) };
        let (mut head, body) = response.into_parts();
        let mut bytes = body.collect().await.map_err(EgressError::Http)?.to_bytes();
        if let Ok(mut read) = serde_json::from_slice::<Value>(&bytes) {
            let is_filtered = option(&uri, "$filter").is_some();
            if self.state().seen(&topic, &mut read, selected.as_deref(), is_filtered) {
                bytes = read.to_string().into();
                head.headers.remove(header::CONTENT_LENGTH);
            }
        }
        Ok(http::Response::from_parts(head, whole(bytes)))
    }

    /// Records a write, and responds as if it had been made.
    async fn write(&self, request: Request, tenant: &ReadOnly) -> Result<Response, EgressError> {
        let _writing = self.writing.lock().await;
        let (head, body) = request.into_parts();
        let path = self.below_root(&head.uri);
        let key = user_key(path);
        let call = format!("{} {path}", head.method);
        let media = Media::of(&head.headers);
        let write = Write { call, path, key: key.as_deref(), body: &body, media };
        let lookups = Lookups { tenant, root: &self.root, state: &self.state };
        let effect = match known(&head.method, path) {
            Some(known) => known.effect(&lookups, &write).await,
            None => Ok(effects::unknown(&write)),
        };
        let (method, url) = (head.method.to_string(), head.uri.to_string());
        match effect {
            Ok(Effect { changes, response }) => {
                let body = shown(&body);
                self.state().writes.push(PlannedWrite { method, url, body, changes });
                Ok(response)
            }
            Err(NoEffect::Refused(reason, refusal)) => {
                let response = responses::refused(&refusal);
                let Refusal { status, code, message, .. } = refusal;
                let (status, message) = (status.as_u16(), message.into_owned());
                let graph = GraphError { status, code, message };
                self.state().refused.push(RefusedWrite { method, url, reason, graph });
                Ok(response)
            }
            Err(NoEffect::Ended(error)) => Err(error),
        }
    }

    /// Returns the subject of a read that the plan may affect.
    fn topic(&self, uri: &Uri) -> Option<Topic> {
        let path = self.below_root(uri);
        Some(match path {
            "/users" => Topic::Users,
            "/subscribedSkus" => Topic::Skus,
            "/me" => Topic::User(None),
            _ if is(&Method::GET, path, "GET /users/{id}") => Topic::User(Some(user_key(path)?)),
            _ => return None,
        })
    }

    /// Whether the plan affects a response. A listing of users, which may be long, passes until a
    /// write changes users.
    fn affects(&self, topic: &Topic) -> bool {
        !matches!(topic, Topic::Users) || self.state().overlay.has_changed_users()
    }

    fn below_root<'a>(&self, uri: &'a Uri) -> &'a str {
        uri.path().strip_prefix(&*self.root_path).unwrap_or(uri.path())
    }

    fn state(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Learns from a response, and applies the overlay to it. Returns whether the response
    /// changed.
    fn seen(
        &mut self,
        topic: &Topic,
        read: &mut Value,
        selected: Option<&str>,
        is_filtered: bool,
    ) -> bool {
        match topic {
            Topic::User(key) => {
                self.overlay.learn(key.as_deref(), read);
                self.overlay.overlay(read)
            }
            Topic::Skus => {
                self.overlay.skus.learn(read);
                self.overlay.skus.overlay(read)
            }
            Topic::Users => {
                self.overlay.overlay_page(read, selected, is_filtered);
                true
            }
        }
    }
}

/// Returns the known write of a request.
fn known(method: &Method, path: &str) -> Option<KnownWrite> {
    KNOWN.into_iter().find(|(call, _)| is(method, path, call)).map(|(_, known)| known)
}

/// Whether a request is `call`, as `actions.toml` writes it.
fn is(method: &Method, path: &str, call: &str) -> bool {
    call.parse::<Call>().is_ok_and(|call| call.matches(method, path))
}

/// Returns an option of a query.
fn option(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let mut options = form_urlencoded::parse(query.as_bytes());
    options.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// Returns a body for the report: `null` without one, text where it is not JSON.
fn shown(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => String::from_utf8_lossy(body).into(),
    }
}
