//! Reads members of an entry, whatever JSON type the program chose.

use serde_json::{Map, Value};

use crate::har::Header;

/// Returns a member of an object that is not `null`.
pub fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|member| !member.is_null())
}

/// Returns a text, or a number as text.
pub fn text(value: &Value, name: &str) -> Option<String> {
    match member(value, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns a text that is not blank.
pub fn filled(value: &Value, name: &str) -> Option<String> {
    text(value, name).filter(|text| !text.trim().is_empty())
}

/// Returns a number, or a text that is one.
pub fn number(value: &Value, name: &str) -> Option<f64> {
    match member(value, name)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// Returns a size, or `None` where it is unknown, which HAR writes as -1.
pub fn size(value: &Value, name: &str) -> Option<u64> {
    number(value, name).and_then(whole)
}

pub fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}

/// Returns the headers: a list of names and values, or an object. A value of several lines is
/// several values, as chrome-har-capturer writes repeated headers.
pub fn headers(value: &Value) -> Vec<Header> {
    match member(value, "headers") {
        Some(Value::Array(list)) => list.iter().flat_map(listed).collect(),
        Some(Value::Object(fields)) => fields
            .iter()
            .flat_map(|(name, value)| {
                let values = match value {
                    Value::Array(values) => values.iter().collect(),
                    value => vec![value],
                };
                values.into_iter().flat_map(|value| lines(name, value)).collect::<Vec<_>>()
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn listed(header: &Value) -> Vec<Header> {
    let name = text(header, "name").unwrap_or_default();
    header.get("value").map_or(Vec::new(), |value| lines(&name, value))
}

fn lines(name: &str, value: &Value) -> Vec<Header> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Vec::new(),
    };
    let header = |line: &str| Header { name: name.to_owned(), value: line.trim().to_owned() };
    text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()).map(header).collect()
}

pub fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    Some(header.value.trim())
}

/// Returns the fields of a form as its body.
pub fn form(value: &Value) -> Option<String> {
    let Some(Value::Array(params)) = member(value, "params") else { return None };
    let pairs = params
        .iter()
        .filter_map(|param| Some((text(param, "name")?, text(param, "value").unwrap_or_default())));
    Some(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// Returns the bytes of Node's `Buffer`, as it serializes itself.
pub fn buffer(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let is_buffer = fields.len() == 2 && fields.get("type")?.as_str()? == "Buffer";
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    let bytes = fields.get("data")?.as_array()?.iter().map(byte).collect();
    if is_buffer { bytes } else { None }
}
