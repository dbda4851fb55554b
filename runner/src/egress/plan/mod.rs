//! A plan: the component runs as ever, its reads pass, and its writes are answered here as
//! Graph would answer them, and noted.
//!
//! - `read_only`: the way to the tenant, which cannot write
//! - `effects`: the known writes, what each changes and how Graph answers it
//! - `looks`: what is read of the tenant before a write is answered
//! - `overlay`, `skus`: the users and the subscriptions as they would be
//! - `answers`: Graph's responses
//! - [`report`]: a plan as people and programs are told it
//!
//! That nothing is changed does not hang on this code being right: it has no egress stack that
//! could change anything.

mod answers;
mod effects;
mod looks;
mod overlay;
mod read_only;
pub mod report;
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
use crate::graph::Refusal;

use effects::{Effect, KNOWN, Known, Undone, Write};
use looks::Looks;
use overlay::{Found, Overlay};
pub use read_only::ReadOnly;
pub use report::PlanReport;

/// What every plan with a write leaves open.
const PERMISSIONS: &str =
    "Whether the connection has the permissions for the writes: o365 connection verify tells.";

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

/// A write that would have no effect, since Graph would refuse it.
#[derive(Clone, Debug)]
pub struct Declined {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: Uri,
    /// What so is not done, and why, in words.
    pub reason: String,
    /// The status of Graph's response.
    pub status: StatusCode,
    /// Graph's code.
    pub code: &'static str,
    /// Graph's message.
    pub message: String,
}

/// The plan of one run.
#[derive(Clone)]
pub struct Plan {
    /// Graph's version root.
    root: Arc<str>,
    /// The path of the root.
    root_path: Arc<str>,
    state: Arc<Mutex<Progress>>,
    /// Held while a write is answered: each sees what the one before it has changed.
    writing: Arc<tokio::sync::Mutex<()>>,
}

/// The plan so far.
#[derive(Default)]
struct Progress {
    writes: Vec<Planned>,
    refused: Vec<Declined>,
    unchecked: Vec<String>,
    overlay: Overlay,
}

/// The calls that a plan makes by itself, beside those of the action: for the log.
pub fn looks() -> impl Iterator<Item = Call> {
    looks::CALLS.into_iter().filter_map(|call| call.parse().ok())
}

/// What a read is about.
enum Topic {
    /// The user with this key; none for the signed-in user.
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
    /// A plan of which nothing is known yet. `root` is Graph's version root.
    pub fn new(root: &Uri) -> Self {
        let text = root.to_string();
        Self {
            root: text.trim_end_matches('/').into(),
            root_path: root.path().trim_end_matches('/').into(),
            state: Arc::default(),
            writing: Arc::default(),
        }
    }

    /// The writes that would take effect, in order.
    pub fn writes(&self) -> Vec<Planned> {
        self.state().writes.clone()
    }

    /// The writes that Graph would refuse, in order.
    pub fn refused(&self) -> Vec<Declined> {
        self.state().refused.clone()
    }

    /// What no read could tell, a sentence each.
    pub fn not_checked(&self) -> Vec<String> {
        let state = self.state();
        let permissions = (!state.writes.is_empty()).then(|| PERMISSIONS.to_owned());
        state.unchecked.iter().cloned().chain(permissions).collect()
    }

    /// Answers from what was planned, else from the tenant.
    async fn read(&self, request: Request, tenant: &ReadOnly) -> Result<Response, EgressError> {
        let uri = request.uri().clone();
        let topic = self.topic(&uri);
        let selected = option(&uri, "$select");
        if let Some(Topic::User(Some(key))) = &topic {
            match self.state().overlay.find(key) {
                Found::InTenant => {}
                Found::Created(user) => {
                    let user = user.shown(selected.as_deref());
                    return Ok(answers::answer(StatusCode::OK, Some(user.into())));
                }
                Found::Deleted => return Ok(answers::refused(&Refusal::absent(key))),
            }
        }
        let response = tenant.get(uri.clone(), request.into_parts().0.headers).await?;
        let Some(topic) = topic.filter(|topic| self.is_about(topic)) else { return Ok(response) };
        if !response.status().is_success() {
            return Ok(response);
        }
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

    /// Notes a write, and answers as if it had been made.
    async fn write(&self, request: Request, tenant: &ReadOnly) -> Result<Response, EgressError> {
        let _writing = self.writing.lock().await;
        let (head, body) = request.into_parts();
        let path = self.below_root(&head.uri);
        let key = user_key(path);
        let call = format!("{} {path}", head.method);
        let write = Write { call, path, key: key.as_deref(), body: &body };
        let looks = Looks { tenant, root: &self.root, state: &self.state };
        let effect = match known(&head.method, path) {
            Some(known) => known.effect(&looks, &write).await,
            None => Ok(effects::unknown(&write)),
        };
        match effect {
            Ok(Effect { changes, answer }) => {
                let body = shown(&body);
                let planned = Planned { method: head.method, url: head.uri, body, changes };
                self.state().writes.push(planned);
                Ok(answer)
            }
            Err(Undone::Refused { reason, refusal }) => {
                let answer = answers::refused(&refusal);
                self.state().refused.push(Declined {
                    method: head.method,
                    url: head.uri,
                    reason,
                    status: refusal.status,
                    code: refusal.code,
                    message: refusal.message.into_owned(),
                });
                Ok(answer)
            }
            Err(Undone::Ended(error)) => Err(error),
        }
    }

    /// What a read is about, if the plan has a say in it.
    fn topic(&self, uri: &Uri) -> Option<Topic> {
        let path = self.below_root(uri);
        match path {
            "/users" => Some(Topic::Users),
            "/subscribedSkus" => Some(Topic::Skus),
            "/me" => Some(Topic::User(None)),
            _ => {
                let is_user = is(&Method::GET, path, "GET /users/{id}");
                user_key(path).filter(|_| is_user).map(|key| Topic::User(Some(key)))
            }
        }
    }

    /// Whether a response on this has to be read here. A listing of users, which may be long,
    /// is not as long as the plan changes none.
    fn is_about(&self, topic: &Topic) -> bool {
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
    /// Takes note of what was read, and changes it to what it would be; whether it did.
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

/// The known write that a request is.
fn known(method: &Method, path: &str) -> Option<Known> {
    KNOWN.into_iter().find(|(call, _)| is(method, path, call)).map(|(_, known)| known)
}

/// Whether a request is `call`, as `actions.toml` writes it.
fn is(method: &Method, path: &str, call: &str) -> bool {
    call.parse::<Call>().is_ok_and(|call| call.matches(method, path))
}

/// An option of a query.
fn option(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let mut options = form_urlencoded::parse(query.as_bytes());
    options.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// A body as the plan shows it: `null` when there is none, a text when it is no JSON.
fn shown(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => String::from_utf8_lossy(body).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Policy;

    #[test]
    fn every_look_has_a_name_for_the_log() {
        assert_eq!(looks().count(), looks::CALLS.len());
    }

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
        let mut known: Vec<&str> = KNOWN.iter().map(|(call, _)| *call).collect();
        known.sort_unstable();
        assert_eq!(known, writes);
    }
}
