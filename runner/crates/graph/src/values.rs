//! Validates the values of a user's and a group's further properties.

use serde_json::{Map, Value};

use super::accounts::wrong_type;
use super::properties::{Property, PropertyKind};
use super::refusal::Refusal;

/// The greatest lengths of texts, in characters. Sources: "user resource type" and "group resource
/// type".
const LENGTHS: [(&str, usize); 13] = [
    ("city", 128),
    ("companyName", 64),
    ("country", 128),
    ("department", 64),
    ("description", 1_024),
    ("employeeId", 16),
    ("givenName", 64),
    ("jobTitle", 128),
    ("mobilePhone", 64),
    ("postalCode", 40),
    ("state", 128),
    ("streetAddress", 1_024),
    ("surname", 64),
];

/// The lists with a greatest number of items. Source: "user resource type".
const SIZES: [(&str, usize); 2] = [("businessPhones", 1), ("otherMails", 250)];

/// The members of objects. Source: the metadata of Graph v1.0.
const MEMBERS: [(&str, &[&str]); 2] = [
    ("employeeOrgData", &["costCenter", "division"]),
    (
        "onPremisesExtensionAttributes",
        &[
            "extensionAttribute1",
            "extensionAttribute2",
            "extensionAttribute3",
            "extensionAttribute4",
            "extensionAttribute5",
            "extensionAttribute6",
            "extensionAttribute7",
            "extensionAttribute8",
            "extensionAttribute9",
            "extensionAttribute10",
            "extensionAttribute11",
            "extensionAttribute12",
            "extensionAttribute13",
            "extensionAttribute14",
            "extensionAttribute15",
        ],
    ),
];

/// Fails when a client of Graph cannot write the value to a property of a `resource`, such as
/// `User`.
pub fn check(property: &Property, value: &Value, resource: &str) -> Result<(), Refusal> {
    let name = property.name;
    let invalid = || Refusal::invalid_value_of(name, resource);
    match (property.kind, value) {
        (
            PropertyKind::Text | PropertyKind::Flag | PropertyKind::Time | PropertyKind::Object,
            Value::Null,
        )
        | (PropertyKind::Flag, Value::Bool(_)) => Ok(()),
        (PropertyKind::Text, Value::String(text)) => {
            fits(name, text).then_some(()).ok_or_else(invalid)
        }
        (PropertyKind::Texts, Value::Array(list)) => {
            let longest = SIZES.iter().find(|(own, _)| *own == name).map(|(_, most)| *most);
            if longest.is_some_and(|most| list.len() > most) {
                return Err(invalid());
            }
            list.iter().all(Value::is_string).then_some(()).ok_or_else(|| wrong_type(name))
        }
        (PropertyKind::Time, Value::String(text)) => {
            text.parse::<jiff::Timestamp>().map(drop).map_err(|_| wrong_type(name))
        }
        (PropertyKind::Object, Value::Object(object)) => members(name, object),
        (PropertyKind::Elsewhere | PropertyKind::Unwritten | PropertyKind::UnwrittenList, _) => {
            Err(Refusal::not_simulated(name))
        }
        (
            PropertyKind::Fixed
            | PropertyKind::FixedFlag
            | PropertyKind::FixedTime
            | PropertyKind::FixedList,
            _,
        ) => Err(Refusal::read_only(name)),
        _ => Err(wrong_type(name)),
    }
}

/// Whether a text is not empty, for which the directory has null, and not too long.
fn fits(name: &str, text: &str) -> bool {
    let longest = LENGTHS.iter().find(|(own, _)| *own == name).map(|(_, longest)| *longest);
    !text.is_empty() && longest.is_none_or(|longest| text.chars().nth(longest).is_none())
}

fn members(name: &'static str, object: &Map<String, Value>) -> Result<(), Refusal> {
    let known = MEMBERS.iter().find(|(own, _)| *own == name).map_or(&[][..], |(_, own)| *own);
    for (member, value) in object.iter().filter(|(member, _)| !member.contains('@')) {
        if !known.contains(&member.as_str()) {
            return Err(Refusal::unknown_property(member, name));
        }
        if !value.is_null() && !value.is_string() {
            return Err(wrong_type(name));
        }
    }
    Ok(())
}
