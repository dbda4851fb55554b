//! Validates the properties of a group as the directory does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::member;
use super::properties::GROUP;
use super::refusal::Refusal;
use super::values::{self, wrong_type};

/// The group type of Microsoft 365 groups.
const UNIFIED: &str = "Unified";

/// The resource in Graph's messages.
const RESOURCE: &str = "Group";

/// The properties that functions of this module read.
const OWN: [&str; 6] =
    ["displayName", "mailNickname", "mailEnabled", "securityEnabled", "groupTypes", "visibility"];

/// The group in the body of `POST /groups`.
pub struct NewGroup<'a> {
    /// The display name.
    pub display_name: &'a str,
    /// The mail nickname.
    pub mail_nickname: &'a str,
    /// Whether it is a Microsoft 365 group, which has an address.
    pub unified: bool,
    /// Whether it is a security group.
    pub security_enabled: bool,
    /// `Public`, `Private` or `HiddenMembership`.
    pub visibility: Option<&'static str>,
    /// Other properties under Graph's names.
    pub other: BTreeMap<String, Value>,
}

impl<'a> NewGroup<'a> {
    /// Reads the body.
    pub fn read(body: &'a Map<String, Value>) -> Result<Self, Refusal> {
        let unified = is_unified(body)?;
        let mail_enabled = flag(body, "mailEnabled")?;
        let security_enabled = flag(body, "securityEnabled")?;
        if unified != mail_enabled || !(unified || security_enabled) {
            // Published of a real response.
            return Err(Refusal::bad(
                "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
            ));
        }
        Ok(Self {
            display_name: display_name(body)?,
            mail_nickname: mail_nickname(body)?,
            unified,
            security_enabled,
            visibility: visibility(body)?,
            other: further(body)?,
        })
    }
}

/// Returns the display name.
pub fn display_name(body: &Map<String, Value>) -> Result<&str, Refusal> {
    values::display_name(body, RESOURCE)
}

/// Returns the mail nickname.
pub fn mail_nickname(body: &Map<String, Value>) -> Result<&str, Refusal> {
    values::mail_nickname(body, RESOURCE)
}

/// Returns a required flag.
pub fn flag(body: &Map<String, Value>, name: &'static str) -> Result<bool, Refusal> {
    values::required(body, name, RESOURCE)?.as_bool().ok_or_else(|| wrong_type(name))
}

/// Returns the visibility, if there is one. Source: "group resource type".
pub fn visibility(body: &Map<String, Value>) -> Result<Option<&'static str>, Refusal> {
    let invalid = || Refusal::invalid_value_of("visibility", RESOURCE);
    match member(body, "visibility") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = value.as_str().ok_or_else(invalid)?;
            let known = ["Public", "Private", "HiddenMembership"];
            let found = known.into_iter().find(|own| own.eq_ignore_ascii_case(text));
            found.map(Some).ok_or_else(invalid)
        }
    }
}

/// Returns the properties that no function above reads, without annotations and references.
pub fn further(body: &Map<String, Value>) -> Result<BTreeMap<String, Value>, Refusal> {
    values::further(body, &OWN, GROUP, RESOURCE)
}

fn is_unified(body: &Map<String, Value>) -> Result<bool, Refusal> {
    let types = match member(body, "groupTypes") {
        None | Some(Value::Null) => return Ok(false),
        Some(types) => types.as_array().ok_or_else(|| wrong_type("groupTypes"))?,
    };
    if types.iter().any(|own| own.as_str().is_some_and(|own| own == "DynamicMembership")) {
        return Err(Refusal::not_simulated("DynamicMembership"));
    }
    match types.as_slice() {
        [] => Ok(false),
        [only] if only.as_str().is_some_and(|own| own.eq_ignore_ascii_case(UNIFIED)) => Ok(true),
        _ => Err(Refusal::invalid_value_of("groupTypes", RESOURCE)),
    }
}
