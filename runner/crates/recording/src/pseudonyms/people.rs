//! Which marks belong to the same person, and each person's pseudonyms.

use std::collections::BTreeMap;

use super::fields::FieldKind;

/// The people of a recording, in the order of their appearance.
#[derive(Default)]
pub struct People {
    people: Vec<Person>,
    /// The person of each address, user name and id, in lower case.
    known: BTreeMap<String, usize>,
}

#[derive(Default)]
struct Person {
    /// The marks of the person, without duplicates.
    marks: Vec<(FieldKind, String)>,
}

impl People {
    /// Adds the marks that one object holds of one person. A person with one of its addresses or
    /// ids is the same. `nick_domain` completes a user name without a domain.
    pub fn add(&mut self, marks: &[(FieldKind, String)], nick_domain: &str) {
        let keys: Vec<String> =
            marks.iter().filter_map(|(kind, value)| key(*kind, value, nick_domain)).collect();
        let found = keys.iter().find_map(|key| self.known.get(key).copied());
        let index = found.or_else(|| self.with_name(marks)).unwrap_or_else(|| {
            self.people.push(Person::default());
            self.people.len() - 1
        });
        for key in keys {
            let other = self.known.insert(key, index);
            if let Some(other) = other.filter(|other| *other != index) {
                self.merge(other, index);
            }
        }
        if let Some(person) = self.people.get_mut(index) {
            for mark in marks.iter().filter(|(_, value)| !value.is_empty()) {
                if !person.marks.contains(mark) {
                    person.marks.push(mark.clone());
                }
            }
        }
    }

    /// Returns the person of the same name, for an object with nothing else.
    fn with_name(&self, marks: &[(FieldKind, String)]) -> Option<usize> {
        let [name @ (FieldKind::Name, _)] = marks else { return None };
        self.people.iter().position(|person| person.marks.contains(name))
    }

    fn merge(&mut self, from: usize, to: usize) {
        let marks = self.people.get_mut(from).map(|person| std::mem::take(&mut person.marks));
        if let Some(person) = self.people.get_mut(to) {
            person.marks.extend(marks.unwrap_or_default());
        }
        for index in self.known.values_mut().filter(|index| **index == from) {
            *index = to;
        }
    }

    /// Returns all marks with their pseudonyms. `domain` returns the pseudonym of a domain.
    pub fn pseudonyms(&self, domain: &dyn Fn(&str) -> String) -> Vec<(FieldKind, String, String)> {
        let known = self.people.iter().filter(|person| !person.marks.is_empty());
        (1..).zip(known).flat_map(|(number, person)| person.pseudonyms(number, domain)).collect()
    }
}

impl Person {
    fn pseudonyms(
        &self,
        number: usize,
        domain: &dyn Fn(&str) -> String,
    ) -> Vec<(FieldKind, String, String)> {
        let mut taken: Vec<String> = Vec::new();
        let mut pseudonyms = Vec::new();
        for (kind, value) in &self.marks {
            let pseudonym = match kind {
                FieldKind::Address => {
                    let (local, of) = value.rsplit_once('@').unwrap_or((value, ""));
                    let first = format!("user{number}@{}", domain(of));
                    let again = format!("user{number}-{}@{}", local.len(), domain(of));
                    if taken.contains(&first) { again } else { first }
                }
                FieldKind::Name => format!("Person {number}"),
                FieldKind::GivenName => format!("Given{number}"),
                FieldKind::Surname => format!("Surname{number}"),
                FieldKind::Nickname => format!("user{number}"),
                FieldKind::Id => guid(PERSON, number),
                FieldKind::Phone => format!("+1 555 {number:07}"),
                _ => continue,
            };
            taken.push(pseudonym.clone());
            pseudonyms.push((*kind, value.clone(), pseudonym));
        }
        pseudonyms
    }
}

/// Returns what identifies a person uniquely. A name does not.
fn key(kind: FieldKind, value: &str, nick_domain: &str) -> Option<String> {
    match kind {
        FieldKind::Address | FieldKind::Id => Some(value.to_lowercase()),
        FieldKind::Nickname => Some(format!("{value}@{nick_domain}").to_lowercase()),
        _ => None,
    }
}

/// The groups of GUIDs: of people, of tenants and of other objects.
pub const PERSON: u32 = 1;
pub const TENANT: u32 = 2;
pub const OTHER: u32 = 3;

/// Returns the GUID that replaces an id, which shows that it is not real.
pub fn guid(group: u32, number: usize) -> String {
    format!("00000000-0000-4000-8000-{group:03}{number:09}")
}
