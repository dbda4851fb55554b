//! The tenant as it would be: what the plan has written, and what it has read of the names
//! of things.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::simulator::Guid;

/// The properties of a user that Graph gives when none are selected.
/// Source: "user resource type", Graph v1.0 reference.
const DEFAULT_SET: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// What differs from the tenant as it is.
#[derive(Default)]
pub struct World {
    users: Vec<User>,
    /// Object ids and names of deleted users, in small letters.
    deleted: BTreeSet<String>,
    /// The licences that users of the tenant would have been given or lost, by key.
    licenses: BTreeMap<String, Licenses>,
    /// Names of users by object id, and of licences by `skuId`, in small letters.
    names: BTreeMap<String, String>,
}

#[derive(Default)]
struct Licenses {
    added: Vec<Value>,
    removed: Vec<Value>,
}

/// A user that would have been created.
pub struct User {
    /// Its object id, which is made up: the same for the same name.
    pub id: String,
    /// Its user principal name.
    pub name: String,
    properties: Map<String, Value>,
    licenses: Vec<Value>,
}

/// What a read of a user would find.
pub enum Found {
    /// The plan has deleted it.
    Deleted,
    /// The plan has created it; these are the properties that were asked for.
    Planned(Value),
    /// The tenant knows.
    InTenant,
}

impl User {
    /// The user that the body of `POST /users` asks for.
    pub fn planned(body: &Value) -> Self {
        let mut properties = body.as_object().cloned().unwrap_or_default();
        properties.remove("passwordProfile");
        let name = properties.get("userPrincipalName").and_then(Value::as_str);
        let name = name.unwrap_or_default().to_owned();
        let id = Guid::of(&[b"planned user", name.to_lowercase().as_bytes()]).to_string();
        properties.insert("id".to_owned(), id.clone().into());
        Self { id, name, properties, licenses: Vec::new() }
    }

    /// The properties that Graph gives without `$select`.
    pub fn default_set(&self) -> Map<String, Value> {
        self.select(DEFAULT_SET)
    }

    fn select<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
        names.into_iter().map(|name| (name.to_owned(), self.property(name))).collect()
    }

    fn property(&self, name: &str) -> Value {
        match name {
            "assignedLicenses" => self.licenses.clone().into(),
            // Plans are filled in later than licences, so this is what Graph shows at first.
            "assignedPlans" | "provisionedPlans" | "businessPhones" => json!([]),
            _ => self.properties.get(name).cloned().unwrap_or_default(),
        }
    }

    fn is(&self, key: &str) -> bool {
        self.id.eq_ignore_ascii_case(key) || self.name.eq_ignore_ascii_case(key)
    }
}

impl World {
    /// Adds a user.
    pub fn create(&mut self, user: User) {
        self.deleted.remove(&user.name.to_lowercase());
        self.names.insert(user.id.clone(), user.name.clone());
        self.users.push(user);
    }

    /// Takes a user away.
    pub fn delete(&mut self, key: &str) {
        let name = self.name(key).to_lowercase();
        self.users.retain(|user| !user.is(key));
        self.deleted.extend([key.to_lowercase(), name]);
    }

    /// Gives a user licences and takes some away.
    pub fn assign(&mut self, key: &str, added: &[Value], removed: &[Value]) {
        match self.users.iter_mut().find(|user| user.is(key)) {
            Some(user) => change(&mut user.licenses, added, removed),
            None => {
                let licenses = self.licenses.entry(self.names_key(key)).or_default();
                licenses.added.extend_from_slice(added);
                licenses.removed.extend_from_slice(removed);
            }
        }
    }

    /// A user that would have been created.
    pub fn user(&self, key: &str) -> Option<&User> {
        self.users.iter().find(|user| user.is(key))
    }

    /// What a read of the user `key` would find, asked with this query.
    pub fn find(&self, key: &str, query: &str) -> Found {
        if self.deleted.contains(&key.to_lowercase()) {
            return Found::Deleted;
        }
        let Some(user) = self.user(key) else { return Found::InTenant };
        let select = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "$select");
        Found::Planned(Value::Object(match select {
            Some((_, names)) => user.select(names.split(',').map(str::trim)),
            None => user.default_set(),
        }))
    }

    /// A user's name, or the key itself where the name is not known.
    pub fn name(&self, key: &str) -> String {
        self.names.get(&key.to_lowercase()).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// A licence's part number, where it is known, and its id.
    pub fn sku(&self, sku_id: &str) -> String {
        match self.names.get(&sku_id.to_lowercase()) {
            Some(name) => format!("{name} ({sku_id})"),
            None => sku_id.to_owned(),
        }
    }

    /// Takes note of names in what was read.
    pub fn learn(&mut self, read: &Value) {
        let items = read.get("value").and_then(Value::as_array);
        for item in items.map_or(std::slice::from_ref(read), Vec::as_slice) {
            let text = |field: &str| item.get(field).and_then(Value::as_str);
            let pairs = [("id", "userPrincipalName"), ("skuId", "skuPartNumber")];
            for (id, name) in pairs.iter().filter_map(|(id, name)| text(id).zip(text(name))) {
                self.names.insert(id.to_lowercase(), name.to_owned());
            }
        }
    }

    /// Changes a user of the tenant, as it was read, to what it would be.
    pub fn overlay(&self, key: &str, user: &mut Value) -> bool {
        let Some(changes) = self.licenses.get(&self.names_key(key)) else { return false };
        let licenses = user.get_mut("assignedLicenses").and_then(Value::as_array_mut);
        licenses.map(|licenses| change(licenses, &changes.added, &changes.removed)).is_some()
    }

    /// The one key under which a user's changes are kept: the name, where it is known.
    fn names_key(&self, key: &str) -> String {
        self.name(key).to_lowercase()
    }
}

/// Gives and takes licences, as `assignLicense` does.
fn change(licenses: &mut Vec<Value>, added: &[Value], removed: &[Value]) {
    let same = |license: &Value, sku: Option<&Value>| license.get("skuId") == sku;
    for license in added {
        licenses.retain(|old| !same(old, license.get("skuId")));
        licenses.push(license.clone());
    }
    licenses.retain(|license| !removed.iter().any(|sku| same(license, Some(sku))));
}
