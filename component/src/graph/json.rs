//! Reading Graph's JSON. Null and a missing property are the same; a property of another
//! type than documented counts as missing. By hand, because derived readers of this few
//! types cost more of the component's size than the actions themselves.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::error::CallError;
use super::fault::Fault;
use super::transport::Response;

/// What can be read from a JSON object.
pub trait FromJson: Sized {
    /// Reads `value`. Returns `None` when it lacks a required property.
    fn from_json(value: &Value) -> Option<Self>;
}

/// Reads a successful response as JSON; `what` names what it should be.
///
/// # Errors
/// It is something else, or it holds an `error`, which is never part of a success.
pub fn parse<T: FromJson>(response: &Response, what: &str) -> Result<T, CallError> {
    read(response, what, |value| T::from_json(value).ok_or(Unread::Malformed))
}

/// The same with `read` for what is made of the JSON.
///
/// # Errors
/// See [`parse`].
pub fn read<T>(
    response: &Response,
    what: &str,
    read: impl FnOnce(&Value) -> Result<T, Unread>,
) -> Result<T, CallError> {
    let value = object(response).ok_or(Unread::Malformed);
    let result = value.and_then(|value| match error_in(&value) {
        Some(error) => Err(Unread::Refused(error.clone())),
        None => read(&value),
    });
    result.map_err(|unread| unread.explain(response, what))
}

/// Why a response with the status of a success has no result.
pub enum Unread {
    /// It is not what was expected.
    Malformed,
    /// It lacks a property that was asked for.
    Hidden(&'static str),
    /// It holds an `error`.
    Refused(Value),
}

impl Unread {
    /// The error of the call that `response` answered; `what` was expected.
    pub fn explain(self, response: &Response, what: &str) -> CallError {
        match self {
            Unread::Malformed => {
                CallError::Malformed { message: format!("{what} was expected as JSON") }
            }
            Unread::Hidden(property) => CallError::Hidden { property },
            Unread::Refused(error) => CallError::Fault(Fault::beside(response, &error)),
        }
    }
}

/// Returns the `error` in a response.
pub fn error_in(value: &Value) -> Option<&Value> {
    value.get("error").filter(|error| !error.is_null())
}

/// Returns the JSON object in a response.
pub fn object(response: &Response) -> Option<Value> {
    tree(&response.body.joined()).filter(Value::is_object)
}

/// Reads `bytes` as JSON. By way of a text, as pages are read, so that the component has one
/// reader of JSON only.
pub fn tree(bytes: &[u8]) -> Option<Value> {
    serde_json::from_str(core::str::from_utf8(bytes).ok()?).ok()
}

/// The text at `key`.
pub fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// The whole number at `key`.
pub fn number(value: &Value, key: &str) -> Option<i64> {
    value.get(key)?.as_i64()
}

/// The objects in the list at `key`, without those that cannot be read.
pub fn list<T: FromJson>(value: &Value, key: &str) -> Vec<T> {
    array(value, key).iter().filter_map(T::from_json).collect()
}

/// The texts in the list at `key`.
pub fn texts(value: &Value, key: &str) -> Vec<String> {
    array(value, key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The list at `key`, empty when there is none.
pub fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
