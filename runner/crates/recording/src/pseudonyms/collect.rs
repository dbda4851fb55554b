//! Finds what identifies somebody, by field and by form.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use url::Url;

use super::cursor::Seal;
use super::fields::{self, FieldKind, MICROSOFTS, OF_TENANT, PAGES};
use super::inner;
use super::people::{OTHER, People, TENANT, guid};
use super::replace::{Pseudonym, Reach};
use crate::texts;

/// The length from which the name of a tenant is not part of a word by chance.
const LONG: usize = 6;

/// The marks of people and tenants in a recording.
#[derive(Default)]
pub struct Collection {
    people: People,
    /// The domains, in the order of their appearance.
    domains: Vec<String>,
    tenant_names: Vec<String>,
    tenant_ids: Vec<String>,
    pages: Vec<String>,
    /// All ids in order, and the texts that are the same in every tenant.
    ids: Vec<String>,
    pub public: BTreeSet<String>,
    /// The texts of other fields. A name that is among them is an ordinary word.
    words: BTreeSet<String>,
    own_domain: String,
    pub seal: Option<Seal>,
}

impl Collection {
    pub fn of(document: &Value) -> Self {
        let mut found = Self::default();
        let run = document.pointer("/log/_o365").unwrap_or(&Value::Null);
        if let Some(tenant) = run.pointer("/connection/tenant").and_then(Value::as_str) {
            found.own_domain = tenant.to_lowercase();
            found.domain(tenant);
        }
        found.seal = Seal::of(run);
        for part in ["input", "connection"] {
            found.value(&run[part], None);
        }
        let entries = document.pointer("/log/entries").and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            for place in ["/request/url", "/request/postData/text", "/response/content/text"] {
                found.value(entry.pointer(place).unwrap_or(&Value::Null), None);
            }
        }
        for part in ["result", "error"] {
            found.value(&run[part], None);
        }
        // Addresses and ids, wherever they are.
        found.forms(document);
        found
    }

    fn value(&mut self, value: &Value, field: Option<&str>) {
        match value {
            Value::Object(fields) => self.object(fields, field),
            Value::Array(items) => items.iter().for_each(|item| self.value(item, field)),
            Value::String(text) => match inner(text) {
                Some(inner) => self.value(&inner, None),
                None => self.text(text, field),
            },
            _ => {}
        }
    }

    fn text(&mut self, text: &str, field: Option<&str>) {
        match field.map(fields::kind) {
            Some(Some(FieldKind::Public)) => {
                self.public.insert(text.to_lowercase());
            }
            Some(None) => {
                self.words.insert(text.to_lowercase());
            }
            _ => {}
        }
        if let Ok(url) = Url::parse(text) {
            let pages = url.query_pairs().filter(|(name, _)| PAGES.contains(&&**name));
            let pages: Vec<String> = pages.map(|(_, page)| page.into_owned()).collect();
            pages.into_iter().for_each(|page| once(&mut self.pages, page));
        }
    }

    fn object(&mut self, object: &Map<String, Value>, field: Option<&str>) {
        if object.contains_key(OF_TENANT) {
            self.tenant(object);
        } else if field != Some(OF_TENANT) {
            self.person(object);
        }
        for (name, value) in object {
            self.value(value, Some(name));
        }
    }

    fn tenant(&mut self, object: &Map<String, Value>) {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        text("displayName").into_iter().for_each(|name| once(&mut self.tenant_names, name));
        text("id").into_iter().for_each(|id| once(&mut self.tenant_ids, id.to_lowercase()));
        let domains = object.get(OF_TENANT).and_then(Value::as_array);
        for domain in domains.into_iter().flatten() {
            if let Some(name) = domain.get("name").and_then(Value::as_str) {
                self.domain(name);
            }
        }
    }

    fn person(&mut self, object: &Map<String, Value>) {
        let marks: Vec<(FieldKind, String)> = object
            .iter()
            .filter_map(|(name, value)| Some((fields::kind(name)?, name, value)))
            .flat_map(|(kind, name, value)| texts_of(value).map(move |text| (kind, name, text)))
            .filter(|(kind, name, text)| identifies(*kind, name, text, object))
            .map(|(kind, _, text)| (kind, text.to_owned()))
            .collect();
        let mut own = Vec::new();
        for (kind, text) in marks {
            match kind {
                FieldKind::Domain => self.domain(&text),
                FieldKind::TenantName => once(&mut self.tenant_names, text),
                FieldKind::TenantId => once(&mut self.tenant_ids, text.to_lowercase()),
                FieldKind::OthersAddress => {
                    self.address(&text);
                    self.people.add(&[(FieldKind::Address, text)], &self.own_domain);
                }
                FieldKind::Address => {
                    self.address(&text);
                    own.push((kind, text));
                }
                FieldKind::Public => {}
                _ => own.push((kind, text)),
            }
        }
        // An id alone may belong to anything.
        if own.iter().any(|(kind, _)| *kind != FieldKind::Id) {
            self.people.add(&own, &self.own_domain);
        }
    }

    fn address(&mut self, address: &str) {
        if let Some((_, domain)) = address.rsplit_once('@') {
            self.domain(domain);
        }
    }

    fn domain(&mut self, domain: &str) {
        let domain = domain.to_lowercase();
        let microsofts = MICROSOFTS.iter().any(|own| {
            domain.strip_suffix(own).is_some_and(|before| {
                before.is_empty() || (before.ends_with('.') && *own != "onmicrosoft.com")
            })
        });
        if !microsofts && domain.contains('.') {
            once(&mut self.domains, domain);
        }
    }

    fn forms(&mut self, document: &Value) {
        let found = std::cell::RefCell::new((Vec::new(), Vec::new()));
        texts::change_value(&mut document.clone(), &|text| {
            let (addresses, ids) = &mut *found.borrow_mut();
            addresses.extend(addresses_in(text));
            ids.extend(words(text, in_id).filter(|word| is_id(word)));
            None
        });
        let (addresses, ids) = found.into_inner();
        for address in addresses {
            self.address(&address);
            self.people.add(&[(FieldKind::Address, address)], &self.own_domain);
        }
        ids.into_iter().for_each(|id| once(&mut self.ids, id.to_lowercase()));
    }

    pub fn pseudonyms(&self) -> Vec<Pseudonym> {
        let domains: BTreeMap<&str, String> = (1..)
            .zip(&self.domains)
            .map(|(number, domain)| (domain.as_str(), format!("tenant{number}.example")))
            .collect();
        let domain = |of: &str| {
            domains.get(of.to_lowercase().as_str()).cloned().unwrap_or_else(|| of.to_owned())
        };
        let mut all: Vec<Pseudonym> = Vec::new();
        for (kind, value, pseudonym) in self.people.pseudonyms(&domain) {
            let is_word = kind == FieldKind::Name && self.words.contains(&value.to_lowercase());
            let reach = match kind {
                FieldKind::Nickname => Reach::WholeText,
                _ => Reach::Anywhere,
            };
            if !is_word {
                all.push(Pseudonym { value, pseudonym, reach });
            }
        }
        let anywhere = |value: &str, pseudonym| Pseudonym {
            value: value.to_owned(),
            pseudonym,
            reach: Reach::Anywhere,
        };
        for (domain, pseudonym) in &domains {
            all.push(anywhere(domain, pseudonym.clone()));
            // The label of `contoso.onmicrosoft.com` is the tenant's name as well.
            let label = domain.strip_suffix(".onmicrosoft.com").or_else(|| {
                (*domain == self.own_domain).then(|| domain.split('.').next().unwrap_or_default())
            });
            let name = pseudonym.strip_suffix(".example").unwrap_or(pseudonym);
            all.extend(label.map(|label| Pseudonym {
                value: label.to_owned(),
                pseudonym: name.to_owned(),
                reach: if label.len() < LONG { Reach::Anywhere } else { Reach::InWords },
            }));
        }
        for (number, name) in (1..).zip(&self.tenant_names) {
            all.push(anywhere(name, format!("Tenant {number}")));
        }
        for (number, id) in (1..).zip(&self.tenant_ids) {
            all.push(anywhere(id, guid(TENANT, number)));
        }
        for (number, page) in (1..).zip(&self.pages) {
            all.push(anywhere(page, format!("page{number}")));
        }
        let others = self.ids.iter().filter(|id| !self.public.contains(*id) && !microsofts(id));
        for (number, id) in (1..).zip(others) {
            all.push(anywhere(id, guid(OTHER, number)));
        }
        all
    }
}

fn once(list: &mut Vec<String>, value: String) {
    if !value.is_empty() && !list.contains(&value) {
        list.push(value);
    }
}

fn texts_of(value: &Value) -> impl Iterator<Item = &str> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value.as_str().into_iter().chain(items.iter().filter_map(Value::as_str))
}

/// Whether a field of this kind identifies somebody in this object.
fn identifies(kind: FieldKind, field: &str, text: &str, object: &Map<String, Value>) -> bool {
    match kind {
        FieldKind::Address | FieldKind::OthersAddress => text.contains('@'),
        // Many objects have a name.
        FieldKind::Name => {
            let of_product = ["skuId", "skuPartNumber", "servicePlanId", "serviceId"]
                .iter()
                .any(|field| object.contains_key(*field) && !object.contains_key("mailNickname"));
            text.len() > 1
                && (object.contains_key("address") || (field == "displayName" && !of_product))
        }
        FieldKind::Id => is_id(text),
        _ => text.len() > 1,
    }
}

/// Returns the mail addresses and user names in a text.
pub fn addresses_in(text: &str) -> impl Iterator<Item = String> {
    words(text, in_address).filter(|word| is_address(word))
}

fn words(text: &str, of: fn(char) -> bool) -> impl Iterator<Item = String> {
    text.split(move |c| !of(c)).map(|word| word.trim_matches('.').to_owned())
}

fn in_address(c: char) -> bool {
    c.is_alphanumeric() || "@._%+-#".contains(c)
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && domain.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
    })
}

fn in_id(c: char) -> bool {
    c.is_ascii_hexdigit() || c == '-'
}

fn is_id(word: &str) -> bool {
    word.len() == 36 && uuid::Uuid::try_parse(word).is_ok()
}

/// Whether an id belongs to an application of Microsoft, or is all zeros.
fn microsofts(id: &str) -> bool {
    id.ends_with("-0000-0000-c000-000000000000") || id.chars().all(|c| "0-".contains(c))
}
