//! A call: what it asks for, checked before anything runs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Failure;
use super::failure::Refusal;
use super::link::Link;
use super::tenant::{Registered, Tenant};
use crate::context::Receipt;
use crate::contract::ActionPolicy;
use crate::recording::recorded::CONNECTION_ID;
use crate::run::{Checked, Host, host};
use crate::sandbox::Action;
use crate::values::Problem;
use crate::values::problem::nearest;

/// One run that is asked for.
#[derive(Clone, Debug)]
pub struct Call {
    /// The tenant that asks.
    pub tenant: String,
    /// The action, in kebab-case.
    pub action: String,
    /// Its input. `connectionId` may be left out when the tenant has one connection.
    pub input: Value,
    /// Whether to say what the action would change, and change nothing.
    pub plan: bool,
    /// How long the caller waits, for its turn and for the run; the run may take no longer
    /// than the tenant's limit.
    pub deadline: Option<Duration>,
    /// The run's id, where the caller made one up.
    pub run: Option<Uuid>,
    /// The SHA-256 of the caller's idempotency key, in hexadecimal, for the audit log.
    pub idempotency_key: Option<String>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallResult {
    /// The run's id: in the log, in the audit log, and Graph's `client-request-id`.
    pub run: Uuid,
    /// The action's result, or of a plan its report; or why there is none.
    pub outcome: Result<Value, Failure>,
    /// What is to be said beside a result, such as that what it removed was not there.
    pub warnings: Vec<String>,
    /// What the run took.
    pub receipt: Receipt,
}

impl Call {
    /// A call of an action by a tenant.
    pub fn new(tenant: impl Into<String>, action: impl Into<String>, input: Value) -> Self {
        Self {
            tenant: tenant.into(),
            action: action.into(),
            input,
            plan: false,
            deadline: None,
            run: None,
            idempotency_key: None,
        }
    }

    /// The same with a deadline, counted from the call.
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// The same as a plan.
    pub fn planned(self) -> Self {
        Self { plan: true, ..self }
    }
}

/// A call that may run.
pub(super) struct Admissible {
    pub host: Arc<Host>,
    pub tenant: Arc<Registered>,
    pub checked: Checked,
    /// None for an action that makes no call.
    pub link: Option<Link>,
    /// The SHA-256 of the input, in which references stand for secrets.
    pub digest: String,
}

impl Admissible {
    /// Checks a call.
    pub fn new(host: Arc<Host>, tenant: Arc<Registered>, call: &Call) -> Result<Self, Refusal> {
        let action = action(&host, &tenant.tenant, &call.action)?;
        let policy = host.policy(&call.action);
        let Value::Object(mut fields) = call.input.clone() else {
            let message = "expected an object with the action's inputs".to_owned();
            return Err(Refusal::Input(vec![Problem { pointer: String::new(), message }]));
        };
        let mut problems = Vec::new();
        let link = match policy.calls.is_empty() {
            true => None,
            false => link(&tenant.tenant, &mut fields).unwrap_or_else(|message| {
                problems.push(Problem { pointer: format!("/{CONNECTION_ID}"), message });
                None
            }),
        };
        let digest = digest(&fields, &policy);
        let checked = Checked::new(&host, action, fields, problems).map_err(Refusal::Input)?;
        Ok(Self { checked, link, digest, host, tenant })
    }
}

/// The action, if there is one that the tenant may run.
fn action<'a>(host: &'a Host, tenant: &Tenant, name: &str) -> Result<&'a Arc<Action>, Refusal> {
    match host.guest().action(name) {
        Some(action) if tenant.may_run(name) => Ok(action),
        Some(_) => Err(Refusal::NotAllowed { action: name.to_owned() }),
        None => {
            let actions = host.guest().actions().iter().map(|action| action.name.as_str());
            let nearest = nearest(name, actions.filter(|name| tenant.may_run(name)));
            Err(Refusal::NoSuchAction { nearest: nearest.map(ToOwned::to_owned) })
        }
    }
}

/// The connection that the input names, which is written into it where only one is possible.
/// None where what names it is no text, which is told of the input itself.
fn link(tenant: &Tenant, fields: &mut Map<String, Value>) -> Result<Option<Link>, String> {
    let known = || {
        let ids: Vec<&str> = tenant.links.iter().map(Link::id).collect();
        match ids.as_slice() {
            [] => "it has none".to_owned(),
            ids => format!("it has {}", ids.join(", ")),
        }
    };
    match (fields.get(CONNECTION_ID), tenant.links.as_slice()) {
        (Some(Value::String(id)), _) => match tenant.link(id) {
            Some(link) => Ok(Some(link.clone())),
            None => Err(format!("the tenant has no such connection; {}", known())),
        },
        (Some(_), _) => Ok(None),
        (None, [only]) => {
            fields.insert(CONNECTION_ID.to_owned(), only.id().into());
            Ok(Some(only.clone()))
        }
        (None, _) => Err(format!("is missing: name a connection of the tenant; {}", known())),
    }
}

/// The digest of an input: the same for the same values, in whatever order they were given.
/// A secret in it could be guessed from the digest, so its reference stands there instead.
fn digest(fields: &Map<String, Value>, policy: &ActionPolicy) -> String {
    let mut fields = fields.clone();
    policy.take_secrets(&mut fields);
    let mut input = Value::Object(fields);
    input.sort_all_objects();
    host::digest(input.to_string())
}
