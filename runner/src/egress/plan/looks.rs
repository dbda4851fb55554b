//! What the plan reads of the tenant before it answers a write: never twice, nothing that the
//! action has read itself, and of everything only what is needed.
//!
//! A look that fails is no failure of the plan: what it would have told is named among what
//! was not checked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::overlay::{Found, User};
use super::skus;
use super::{Progress, ReadOnly};
use crate::context::Stop;
use crate::egress::{EgressError, Response};

/// The largest response to a look, in bytes.
const LARGEST: usize = 8 << 20;

/// What is percent-encoded in a user's name and in a query.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// The deleted users, who can be restored.
const DELETED: &str =
    "/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,mail";

/// The looks, as `actions.toml` writes calls.
pub const CALLS: [&str; 6] = [
    "GET /users/{id}",
    "GET /users",
    "GET /me",
    "GET /organization",
    "GET /subscribedSkus",
    "GET /directory/deletedItems/microsoft.graph.user",
];

/// What a look has found.
pub enum Sight<T> {
    /// It is there.
    There(T),
    /// It is not.
    Absent,
    /// It was not to be seen, for this reason.
    Unknown(String),
}

/// What the tenant says of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Its users sign in with Entra.
    Managed,
    /// They sign in elsewhere.
    Federated,
}

/// A user that a write is about.
#[derive(Clone, Copy)]
pub struct Whom<'a> {
    /// Its object id or name; none for the signed-in user.
    pub key: Option<&'a str>,
    /// Its path below the version root, as the write has it.
    pub path: &'a str,
}

/// Looks at the tenant for the sake of one write.
pub struct Looks<'a> {
    /// The tenant.
    pub tenant: &'a ReadOnly,
    /// Graph's version root.
    pub root: &'a str,
    /// The plan so far.
    pub state: &'a Mutex<Progress>,
}

impl Looks<'_> {
    /// The plan so far.
    pub fn state(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is not checked, in a sentence.
    pub fn unchecked(&self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        let mut state = self.state();
        if !state.unchecked.contains(&sentence) {
            state.unchecked.push(sentence);
        }
    }

    /// The user, with these properties, as it would be.
    pub async fn user(&self, whom: Whom<'_>, needed: &[&str]) -> Result<Sight<User>, EgressError> {
        if let Some(key) = whom.key {
            match self.state().overlay.find(key) {
                Found::Created(user) => return Ok(Sight::There(user)),
                Found::Deleted => return Ok(Sight::Absent),
                Found::InTenant => {}
            }
        }
        if let Some(user) = self.state().overlay.known(whom.key, needed) {
            return Ok(Sight::There(user));
        }
        let properties = [&["id", "userPrincipalName"], needed].concat().join(",");
        let path = format!("{}?$select={properties}", whom.path);
        let sight = self.get(&path).await?;
        let reason = match sight {
            Sight::There(user) => {
                let mut state = self.state();
                state.overlay.learn(whom.key, &user);
                match state.overlay.known(whom.key, needed) {
                    Some(user) => return Ok(Sight::There(user)),
                    None => "it did not show all that the write needs".to_owned(),
                }
            }
            Sight::Absent => return Ok(Sight::Absent),
            Sight::Unknown(reason) => reason,
        };
        let who = whom.key.unwrap_or("who is signed in");
        self.unchecked(format!("Whether the tenant has the user {who}: {reason}."));
        Ok(Sight::Unknown(reason))
    }

    /// Sees to it that the subscriptions are known, with their service plans where a change is
    /// about these.
    pub async fn subscriptions(&self, with_plans: bool) -> Result<(), EgressError> {
        if self.state().overlay.skus.suffice(with_plans) {
            return Ok(());
        }
        let path = format!("/subscribedSkus?$select={}", skus::SELECTED);
        match self.get(&path).await? {
            Sight::There(listing) => self.state().overlay.skus.learn(&listing),
            Sight::Absent => {}
            Sight::Unknown(reason) => {
                self.unchecked(format!(
                    "Whether the tenant has the licence, and a seat of it: {reason}."
                ));
            }
        }
        Ok(())
    }

    /// What the tenant says of the domain `name`: absent if it is none of the verified ones.
    pub async fn domain(&self, name: &str) -> Result<Sight<Domain>, EgressError> {
        let reason = match self.get("/organization?$select=id,verifiedDomains").await? {
            Sight::There(organization) => match verified(&organization) {
                Some(domains) => return Ok(find(domains, name)),
                None => "the tenant did not show its domains".to_owned(),
            },
            Sight::Absent => "the tenant did not show itself".to_owned(),
            Sight::Unknown(reason) => reason,
        };
        self.unchecked(format!("Whether {name} is a verified domain of the tenant: {reason}."));
        Ok(Sight::Unknown(reason))
    }

    /// Who has the mail address `address`, in words: a proxy address or the only one.
    pub async fn holder(&self, address: &str) -> Result<Option<String>, EgressError> {
        // A quote is doubled in OData. That the directory does not tell case apart, and so
        // `smtp:` is `SMTP:` too, is said in "User resource type" and in "Filter queries".
        let filter = format!("proxyAddresses/any(p:p eq 'smtp:{}')", address.replace('\'', "''"));
        let filter = utf8_percent_encode(&filter, ENCODED);
        let path = format!("/users?$filter={filter}&$select=id,userPrincipalName");
        match self.get(&path).await? {
            Sight::There(page) => {
                let users = page.get("value").and_then(Value::as_array);
                let state = self.state();
                let other = users.into_iter().flatten().find(|user| !state.overlay.is_gone(user));
                Ok(other.map(in_words))
            }
            Sight::Absent => Ok(None),
            Sight::Unknown(reason) => {
                self.unchecked(format!(
                    "Whether another user has the mail address {address}: {reason}."
                ));
                Ok(None)
            }
        }
    }

    /// The deleted user who had the name or the mail address `name`, in words.
    pub async fn predecessor(&self, name: &str) -> Result<Option<String>, EgressError> {
        let page = match self.get(DELETED).await? {
            Sight::There(page) => page,
            Sight::Absent => return Ok(None),
            Sight::Unknown(reason) => {
                self.unchecked(format!("Whether a deleted user had the name {name}: {reason}."));
                return Ok(None);
            }
        };
        if page.get("@odata.nextLink").is_some() {
            self.unchecked(format!(
                "Whether a deleted user had the name {name}: there are many, and only the first were looked at."
            ));
        }
        let users = page.get("value").and_then(Value::as_array);
        Ok(users.into_iter().flatten().find(|user| had(user, name)).map(in_words))
    }

    /// Reads what is at `path`, which follows the version root.
    async fn get(&self, path: &str) -> Result<Sight<Value>, EgressError> {
        let Ok(uri) = Uri::try_from(format!("{}{path}", self.root)) else {
            return Ok(Sight::Unknown("its address cannot be written".to_owned()));
        };
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(header::ACCEPT, json)]);
        match self.tenant.get(uri, headers).await {
            Ok(response) => Ok(seen(response).await),
            // The recording of a run has only what that run asked.
            Err(EgressError::Stop(Stop::Recording(_))) => {
                Ok(Sight::Unknown("the recording does not show it".to_owned()))
            }
            // What ends a plan at its looks would end the run at its writes.
            Err(stop @ EgressError::Stop(_)) => Err(stop),
            Err(EgressError::Http(error)) => {
                Ok(Sight::Unknown(format!("the tenant did not answer ({error})")))
            }
        }
    }
}

/// The path of the user with the name `name`.
pub fn user_path(name: &str) -> String {
    format!("/users/{}", utf8_percent_encode(name, ENCODED))
}

/// What a response shows.
async fn seen(response: Response) -> Sight<Value> {
    let status = response.status();
    let body = match Limited::new(response.into_body(), LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Sight::Unknown(format!("the answer broke off ({error})")),
    };
    let read: Value = serde_json::from_slice(&body).unwrap_or_default();
    let code = read.pointer("/error/code").and_then(Value::as_str);
    match (status, code) {
        (StatusCode::OK, None) if read.is_object() => Sight::There(read),
        (StatusCode::NOT_FOUND, Some("Request_ResourceNotFound")) => Sight::Absent,
        (status, code) => {
            let code = code.map(|code| format!(" {code}")).unwrap_or_default();
            Sight::Unknown(format!("the tenant answered {}{code}", status.as_u16()))
        }
    }
}

fn verified(organizations: &Value) -> Option<&Vec<Value>> {
    let domains = organizations.pointer("/value/0/verifiedDomains")?.as_array()?;
    (!domains.is_empty()).then_some(domains)
}

fn find(domains: &[Value], name: &str) -> Sight<Domain> {
    let is = |domain: &&Value, field: &str, text: &str| {
        domain.get(field).and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(text))
    };
    match domains.iter().find(|domain| is(domain, "name", name)) {
        Some(domain) if is(&domain, "type", "Federated") => Sight::There(Domain::Federated),
        Some(_) => Sight::There(Domain::Managed),
        None => Sight::Absent,
    }
}

/// Whether a deleted user had this name or mail address. The name of a deleted user begins
/// with its object id. Source: published of real tenants.
fn had(user: &Value, name: &str) -> bool {
    let text = |field: &str| user.get(field).and_then(Value::as_str).unwrap_or_default();
    let id = text("id").replace('-', "").to_lowercase();
    let own = text("userPrincipalName").to_lowercase();
    let own = own.strip_prefix(&id).unwrap_or(&own);
    own == name.to_lowercase() || text("mail").eq_ignore_ascii_case(name)
}

fn in_words(user: &Value) -> String {
    let text = |field: &str| user.get(field).and_then(Value::as_str).unwrap_or("unknown");
    format!("{} (object id {})", text("userPrincipalName"), text("id"))
}
