//! Validates what users and groups have in common: names, and the values of further properties.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::member;
use super::properties::{self, Property, PropertyKind};
use super::refusal::Refusal;

/// The greatest length of a display name, in characters. Sources: "user resource type" and "group
/// resource type".
const DISPLAY_NAME: usize = 256;

/// The greatest length of a mail nickname, in characters. Source: as above.
const NICKNAME: usize = 64;

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

/// Returns a property that a `resource`, such as `User`, must have.
pub fn required<'a>(
    body: &'a Map<String, Value>,
    name: &'static str,
    resource: &str,
) -> Result<&'a Value, Refusal> {
    let value = member(body, name).filter(|value| !value.is_null());
    value.ok_or_else(|| Refusal::required(name, resource))
}

/// Returns a required text of at most `longest` characters.
pub fn required_text<'a>(
    body: &'a Map<String, Value>,
    name: &'static str,
    longest: usize,
    resource: &str,
) -> Result<&'a str, Refusal> {
    let value = required(body, name, resource)?.as_str().ok_or_else(|| wrong_type(name))?;
    if value.trim().is_empty() || value.chars().nth(longest).is_some() {
        return Err(Refusal::invalid_value_of(name, resource));
    }
    Ok(value)
}

/// Returns the display name.
pub fn display_name<'a>(body: &'a Map<String, Value>, resource: &str) -> Result<&'a str, Refusal> {
    required_text(body, "displayName", DISPLAY_NAME, resource)
}

/// Returns the mail nickname: ASCII without the characters that an address cannot have.
pub fn mail_nickname<'a>(body: &'a Map<String, Value>, resource: &str) -> Result<&'a str, Refusal> {
    let name = required_text(body, "mailNickname", NICKNAME, resource)?;
    let allowed = |c: char| c.is_ascii_graphic() && !"@()\\[]\";:<>,".contains(c);
    let invalid = || Refusal::invalid_value_of("mailNickname", resource);
    name.chars().all(allowed).then_some(name).ok_or_else(invalid)
}

/// Returns the properties of a `resource` that are not among its `own` ones, which other functions
/// read, without annotations such as `@odata.type`.
pub fn further(
    body: &Map<String, Value>,
    own: &[&str],
    properties: &'static [Property],
    resource: &str,
) -> Result<BTreeMap<String, Value>, Refusal> {
    let is_own = |name: &str| own.iter().any(|own| own.eq_ignore_ascii_case(name));
    let further = body.iter().filter(|(name, _)| !name.contains('@') && !is_own(name));
    further
        .map(|(name, value)| {
            let property = properties::find(properties, name)
                .ok_or_else(|| Refusal::unknown_property(name, &resource.to_ascii_lowercase()))?;
            check(property, value, resource)?;
            Ok((property.name.to_owned(), value.clone()))
        })
        .collect()
}

/// A value of another type than that of its property.
pub(super) fn wrong_type(name: &str) -> Refusal {
    Refusal::bad(format!(
        "A value of another type than that of the property '{name}' was found in the request."
    ))
}

/// Fails when a client of Graph cannot write the value to a property of a `resource`, such as
/// `User`.
fn check(property: &Property, value: &Value, resource: &str) -> Result<(), Refusal> {
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
