//! The users of the tenant with the effects of the planned writes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::skus::Skus;
use crate::graph::Guid;
use crate::graph::accounts::NewUser;
use crate::graph::properties::USER_DEFAULT;

/// The state of the tenant as it was read, and the effects of the writes.
#[derive(Default)]
pub struct Overlay {
    pub skus: Skus,
    created: Vec<User>,
    /// The ids and names of deleted users, in lower case.
    deleted: BTreeSet<String>,
    /// The changes of licences, by object id or by the key in the write, in lower case.
    changes: BTreeMap<String, Vec<Change>>,
    /// The users of the tenant as single reads returned them, by object id in lower case.
    read: BTreeMap<String, Map<String, Value>>,
    /// Their object ids by name, in lower case.
    ids: BTreeMap<String, String>,
    me: Option<String>,
}

struct Change {
    added: Vec<Value>,
    removed: Vec<Value>,
}

/// A user of the tenant, with the properties that were read, or a created user.
#[derive(Clone)]
pub struct User {
    /// The object id, which is derived from the name for a created user.
    pub id: String,
    /// The user principal name, or the id where it is unknown.
    pub name: String,
    pub is_created: bool,
    pub is_changed: bool,
    /// Its licences with the effects of the plan.
    pub licenses: Vec<Value>,
    properties: Map<String, Value>,
}

pub enum UserState {
    Deleted,
    Created(User),
    /// The plan neither creates nor deletes it.
    InTenant,
}

impl User {
    /// Creates the user in the body of `POST /users`.
    pub fn planned(new: &NewUser<'_>, body: &Map<String, Value>) -> Self {
        let mut properties = body.clone();
        properties.remove("passwordProfile");
        let name = new.user_principal_name.to_owned();
        let id = Guid::of(&[b"planned user", name.to_lowercase().as_bytes()]).to_string();
        properties.insert("id".to_owned(), id.clone().into());
        properties.insert("usageLocation".to_owned(), json!(new.usage_location));
        Self { id, name, is_created: true, is_changed: false, licenses: Vec::new(), properties }
    }

    /// Returns the known properties of a response without `$select`.
    pub fn default_set(&self) -> Map<String, Value> {
        let known = |name: &&&str| self.is_created || self.properties.contains_key(**name);
        self.select(USER_DEFAULT.iter().filter(known).copied())
    }

    /// Returns selected properties, with null for unknown ones.
    pub fn select<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
        names.into_iter().map(|name| (name.to_owned(), self.property(name))).collect()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    pub fn list(&self, name: &str) -> &[Value] {
        self.properties.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub fn license(&self, sku_id: Guid) -> Option<&Value> {
        self.licenses.iter().find(|license| sku(license) == Some(sku_id))
    }

    /// Returns the group by which alone the user has the licence, as far as is known.
    pub fn only_group(&self, sku_id: Guid) -> Option<&str> {
        let of_sku = self.list(STATES).iter().filter(|state| sku(state) == Some(sku_id));
        let groups: Option<Vec<&str>> =
            of_sku.filter(|state| is_active(state)).map(group).collect();
        groups?.first().copied()
    }

    pub fn skus(&self) -> Vec<Guid> {
        self.licenses.iter().filter_map(sku).collect()
    }

    pub fn shown(&self, selected: Option<&str>) -> Map<String, Value> {
        match selected {
            Some(names) => self.select(names.split(',').map(str::trim)),
            None => self.default_set(),
        }
    }

    fn property(&self, name: &str) -> Value {
        match name {
            "assignedLicenses" => self.licenses.clone().into(),
            STATES if self.is_created => self.licenses.iter().map(direct).collect(),
            // Graph fills in plans later than licences.
            "assignedPlans" | "provisionedPlans" | "businessPhones" if self.is_created => json!([]),
            _ => self.properties.get(name).cloned().unwrap_or_default(),
        }
    }

    fn is(&self, key: &str) -> bool {
        self.id.eq_ignore_ascii_case(key) || self.name.eq_ignore_ascii_case(key)
    }
}

impl Overlay {
    pub fn create(&mut self, user: User) {
        self.deleted.remove(&user.name.to_lowercase());
        self.deleted.remove(&user.id);
        self.created.push(user);
    }

    pub fn delete(&mut self, key: &str) {
        let id = self.id(key);
        let name = self.read.get(&id).and_then(|user| user.get("userPrincipalName")?.as_str());
        self.deleted.extend(name.map(str::to_lowercase));
        let created = self.created.iter().filter(|user| user.is(key));
        self.deleted.extend(created.flat_map(|user| [user.id.clone(), user.name.to_lowercase()]));
        self.deleted.extend([key.to_lowercase(), id]);
        self.created.retain(|user| !user.is(key));
    }

    pub fn assign(&mut self, key: &str, added: &[Value], removed: &[Value]) {
        let change = Change { added: added.to_vec(), removed: removed.to_vec() };
        match self.created.iter_mut().find(|user| user.is(key)) {
            Some(user) => {
                change.make(&mut user.licenses);
                user.is_changed = true;
            }
            None => self.changes.entry(self.id(key)).or_default().push(change),
        }
    }

    pub fn find(&self, key: &str) -> UserState {
        if let Some(user) = self.created.iter().find(|user| user.is(key)) {
            return UserState::Created(user.clone());
        }
        if self.deleted.contains(&key.to_lowercase()) {
            UserState::Deleted
        } else {
            UserState::InTenant
        }
    }

    /// Returns the user `key` of the tenant with the effects of the plan, if the properties
    /// `needed` are known. The key is `None` for the signed-in user.
    pub fn known(&self, key: Option<&str>, needed: &[&str]) -> Option<User> {
        let id = match key {
            Some(key) => self.id(key),
            None => self.me.clone()?,
        };
        let properties = self.read.get(&id)?;
        needed.iter().all(|name| properties.contains_key(*name)).then_some(())?;
        let mut properties = properties.clone();
        let changes = self.changes.get(&id);
        self.overlay_licenses(&id, &mut properties);
        let name = properties.get("userPrincipalName").and_then(Value::as_str);
        let licenses = properties.get("assignedLicenses").and_then(Value::as_array);
        Some(User {
            name: name.unwrap_or(&id).to_owned(),
            is_created: false,
            is_changed: changes.is_some(),
            licenses: licenses.cloned().unwrap_or_default(),
            properties,
            id,
        })
    }

    /// Learns a user from a response. `key` is that of the request, `None` for the signed-in
    /// user.
    pub fn learn(&mut self, key: Option<&str>, user: &Value) {
        let text = |name: &str| user.get(name).and_then(Value::as_str).map(str::to_lowercase);
        let (Some(user), Some(id)) = (user.as_object(), text("id")) else { return };
        let names = text("userPrincipalName").into_iter().chain(key.map(str::to_lowercase));
        self.ids.extend(names.map(|name| (name, id.clone())));
        if key.is_none() {
            self.me = Some(id.clone());
        }
        let read = self.read.entry(id).or_default();
        read.extend(user.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    pub fn has_changed_users(&self) -> bool {
        !(self.created.is_empty() && self.deleted.is_empty() && self.changes.is_empty())
    }

    /// Applies the plan to a user in a response.
    pub fn overlay(&self, user: &mut Value) -> bool {
        let id = user.get("id").or(user.get("userPrincipalName")).and_then(Value::as_str);
        let id = id.map(|key| self.id(key)).unwrap_or_default();
        user.as_object_mut().is_some_and(|user| self.overlay_licenses(&id, user))
    }

    /// Applies the plan to a page of users. Created users are on the last page, which may exceed
    /// its size. `selected` are the selected properties.
    pub fn overlay_page(&self, page: &mut Value, selected: Option<&str>, is_filtered: bool) {
        let is_last = page.get("@odata.nextLink").is_none();
        let Some(users) = page.get_mut("value").and_then(Value::as_array_mut) else { return };
        users.retain(|user| !self.is_gone(user));
        for user in users.iter_mut() {
            self.overlay(user);
        }
        if is_last && !is_filtered {
            users.extend(self.created.iter().map(|user| Value::from(user.shown(selected))));
        }
    }

    /// Whether the plan removes a user in a response.
    pub fn is_gone(&self, user: &Value) -> bool {
        let text = |name: &str| user.get(name).and_then(Value::as_str).map(str::to_lowercase);
        let is_deleted = |key: String| self.deleted.contains(&key);
        let name = text("userPrincipalName");
        // A created user has the name of a deleted one.
        let is_replaced = |name: &String| self.created.iter().any(|user| user.is(name));
        name.as_ref().is_some_and(is_replaced) || text("id").or(name).is_some_and(is_deleted)
    }

    fn overlay_licenses(&self, id: &str, user: &mut Map<String, Value>) -> bool {
        let Some(changes) = self.changes.get(id) else { return false };
        let licenses = user.get_mut("assignedLicenses").and_then(Value::as_array_mut);
        let shows =
            licenses.map(|licenses| changes.iter().for_each(|change| change.make(licenses)));
        if let Some(states) = user.get_mut(STATES).and_then(Value::as_array_mut) {
            changes.iter().for_each(|change| change.make_direct(states));
        }
        shows.is_some()
    }

    /// Returns the object id of a user of the tenant in lower case, or the key where it is
    /// unknown.
    fn id(&self, key: &str) -> String {
        let key = key.to_lowercase();
        self.ids.get(&key).cloned().unwrap_or(key)
    }
}

impl Change {
    /// Adds and removes direct assignments.
    fn make_direct(&self, states: &mut Vec<Value>) {
        let removed = self.removed.iter().filter_map(guid);
        let changed: Vec<Guid> = removed.chain(self.added.iter().filter_map(sku)).collect();
        states.retain(|state| {
            group(state).is_some() || !sku(state).is_some_and(|sku| changed.contains(&sku))
        });
        states.extend(self.added.iter().map(direct));
    }

    /// Adds and removes licences, as `assignLicense` does.
    fn make(&self, licenses: &mut Vec<Value>) {
        let removed: Vec<Guid> = self.removed.iter().filter_map(guid).collect();
        licenses.retain(|license| !sku(license).is_some_and(|sku| removed.contains(&sku)));
        for license in &self.added {
            match licenses.iter_mut().find(|old| sku(old) == sku(license)) {
                Some(old) => *old = license.clone(),
                None => licenses.push(license.clone()),
            }
        }
    }
}

/// The assignments of a user's licences, directly and by groups.
pub const STATES: &str = "licenseAssignmentStates";

/// Returns the direct assignment of a licence.
fn direct(license: &Value) -> Value {
    json!({
        "skuId": license.get("skuId"), "assignedByGroup": null, "error": "None",
        "disabledPlans": license.get("disabledPlans"), "state": "Active",
    })
}

/// Returns the group of an assignment, none for a direct one.
fn group(state: &Value) -> Option<&str> {
    state.get("assignedByGroup")?.as_str()
}

/// Whether an assignment gives the licence, in whole or in part.
fn is_active(state: &Value) -> bool {
    let state = state.get("state").and_then(Value::as_str);
    state.is_some_and(|state| matches!(state, "Active" | "ActiveWithError"))
}

fn sku(license: &Value) -> Option<Guid> {
    guid(license.get("skuId")?)
}

fn guid(value: &Value) -> Option<Guid> {
    value.as_str()?.parse().ok()
}
