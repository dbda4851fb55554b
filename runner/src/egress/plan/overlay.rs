//! The tenant's users as they would be: what was read of them, and what the plan has written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::skus::Skus;
use crate::graph::Guid;
use crate::graph::accounts::NewUser;
use crate::graph::properties::USER_DEFAULT;

/// What is known of the tenant, and what differs from it.
#[derive(Default)]
pub struct Overlay {
    /// The subscriptions.
    pub skus: Skus,
    /// The users that would have been created.
    created: Vec<User>,
    /// Object ids and names of deleted users, in small letters.
    deleted: BTreeSet<String>,
    /// The changes of the licences of users of the tenant, by object id or by the key under
    /// which they were made, in small letters.
    changes: BTreeMap<String, Vec<Change>>,
    /// Users of the tenant as single reads gave them, by object id in small letters.
    read: BTreeMap<String, Map<String, Value>>,
    /// Their object ids by name, all in small letters.
    ids: BTreeMap<String, String>,
    /// The object id of the signed-in user.
    me: Option<String>,
}

/// Licences given and taken by one write.
struct Change {
    added: Vec<Value>,
    removed: Vec<Value>,
}

/// A user: of the tenant, with the properties that were read of it; or one that would have
/// been created.
#[derive(Clone)]
pub struct User {
    /// Its object id. That of a created one is made up: the same for the same name.
    pub id: String,
    /// Its user principal name, or its id where that is not known.
    pub name: String,
    /// Whether the plan has created it.
    pub is_created: bool,
    /// Whether the plan has changed its licences.
    pub is_changed: bool,
    /// Its licences as they would be.
    pub licenses: Vec<Value>,
    properties: Map<String, Value>,
}

/// What a read of a user would find.
pub enum Found {
    /// The plan has deleted it.
    Deleted,
    /// The plan has created it.
    Created(User),
    /// The tenant knows.
    InTenant,
}

impl User {
    /// The user that the body of `POST /users` asks for.
    pub fn planned(new: &NewUser<'_>, body: &Map<String, Value>) -> Self {
        let mut properties = body.clone();
        properties.remove("passwordProfile");
        let name = new.user_principal_name.to_owned();
        let id = Guid::of(&[b"planned user", name.to_lowercase().as_bytes()]).to_string();
        properties.insert("id".to_owned(), id.clone().into());
        properties.insert("usageLocation".to_owned(), json!(new.usage_location));
        Self { id, name, is_created: true, is_changed: false, licenses: Vec::new(), properties }
    }

    /// The properties that Graph gives without `$select`, as far as they are known.
    pub fn default_set(&self) -> Map<String, Value> {
        let known = |name: &&&str| self.is_created || self.properties.contains_key(**name);
        self.select(USER_DEFAULT.iter().filter(known).copied())
    }

    /// Selected properties; those that are not known are null.
    pub fn select<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
        names.into_iter().map(|name| (name.to_owned(), self.property(name))).collect()
    }

    /// A property, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    /// A property's members, if it is a list.
    pub fn list(&self, name: &str) -> &[Value] {
        self.properties.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The licence of the SKU `sku_id`.
    pub fn license(&self, sku_id: Guid) -> Option<&Value> {
        self.licenses.iter().find(|license| sku(license) == Some(sku_id))
    }

    /// The SKUs of its licences.
    pub fn skus(&self) -> Vec<Guid> {
        self.licenses.iter().filter_map(sku).collect()
    }

    fn property(&self, name: &str) -> Value {
        match name {
            "assignedLicenses" => self.licenses.clone().into(),
            // Plans are filled in later than licences, so this is what Graph shows at first.
            "assignedPlans" | "provisionedPlans" | "businessPhones" if self.is_created => json!([]),
            _ => self.properties.get(name).cloned().unwrap_or_default(),
        }
    }

    fn is(&self, key: &str) -> bool {
        self.id.eq_ignore_ascii_case(key) || self.name.eq_ignore_ascii_case(key)
    }
}

impl Overlay {
    /// Adds a user.
    pub fn create(&mut self, user: User) {
        self.deleted.remove(&user.name.to_lowercase());
        self.deleted.remove(&user.id);
        self.created.push(user);
    }

    /// Takes away the user `key`, or whom the tenant has under it.
    pub fn delete(&mut self, key: &str) {
        let id = self.id(key);
        let name = self.read.get(&id).and_then(|user| user.get("userPrincipalName")?.as_str());
        self.deleted.extend(name.map(str::to_lowercase));
        let created = self.created.iter().filter(|user| user.is(key));
        self.deleted.extend(created.flat_map(|user| [user.id.clone(), user.name.to_lowercase()]));
        self.deleted.extend([key.to_lowercase(), id]);
        self.created.retain(|user| !user.is(key));
    }

    /// Gives the user `key` licences and takes some away.
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

    /// What a read of the user `key` would find.
    pub fn find(&self, key: &str) -> Found {
        if let Some(user) = self.created.iter().find(|user| user.is(key)) {
            return Found::Created(user.clone());
        }
        if self.deleted.contains(&key.to_lowercase()) { Found::Deleted } else { Found::InTenant }
    }

    /// The user `key` of the tenant as it would be, if these properties of it are known; none
    /// for the signed-in user.
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

    /// Takes note of a user, as the tenant gave it. `key` is what it was asked by; none for the
    /// signed-in user.
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

    /// Whether a listing of the users would differ.
    pub fn has_changed_users(&self) -> bool {
        !(self.created.is_empty() && self.deleted.is_empty() && self.changes.is_empty())
    }

    /// Changes a user of the tenant, as it was read, to what it would be.
    pub fn overlay(&self, user: &mut Value) -> bool {
        let id = user.get("id").or(user.get("userPrincipalName")).and_then(Value::as_str);
        let id = id.map(|key| self.id(key)).unwrap_or_default();
        user.as_object_mut().is_some_and(|user| self.overlay_licenses(&id, user))
    }

    /// Changes a page of the listing of the users, as it was read, to what it would be. Users
    /// that were created are on the last one, which may so be larger than was asked for;
    /// `selected` is what was asked for of them.
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

    /// Whether a user, as the tenant gave it, would not be there.
    pub fn is_gone(&self, user: &Value) -> bool {
        let text = |name: &str| user.get(name).and_then(Value::as_str).map(str::to_lowercase);
        let is_deleted = |key: String| self.deleted.contains(&key);
        let name = text("userPrincipalName");
        // A new user has the name of one that is gone.
        let is_replaced = |name: &String| self.created.iter().any(|user| user.is(name));
        name.as_ref().is_some_and(is_replaced) || text("id").or(name).is_some_and(is_deleted)
    }

    fn overlay_licenses(&self, id: &str, user: &mut Map<String, Value>) -> bool {
        let Some(changes) = self.changes.get(id) else { return false };
        let licenses = user.get_mut("assignedLicenses").and_then(Value::as_array_mut);
        licenses.map(|licenses| changes.iter().for_each(|change| change.make(licenses))).is_some()
    }

    /// The object id of a user of the tenant in small letters, or the key itself where it is
    /// not known.
    fn id(&self, key: &str) -> String {
        let key = key.to_lowercase();
        self.ids.get(&key).cloned().unwrap_or(key)
    }
}

impl User {
    /// What a read shows that asks for `selected`.
    pub fn shown(&self, selected: Option<&str>) -> Map<String, Value> {
        match selected {
            Some(names) => self.select(names.split(',').map(str::trim)),
            None => self.default_set(),
        }
    }
}

impl Change {
    /// Gives and takes licences, as `assignLicense` does.
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

/// The SKU of a licence.
fn sku(license: &Value) -> Option<Guid> {
    guid(license.get("skuId")?)
}

fn guid(value: &Value) -> Option<Guid> {
    value.as_str()?.parse().ok()
}
