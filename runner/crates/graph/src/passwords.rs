//! Validates the password profile of a user as the directory does.

use serde_json::{Map, Value};

use super::member;
use super::refusal::Refusal;
use super::values::wrong_type;

/// The length of a password, in characters. Source: "Microsoft Entra password policies".
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// The number of character classes that a password needs. Source: as above.
const KINDS: usize = 3;

const PASSWORD: &str = "password";
const FORCE: &str = "forceChangePasswordNextSignIn";
const FORCE_WITH_MFA: &str = "forceChangePasswordNextSignInWithMfa";

/// What a password profile says beside the password, which is validated and discarded.
#[derive(Clone, Copy, Debug, Default)]
pub struct PasswordProfile {
    /// Whether there is a new password.
    pub has_password: bool,
    /// Whether the password must be changed at the next sign-in, if the profile says.
    pub force_change: Option<bool>,
    /// The same, after multi-factor authentication.
    pub force_change_with_mfa: Option<bool>,
}

impl PasswordProfile {
    /// Reads the profile of a new user, who needs a password.
    pub fn of_new_user(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let profile = member(body, "passwordProfile").and_then(Value::as_object);
        if profile.is_none_or(|profile| member(profile, PASSWORD).is_none_or(Value::is_null)) {
            return Err(Refusal::bad("A password must be specified to create a new user.")
                .about("PasswordRequired", "passwordProfile"));
        }
        Self::read(body).map(Option::unwrap_or_default)
    }

    /// Reads the profile, if there is one.
    pub fn read(body: &Map<String, Value>) -> Result<Option<Self>, Refusal> {
        let Some(profile) = member(body, "passwordProfile").filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let profile = profile.as_object().ok_or_else(|| wrong_type("passwordProfile"))?;
        let known = |name: &str| {
            name.contains('@')
                || [PASSWORD, FORCE, FORCE_WITH_MFA]
                    .iter()
                    .any(|own| own.eq_ignore_ascii_case(name))
        };
        if let Some(name) = profile.keys().find(|name| !known(name)) {
            return Err(Refusal::malformed(format!(
                "The property '{name}' does not exist on type 'microsoft.graph.passwordProfile'. Make sure to only use property names that are defined by the type."
            )));
        }
        match member(profile, PASSWORD) {
            None | Some(Value::Null) => {}
            Some(Value::String(password)) => check(password)?,
            Some(_) => return Err(wrong_type(PASSWORD)),
        }
        Ok(Some(Self {
            has_password: member(profile, PASSWORD).is_some_and(Value::is_string),
            force_change: flag(profile, FORCE)?,
            force_change_with_mfa: flag(profile, FORCE_WITH_MFA)?,
        }))
    }
}

fn flag(profile: &Map<String, Value>, name: &'static str) -> Result<Option<bool>, Refusal> {
    match member(profile, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(wrong_type(name)),
    }
}

/// Fails when the password is too weak.
pub fn check(password: &str) -> Result<(), Refusal> {
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, |c| {
            c.is_ascii_punctuation() || *c == ' '
        }];
    let has = |kind: &&fn(&char) -> bool| password.chars().any(|c| kind(&c));
    let strong = LENGTH.contains(&password.chars().count())
        && password.chars().all(|c| c.is_ascii_graphic() || c == ' ')
        && kinds.iter().filter(has).count() >= KINDS;
    if strong {
        return Ok(());
    }
    Err(Refusal::bad(
        "The specified password does not comply with password complexity requirements. Please provide a different password.",
    ))
}
