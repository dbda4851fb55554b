//! `wit/actions.toml`, embedded: what WIT cannot express about the actions.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::call::user_key;
use super::{Access, Call, ChoiceList};

const EMBEDDED: &str = include_str!("../../../../wit/actions.toml");

/// The policy of every action, and the permissions of every Graph call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    calls: BTreeMap<Call, CallPermissions>,
    #[serde(default)]
    permissions: BTreeMap<String, PermissionIds>,
    #[serde(default)]
    choices: BTreeMap<String, ChoiceList>,
    #[serde(deserialize_with = "shared_actions")]
    actions: BTreeMap<String, Arc<ActionPolicy>>,
}

/// What one action may do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionPolicy {
    /// The display name of the action.
    pub title: String,
    /// The heading under which the action is listed.
    pub category: String,
    /// The Graph calls that the action may make, in the order of `actions.toml`.
    #[serde(deserialize_with = "shared_calls")]
    pub calls: Arc<[Call]>,
    /// The secret inputs, by their JSON names.
    pub secrets: Vec<String>,
    /// The secret inputs that are passwords of new accounts, which the host can make up.
    #[serde(default)]
    pub passwords: Vec<String>,
    /// Whether a second run with the same input succeeds and changes nothing.
    pub idempotent: bool,
    /// The inputs that are chosen from a list, by their JSON names, with the name of the list.
    #[serde(default)]
    pub choices: BTreeMap<String, String>,
    /// The list of the result that a caller can have line by line, by its JSON name.
    pub rows: Option<String>,
    /// The action that returns the same by pages.
    pub pages: Option<String>,
    /// The inputs with which the result stays small, for a caller that gives none.
    #[serde(default)]
    pub small: BTreeMap<String, Value>,
    /// Whether the action removes something that was there before it.
    #[serde(default)]
    pub destructive: bool,
    /// Whether the action reaches people or systems outside the tenant.
    #[serde(default, rename = "open-world")]
    pub open_world: bool,
}

/// Reads policies of which each run has one.
fn shared_actions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Arc<ActionPolicy>>, D::Error> {
    let actions = BTreeMap::<String, ActionPolicy>::deserialize(deserializer)?;
    Ok(actions.into_iter().map(|(name, action)| (name, Arc::new(action))).collect())
}

/// Reads calls that several layers of a run have.
fn shared_calls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[Call]>, D::Error> {
    Vec::<Call>::deserialize(deserializer).map(Into::into)
}

impl ActionPolicy {
    /// Returns whether the action can change its tenant.
    pub fn changes_something(&self) -> bool {
        self.calls.iter().any(|call| !call.reads())
    }

    /// Removes the secrets from an input, and leaves a reference in place of each.
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

/// The permissions that allow a Graph call, the least first; one of them is enough.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallPermissions {
    /// For a connection with a signed-in user.
    pub delegated: Vec<String>,
    /// For a connection of the application itself.
    pub application: Vec<String>,
    /// The warning of a run that succeeded although the object of the call does not exist,
    /// with `{id}` for its key.
    pub absent: Option<String>,
}

impl CallPermissions {
    /// Returns the permissions for one kind of connection.
    pub fn of(&self, access: Access) -> &[String] {
        match access {
            Access::Delegated => &self.delegated,
            Access::AppOnly => &self.application,
        }
    }
}

/// The ids of one permission.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionIds {
    delegated: Option<String>,
    application: Option<String>,
}

/// A defect of `actions.toml`.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// It is not TOML of the expected form.
    #[error("actions.toml: {0}")]
    Format(#[from] toml::de::Error),
    /// An action uses a call that has no permissions.
    #[error("actions.toml: {0} uses {1}, which has no table of its own; add [calls.\"{1}\"]")]
    UnknownCall(String, Call),
    /// A password is not among the secrets.
    #[error("actions.toml: {0} has the password {1}, which is not among its secrets")]
    OpenPassword(String, String),
    /// The action that returns a result by pages does not exist.
    #[error("actions.toml: the pages of {0} are of the action {1}, which has no table of its own")]
    UnknownPages(String, String),
    /// An input is chosen from a list that does not exist.
    #[error("actions.toml: {0} chooses from {1}, which has no table of its own; add [choices.{1}]")]
    UnknownList(String, String),
    /// The action of a list of choices does not exist.
    #[error("actions.toml: the choices {0} are of the action {1}, which has no table of its own")]
    UnknownSource(String, String),
    /// The action of a list of choices can change its tenant.
    #[error("actions.toml: the choices {0} are of the action {1}, which does not only read")]
    ChangingSource(String, String),
}

impl Policy {
    /// Returns the policy that this runner was built with.
    pub fn embedded() -> Result<Self, PolicyError> {
        Self::parse(EMBEDDED)
    }

    /// Parses a policy.
    ///
    /// # Errors
    /// Fails on unknown keys, on calls without permissions, and on choices from a list that does
    /// not exist or that no reading action returns.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text)?;
        for (name, action) in &policy.actions {
            if let Some(call) = action.calls.iter().find(|call| !policy.calls.contains_key(call)) {
                return Err(PolicyError::UnknownCall(name.clone(), call.clone()));
            }
            let open = action.passwords.iter().find(|name| !action.secrets.contains(name));
            if let Some(open) = open {
                return Err(PolicyError::OpenPassword(name.clone(), open.clone()));
            }
            let pages = action.pages.iter().find(|name| !policy.actions.contains_key(*name));
            if let Some(pages) = pages {
                return Err(PolicyError::UnknownPages(name.clone(), pages.clone()));
            }
            let list = action.choices.values().find(|list| !policy.choices.contains_key(*list));
            if let Some(list) = list {
                return Err(PolicyError::UnknownList(name.clone(), list.clone()));
            }
        }
        for (name, list) in &policy.choices {
            let (name, action) = (name.clone(), list.action.clone());
            match policy.actions.get(&action) {
                None => return Err(PolicyError::UnknownSource(name, action)),
                Some(source) if source.changes_something() => {
                    return Err(PolicyError::ChangingSource(name, action));
                }
                Some(_) => {}
            }
        }
        Ok(policy)
    }

    /// Returns the policy of an action. An action that `actions.toml` does not name has none,
    /// and may make no call.
    pub fn action(&self, name: &str) -> Option<&Arc<ActionPolicy>> {
        self.actions.get(name)
    }

    /// Returns the lists of choices by name.
    pub fn choices(&self) -> &BTreeMap<String, ChoiceList> {
        &self.choices
    }

    /// Returns the names of all actions that have a policy.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    /// Returns the permissions that allow a call.
    pub fn permissions(&self, call: &Call) -> Option<&CallPermissions> {
        self.calls.get(call)
    }

    /// Returns the permissions that allow a request. `path` is the path below the version
    /// root, without the query.
    pub fn permissions_of(&self, method: &Method, path: &str) -> Option<&CallPermissions> {
        let (_, permissions) = self.calls.iter().find(|(call, _)| call.matches(method, path))?;
        Some(permissions)
    }

    /// Returns the warning of a run that accepted Graph's 404 for this write.
    pub fn absent(&self, method: &Method, path: &str) -> Option<String> {
        let key = user_key(path)?;
        Some(self.permissions_of(method, path)?.absent.as_ref()?.replace("{id}", &key))
    }

    /// Returns the id of a permission in an Entra app manifest, where it is known.
    pub fn permission_id(&self, name: &str, access: Access) -> Option<&str> {
        let ids = self.permissions.get(name)?;
        match access {
            Access::Delegated => ids.delegated.as_deref(),
            Access::AppOnly => ids.application.as_deref(),
        }
    }
}
