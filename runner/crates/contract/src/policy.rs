//! `wit/actions.toml`, embedded: what WIT cannot say about the actions.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::Call;
use super::call::user_key;
use crate::Access;

const EMBEDDED: &str = include_str!("../../../../wit/actions.toml");

/// Every action's policy, and the permissions of every Graph call.
#[derive(Clone, Debug)]
pub struct Policy {
    actions: BTreeMap<String, ActionPolicy>,
    permissions: BTreeMap<Call, CallPermissions>,
    ids: BTreeMap<String, PermissionIds>,
}

/// What one action may do.
#[derive(Clone, Debug, Default)]
pub struct ActionPolicy {
    /// The name that people know the action by.
    pub title: String,
    /// The heading under which the action is listed.
    pub category: String,
    /// The Graph calls that it may make, in the order of `actions.toml`.
    pub calls: Vec<Call>,
    /// The inputs that are never written down, under their JSON names.
    pub secrets: Vec<String>,
    /// Whether a second run with the same input leaves the tenant as it is and succeeds.
    pub idempotent: bool,
}

impl ActionPolicy {
    /// Takes the secrets out of an input, and leaves a reference in the place of each.
    pub fn take_secrets(&self, input: &mut Map<String, Value>) -> Map<String, Value> {
        let mut secrets = Map::new();
        for name in &self.secrets {
            if let Some(secret) = input.get_mut(name) {
                secrets.insert(name.clone(), std::mem::replace(secret, json!({ "$secret": name })));
            }
        }
        secrets
    }
}

/// The permissions of which one allows a Graph call, the least first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallPermissions {
    /// For a connection with a signed-in user.
    pub delegated: Vec<String>,
    /// For a connection of the application itself.
    pub application: Vec<String>,
    /// What is to be said where a run was content with the absence of the object that it
    /// called for, with `{id}` for its key.
    #[serde(default)]
    pub absent: Option<String>,
}

impl CallPermissions {
    /// The permissions for one kind of connection.
    pub fn of(&self, access: Access) -> &[String] {
        match access {
            Access::Delegated => &self.delegated,
            Access::AppOnly => &self.application,
        }
    }
}

/// The ids of one permission, by kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionIds {
    delegated: Option<String>,
    application: Option<String>,
}

/// A fault in `actions.toml`.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// It is no TOML of the expected form.
    #[error("actions.toml: {0}")]
    Format(#[from] toml::de::Error),
    /// A call is not written as a call.
    #[error("actions.toml: {0}")]
    Call(#[from] super::call::InvalidCall),
    /// An action uses a call that has no permissions.
    #[error(
        "actions.toml: {action} uses {call}, which has no table of its own; add [calls.\"{call}\"]"
    )]
    UnknownCall {
        /// The action.
        action: String,
        /// The call.
        call: Call,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    calls: BTreeMap<String, CallPermissions>,
    #[serde(default)]
    permissions: BTreeMap<String, PermissionIds>,
    actions: BTreeMap<String, FileAction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAction {
    title: String,
    category: String,
    calls: Vec<String>,
    secrets: Vec<String>,
    idempotent: bool,
}

impl Policy {
    /// The policy that this runner was built with.
    pub fn embedded() -> Result<Self, PolicyError> {
        Self::parse(EMBEDDED)
    }

    /// Reads a policy, refusing unknown keys and calls without permissions.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: File = toml::from_str(text)?;
        let permissions = file
            .calls
            .into_iter()
            .map(|(call, permissions)| Ok((call.parse()?, permissions)))
            .collect::<Result<BTreeMap<Call, _>, PolicyError>>()?;
        let actions = file
            .actions
            .into_iter()
            .map(|(name, action)| Ok((name.clone(), action.checked(&name, &permissions)?)))
            .collect::<Result<_, PolicyError>>()?;
        Ok(Self { actions, permissions, ids: file.permissions })
    }

    /// The policy of an action; none for an action that `actions.toml` does not name,
    /// which then may make no call at all.
    pub fn action(&self, name: &str) -> Option<&ActionPolicy> {
        self.actions.get(name)
    }

    /// The names of all actions that have a policy.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    /// The permissions that allow a call.
    pub fn permissions(&self, call: &Call) -> Option<&CallPermissions> {
        self.permissions.get(call)
    }

    /// What is to be said of a run that was content with Graph's 404 for a write. `path` is
    /// what follows the version root, without the query.
    pub fn absent(&self, method: &Method, path: &str) -> Option<String> {
        let key = user_key(path)?;
        Some(self.permissions_of(method, path)?.absent.as_ref()?.replace("{id}", &key))
    }

    /// The permissions that allow a request. `path` is what follows the version root, without
    /// the query.
    pub fn permissions_of(&self, method: &Method, path: &str) -> Option<&CallPermissions> {
        let (_, call) = self.permissions.iter().find(|(call, _)| call.matches(method, path))?;
        Some(call)
    }

    /// The id of a permission in an Entra app manifest, where it is known.
    pub fn permission_id(&self, name: &str, access: Access) -> Option<&str> {
        let ids = self.ids.get(name)?;
        match access {
            Access::Delegated => ids.delegated.as_deref(),
            Access::AppOnly => ids.application.as_deref(),
        }
    }
}

impl FileAction {
    fn checked(
        self,
        name: &str,
        known: &BTreeMap<Call, CallPermissions>,
    ) -> Result<ActionPolicy, PolicyError> {
        let calls = self
            .calls
            .iter()
            .map(|call| {
                let call: Call = call.parse()?;
                if known.contains_key(&call) {
                    Ok(call)
                } else {
                    Err(PolicyError::UnknownCall { action: name.to_owned(), call })
                }
            })
            .collect::<Result<_, PolicyError>>()?;
        Ok(ActionPolicy {
            title: self.title,
            category: self.category,
            calls,
            secrets: self.secrets,
            idempotent: self.idempotent,
        })
    }
}
