//! Reads of the tenant before the response to a write. Nothing is read twice, and of every object
//! only the properties that are needed.
//!
//! A failed lookup does not fail the plan: its condition is listed as not checked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::overlay::{User, UserState};
use super::skus;
use super::{Progress, ReadOnly};
use crate::context::Stop;
use crate::egress::{EgressError, Response};

const LARGEST: usize = 8 << 20;

/// The characters that are percent-encoded in a user name and in a query.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

const DELETED: &str =
    "/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,mail";

/// The calls, as `actions.toml` writes them.
pub const CALLS: [&str; 6] = [
    "GET /users/{id}",
    "GET /users",
    "GET /me",
    "GET /organization",
    "GET /subscribedSkus",
    "GET /directory/deletedItems/microsoft.graph.user",
];

pub enum Lookup<T> {
    Found(T),
    Absent,
    /// The tenant did not show it, for this reason.
    Unknown(String),
}

/// The type of a verified domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Its users sign in with Entra.
    Managed,
    /// Its users sign in elsewhere.
    Federated,
}

#[derive(Clone, Copy)]
pub struct UserRef<'a> {
    /// The object id or name; `None` for the signed-in user.
    pub key: Option<&'a str>,
    /// The path below the version root, as in the write.
    pub path: &'a str,
}

/// The lookups of one write.
pub struct Lookups<'a> {
    pub tenant: &'a ReadOnly,
    pub root: &'a str,
    pub state: &'a Mutex<Progress>,
}

impl Lookups<'_> {
    pub fn state(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a sentence about a condition that is not checked.
    pub fn unchecked(&self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        let mut state = self.state();
        if !state.unchecked.contains(&sentence) {
            state.unchecked.push(sentence);
        }
    }

    /// Returns a user with these properties, with the effects of the plan.
    pub async fn user(
        &self,
        target: UserRef<'_>,
        needed: &[&str],
    ) -> Result<Lookup<User>, EgressError> {
        if let Some(key) = target.key {
            match self.state().overlay.find(key) {
                UserState::Created(user) => return Ok(Lookup::Found(user)),
                UserState::Deleted => return Ok(Lookup::Absent),
                UserState::InTenant => {}
            }
        }
        if let Some(user) = self.state().overlay.known(target.key, needed) {
            return Ok(Lookup::Found(user));
        }
        let properties = [&["id", "userPrincipalName"], needed].concat().join(",");
        let path = format!("{}?$select={properties}", target.path);
        let reason = match self.get(&path).await? {
            Lookup::Found(user) => {
                let mut state = self.state();
                state.overlay.learn(target.key, &user);
                match state.overlay.known(target.key, needed) {
                    Some(user) => return Ok(Lookup::Found(user)),
                    None => "it did not show all that the write needs".to_owned(),
                }
            }
            Lookup::Absent => return Ok(Lookup::Absent),
            Lookup::Unknown(reason) => reason,
        };
        let who = target.key.unwrap_or("who is signed in");
        self.unchecked(format!("Whether the tenant has the user {who}: {reason}."));
        Ok(Lookup::Unknown(reason))
    }

    /// Loads the subscriptions, with service plans where a change needs them.
    pub async fn subscriptions(&self, with_plans: bool) -> Result<(), EgressError> {
        if self.state().overlay.skus.suffice(with_plans) {
            return Ok(());
        }
        let path = format!("/subscribedSkus?$select={}", skus::SELECTED);
        let condition = "Whether the tenant has the licence, and a seat of it";
        if let Some(listing) = self.get_or_note(&path, condition).await? {
            self.state().overlay.skus.learn(&listing);
        }
        Ok(())
    }

    /// Returns the type of the domain `name`, which is absent where it is not verified.
    pub async fn domain(&self, name: &str) -> Result<Lookup<Domain>, EgressError> {
        let reason = match self.get("/organization?$select=id,verifiedDomains").await? {
            Lookup::Found(organization) => match verified(&organization) {
                Some(domains) => return Ok(find(domains, name)),
                None => "the tenant did not show its domains".to_owned(),
            },
            Lookup::Absent => "the tenant did not show itself".to_owned(),
            Lookup::Unknown(reason) => reason,
        };
        self.unchecked(format!("Whether {name} is a verified domain of the tenant: {reason}."));
        Ok(Lookup::Unknown(reason))
    }

    /// Describes the user with the mail address `address`, which may be a proxy address.
    pub async fn holder(&self, address: &str) -> Result<Option<String>, EgressError> {
        // OData doubles a quote. The directory ignores case, and so the type `smtp:` or `SMTP:`.
        // Source: "User resource type", "Filter queries".
        let filter = format!("proxyAddresses/any(p:p eq 'smtp:{}')", address.replace('\'', "''"));
        let filter = utf8_percent_encode(&filter, ENCODED);
        let path = format!("/users?$filter={filter}&$select=id,userPrincipalName");
        let condition = format!("Whether another user has the mail address {address}");
        let page = self.get_or_note(&path, &condition).await?;
        let state = self.state();
        let other = users(page.as_ref()).find(|user| !state.overlay.is_gone(user));
        Ok(other.map(in_words))
    }

    /// Describes the deleted user with the name or the mail address `name`.
    pub async fn predecessor(&self, name: &str) -> Result<Option<String>, EgressError> {
        let condition = format!("Whether a deleted user had the name {name}");
        let page = self.get_or_note(DELETED, &condition).await?;
        if page.as_ref().is_some_and(|page| page.get("@odata.nextLink").is_some()) {
            self.unchecked(format!(
                "{condition}: there are many, and only the first were looked at."
            ));
        }
        Ok(users(page.as_ref()).find(|user| had(user, name)).map(in_words))
    }

    /// Reads `path`, or lists `condition` as not checked.
    async fn get_or_note(&self, path: &str, condition: &str) -> Result<Option<Value>, EgressError> {
        Ok(match self.get(path).await? {
            Lookup::Found(value) => Some(value),
            Lookup::Absent => None,
            Lookup::Unknown(reason) => {
                self.unchecked(format!("{condition}: {reason}."));
                None
            }
        })
    }

    /// Reads `path`, which follows the version root.
    async fn get(&self, path: &str) -> Result<Lookup<Value>, EgressError> {
        let Ok(uri) = Uri::try_from(format!("{}{path}", self.root)) else {
            return Ok(Lookup::Unknown("its address cannot be written".to_owned()));
        };
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(header::ACCEPT, json)]);
        match self.tenant.get(uri, headers).await {
            Ok(response) => Ok(seen(response).await),
            // A recording has only the calls of its run.
            Err(EgressError::Stop(Stop::Recording(_))) => {
                Ok(Lookup::Unknown("the recording does not show it".to_owned()))
            }
            // A stop would end the run at its writes as well.
            Err(stop @ EgressError::Stop(_)) => Err(stop),
            Err(EgressError::Http(error)) => {
                Ok(Lookup::Unknown(format!("the tenant did not answer ({error})")))
            }
        }
    }
}

pub fn user_path(name: &str) -> String {
    format!("/users/{}", utf8_percent_encode(name, ENCODED))
}

async fn seen(response: Response) -> Lookup<Value> {
    let status = response.status();
    let body = match Limited::new(response.into_body(), LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Lookup::Unknown(format!("the response broke off ({error})")),
    };
    let read: Value = serde_json::from_slice(&body).unwrap_or_default();
    let code = read.pointer("/error/code").and_then(Value::as_str);
    match (status, code) {
        (StatusCode::OK, None) if read.is_object() => Lookup::Found(read),
        (StatusCode::NOT_FOUND, Some("Request_ResourceNotFound")) => Lookup::Absent,
        (status, code) => {
            let code = code.map(|code| format!(" {code}")).unwrap_or_default();
            Lookup::Unknown(format!("the tenant answered {}{code}", status.as_u16()))
        }
    }
}

fn users(page: Option<&Value>) -> impl Iterator<Item = &Value> {
    page.and_then(|page| page.get("value")?.as_array()).into_iter().flatten()
}

fn verified(organizations: &Value) -> Option<&Vec<Value>> {
    let domains = organizations.pointer("/value/0/verifiedDomains")?.as_array()?;
    (!domains.is_empty()).then_some(domains)
}

fn find(domains: &[Value], name: &str) -> Lookup<Domain> {
    let is = |domain: &&Value, field: &str, text: &str| {
        domain.get(field).and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(text))
    };
    match domains.iter().find(|domain| is(domain, "name", name)) {
        Some(domain) if is(&domain, "type", "Federated") => Lookup::Found(Domain::Federated),
        Some(_) => Lookup::Found(Domain::Managed),
        None => Lookup::Absent,
    }
}

/// Whether a deleted user had this name or mail address. Its name begins with its object id.
/// Source: published of real tenants.
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
