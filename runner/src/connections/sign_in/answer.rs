//! Validating a successful response of the sign-in host. Messages repeat nothing of it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::refusal::without_mark;

/// The fields in seconds. Entra's first version wrote them as text.
const SECONDS: [&str; 3] = ["expires_in", "ext_expires_in", "interval"];

/// The upper bound of these fields, which prevents overflows.
const MOST_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

/// The text fields that a response must have: one with a token, and one with a device code.
/// Sources: RFC 6749, section 5.1, and RFC 8628, section 3.2.
const TOKEN: [&str; 2] = ["access_token", "token_type"];
const DEVICE: [&str; 3] = ["device_code", "user_code", "verification_uri"];

/// Normalizes `body`, so that every OAuth client can read it.
///
/// # Errors
/// Fails with a predicate about the response, such as `is not JSON`.
pub fn readable(body: &[u8]) -> Result<Vec<u8>, String> {
    let value: Value =
        serde_json::from_slice(without_mark(body)).map_err(|_| "is not JSON".to_owned())?;
    let Value::Object(mut fields) = value else { return Err("is not a JSON object".to_owned()) };
    let required = if fields.contains_key("device_code") { &DEVICE[..] } else { &TOKEN };
    for name in required {
        let text = fields.get(*name).ok_or_else(|| format!("has no {name}"))?;
        let empty = text.as_str().ok_or_else(|| format!("has no text as {name}"))?.is_empty();
        if empty {
            return Err(format!("has an empty {name}"));
        }
    }
    let is_bearer =
        |kind: &Value| kind.as_str().is_some_and(|it| it.eq_ignore_ascii_case("bearer"));
    if fields.get("token_type").is_some_and(|kind| !is_bearer(kind)) {
        return Err("has a token_type other than Bearer".to_owned());
    }
    SECONDS.iter().try_for_each(|name| tidy(&mut fields, name))?;
    serde_json::to_vec(&fields).map_err(|_| "is not JSON".to_owned())
}

/// Normalizes a number of seconds, and removes it if it is null.
fn tidy(fields: &mut Map<String, Value>, name: &str) -> Result<(), String> {
    let Some(value) = fields.get_mut(name) else { return Ok(()) };
    if value.is_null() {
        fields.remove(name);
        return Ok(());
    }
    let number = match &*value {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        value => value.as_f64(),
    };
    let seconds = number
        .filter(|number| *number >= 0.0)
        .ok_or_else(|| format!("has an {name} that is not a number of seconds"))?;
    let most = Duration::from_secs(MOST_SECONDS);
    let whole = Duration::try_from_secs_f64(seconds).unwrap_or(most).min(most).as_secs();
    *value = whole.into();
    Ok(())
}
