//! What a call of a tool asks for: the input of the action, and what the tool adds to it.

use http::HeaderValue;
use rmcp::model::JsonObject;
use serde_json::{Map, Value};

use crate::contract::ActionPolicy;
use crate::recording::recorded::CONNECTION_ID;
use crate::report::Report;
use crate::serve::idempotency::{IdempotencyKey, KeyError};
use crate::values::Problem;

/// The argument for a plan in place of a run.
pub(super) const PLAN: &str = "plan";

/// The argument that names a call, so that its repeats do nothing.
pub(super) const KEY: &str = "idempotencyKey";

/// What a call asks for.
pub(super) struct Arguments {
    /// The input of the action.
    pub input: Map<String, Value>,
    pub plan: bool,
    pub key: Option<IdempotencyKey>,
}

impl Arguments {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// Fails when an argument that the tool adds has the wrong type.
    pub fn of(given: Option<JsonObject>, policy: &ActionPolicy) -> Result<Self, Report> {
        let mut input = given.unwrap_or_default();
        // A model writes null for an argument that it leaves out.
        if input.get(CONNECTION_ID).is_some_and(Value::is_null) {
            input.shift_remove(CONNECTION_ID);
        }
        keep_small(&mut input, policy);
        if !policy.changes_something() {
            return Ok(Self { input, plan: false, key: None });
        }
        let mut problems = Vec::new();
        let mut wrong = |name: &str, message: String| {
            problems.push(Problem { pointer: format!("/{name}"), message });
        };
        let plan = match input.shift_remove(PLAN) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(plan)) => plan,
            Some(_) => {
                wrong(PLAN, "expected true or false".to_owned());
                false
            }
        };
        let key = match input.shift_remove(KEY) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => match key(&text) {
                Ok(key) => Some(key),
                Err(error) => {
                    wrong(KEY, error.to_string());
                    None
                }
            },
            Some(_) => {
                wrong(KEY, "expected a string".to_owned());
                None
            }
        };
        match problems.is_empty() {
            true => Ok(Self { input, plan, key }),
            false => Err(Report::input(problems)),
        }
    }
}

fn key(text: &str) -> Result<IdempotencyKey, KeyError> {
    let value = HeaderValue::from_str(text).map_err(|_| KeyError::Characters)?;
    IdempotencyKey::parse(&value)
}

/// Adds the inputs with which the result stays small, to a call that gives no input of its own but
/// the connection.
fn keep_small(input: &mut Map<String, Value>, policy: &ActionPolicy) {
    let given = input.iter().any(|(name, value)| name != CONNECTION_ID && !value.is_null());
    if !given {
        input.extend(policy.small.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}
