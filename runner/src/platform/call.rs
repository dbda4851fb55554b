//! Calls, and their validation before a run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::Span;
use uuid::Uuid;

use super::Failure;
use super::durable::Unended;
use super::failure::Refusal;
use super::link::Link;
use super::run::{Ended, GoesOn};
use super::tenant::{Registered, Tenant};
use crate::context::{Receipt, Usage};
use crate::contract::{ActionPolicy, Connection};
use crate::journal::{Begun, RunJournal};
use crate::limits::Limits;
use crate::recording::recorded::CONNECTION_ID;
use crate::report::Report;
use crate::run::secret_inputs::{self, Made};
use crate::run::{Checked, Host, host};
use crate::sandbox::Action;
use crate::telemetry::spans;
use crate::values::problem::nearest;
use crate::values::{JsonText, Problem};

/// A request to run an action.
#[derive(Clone, Debug)]
pub struct Call {
    /// The tenant.
    pub tenant: String,
    /// The action, in kebab-case.
    pub action: String,
    /// The input. `connectionId` may be omitted when the tenant has one connection.
    pub input: Value,
    /// Whether to plan the changes and make none.
    pub plan: bool,
    /// The time that the caller waits, for permits and for the run. The time limit of the tenant
    /// applies as well.
    pub deadline: Option<Duration>,
    /// Whether nobody waits for the run, which goes on after a crash even if it has sent nothing.
    pub unattended: bool,
    /// The id of the run, if the caller provides one.
    pub run: Option<Uuid>,
    /// The SHA-256 of the caller's idempotency key, in hexadecimal, for the audit log.
    pub idempotency_key: Option<String>,
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallResult {
    /// The id of the run, which is also Graph's `client-request-id`.
    pub run: Uuid,
    /// The result of the action or the report of a plan, or why there is none.
    pub outcome: Result<JsonText, Failure>,
    /// Warnings to a result, such as that the object to remove did not exist.
    pub warnings: Vec<String>,
    /// The resources that the run used.
    pub receipt: Receipt,
    /// The journal of the run, which ends when this is dropped: the caller has stored the result.
    pub unended: Unended,
}

impl CallResult {
    /// Returns the result of a run that began at `began`, and ends its span.
    pub(super) fn ended(
        run: Uuid,
        (outcome, warnings): Ended,
        usage: &Usage,
        began: Instant,
        span: &Span,
    ) -> Self {
        let receipt = usage.receipt(began);
        let report = outcome.as_ref().err().map(Failure::report);
        spans::ended(span, report.as_ref().map(Report::kind_name), &receipt);
        Self { run, outcome, warnings, receipt, unended: Unended::default() }
    }

    /// Decides what becomes of the journal of the run.
    pub(super) fn with_journal(self, journal: Option<RunJournal>, goes_on: GoesOn) -> Self {
        Self { unended: Unended::of(journal, &self.outcome, goes_on), ..self }
    }

    /// Returns the result of a call that failed without a run.
    pub fn failed(run: Uuid, failure: Failure) -> Self {
        Self {
            run,
            outcome: Err(failure),
            warnings: Vec::new(),
            receipt: Receipt::default(),
            unended: Unended::default(),
        }
    }
}

impl Call {
    /// Creates a call of an action by a tenant.
    pub fn new(tenant: impl Into<String>, action: impl Into<String>, input: Value) -> Self {
        Self {
            tenant: tenant.into(),
            action: action.into(),
            input,
            plan: false,
            deadline: None,
            unattended: false,
            run: None,
            idempotency_key: None,
        }
    }

    /// Sets the deadline, relative to the start of the call.
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Makes the call a plan.
    pub fn planned(self) -> Self {
        Self { plan: true, ..self }
    }
}

/// A validated call.
pub(super) struct Admissible {
    pub host: Arc<Host>,
    pub tenant: Arc<Registered>,
    pub checked: Checked,
    /// The secrets that the host made up.
    pub made: Made,
    /// `None` for an action that makes no calls.
    pub link: Option<Link>,
}

impl Admissible {
    /// Validates a call.
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
        let made = secret_inputs::resolve(&mut fields, &policy, &tenant.tenant.secrets);
        let made = made.unwrap_or_else(|more| {
            problems.extend(more);
            Made::new()
        });
        let checked = Checked::new(&host, action, fields, problems).map_err(Refusal::Input)?;
        Ok(Self { checked, made, link, host, tenant })
    }

    /// Returns the SHA-256 of the input, with references in place of secrets.
    pub fn digest(&self) -> String {
        digest(&self.checked.fields, &self.checked.policy)
    }

    /// Returns whether the call can change its tenant.
    pub fn changes_something(&self, call: &Call) -> bool {
        self.checked.policy.changes_something() && !call.plan
    }

    /// Returns what the run of the call needs to begin again.
    pub fn begun(
        &self,
        run: Uuid,
        call: &Call,
        connection: (String, Connection),
        limits: Limits,
        started_at: Timestamp,
    ) -> Begun {
        let (input, component) = (self.checked.fields.clone(), self.host.component());
        Begun {
            tenant: call.tenant.clone(),
            started_at,
            unattended: call.unattended,
            idempotency_key: call.idempotency_key.clone(),
            ..Begun::now(run, &call.action, limits, connection, input, component)
        }
    }
}

/// Finds the action, which the tenant must be allowed to run.
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

/// Finds the connection that the input names. The only connection of a tenant is the default, and
/// is added to the input. `None` if the name is not a string, which the input's check reports.
fn link(tenant: &Tenant, fields: &mut Map<String, Value>) -> Result<Option<Link>, String> {
    let known = || {
        let ids: Vec<&str> = tenant.links.iter().map(Link::id).collect();
        match ids.as_slice() {
            [] => "it has none".to_owned(),
            ids => format!("it has {}", ids.join(", ")),
        }
    };
    tenant.name_only_connection(fields);
    match fields.get(CONNECTION_ID) {
        Some(Value::String(id)) => match tenant.link(id) {
            Some(link) => Ok(Some(link.clone())),
            None => Err(format!("the tenant has no such connection; {}", known())),
        },
        Some(_) => Ok(None),
        None => Err(format!("is missing: name a connection of the tenant; {}", known())),
    }
}

/// Computes the digest of an input, independent of the order of its members. References replace
/// secrets, which could otherwise be guessed from the digest.
pub(super) fn digest(fields: &Map<String, Value>, policy: &ActionPolicy) -> String {
    let mut fields = fields.clone();
    policy.take_secrets(&mut fields);
    let mut input = Value::Object(fields);
    input.sort_all_objects();
    host::digest(input.to_string())
}
