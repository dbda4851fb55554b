//! Checks the input of an action before anything is sent.

use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::component::Val;

use super::host::{self, Host};
use crate::contract::ActionPolicy;
use crate::recording::Secrets;
use crate::recording::redaction::Redaction;
use crate::sandbox::Action;
use crate::values::{self, Problem};

/// An action with a valid input.
pub struct Checked {
    /// The action.
    pub action: Arc<Action>,
    /// Its policy.
    pub policy: Arc<ActionPolicy>,
    /// The input as JSON.
    pub fields: Map<String, Value>,
    /// The secret inputs.
    pub secrets: Secrets,
    /// The input as a component value.
    pub(super) input: Val,
}

impl Checked {
    /// Checks the input of an action of `host`.
    ///
    /// # Errors
    /// Returns all problems of the input, after the known `problems`.
    pub fn new(
        host: &Host,
        action: &Arc<Action>,
        fields: Map<String, Value>,
        mut problems: Vec<Problem>,
    ) -> Result<Self, Vec<Problem>> {
        let policy = host.policy(&action.name);
        let secrets = host::secrets(&policy, &fields);
        // The fields are lent to a value, and not copied.
        let mut given = Value::Object(fields);
        let input = values::from_json(&given, &action.input);
        let fields = given.as_object_mut().map(std::mem::take).unwrap_or_default();
        match input {
            Ok(input) if problems.is_empty() => {
                Ok(Self { action: Arc::clone(action), policy, fields, secrets, input })
            }
            Ok(_) => Err(problems),
            Err(more) => {
                // A field with a known problem may be missing because of it.
                let known: Vec<String> = problems.iter().map(|it| it.pointer.clone()).collect();
                problems.extend(more.into_iter().filter(|it| !known.contains(&it.pointer)));
                Err(problems)
            }
        }
    }

    /// Returns what removes the secret inputs from texts.
    pub fn redaction(&self) -> Redaction {
        Redaction::new(&self.secrets)
    }
}
