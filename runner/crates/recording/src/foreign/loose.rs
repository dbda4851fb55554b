//! What stands in an entry of another program, whichever of JSON's types it chose for it.

use serde_json::{Map, Value};

use crate::har::Header;

/// A member of an object; none where that is no object, or the member is `null`.
pub fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|member| !member.is_null())
}

/// A text, or a number as text.
pub fn text(value: &Value, name: &str) -> Option<String> {
    match member(value, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The same; an empty one is none.
pub fn filled(value: &Value, name: &str) -> Option<String> {
    text(value, name).filter(|text| !text.trim().is_empty())
}

/// A number, or a text that is one.
pub fn number(value: &Value, name: &str) -> Option<f64> {
    match member(value, name)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// How many bytes; none where that is not known, for which HAR has -1.
pub fn size(value: &Value, name: &str) -> Option<u64> {
    number(value, name).and_then(whole)
}

/// A number that counts something.
pub fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}

/// The headers: a list of names and values as HAR has it, or an object. A value of several
/// lines is several values, as chrome-har-capturer writes what was repeated.
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

/// The first value of a header.
pub fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    Some(header.value.trim())
}

/// The fields of a form as its body.
pub fn form(value: &Value) -> Option<String> {
    let Some(Value::Array(params)) = member(value, "params") else { return None };
    let pairs = params
        .iter()
        .filter_map(|param| Some((text(param, "name")?, text(param, "value").unwrap_or_default())));
    Some(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// The bytes of Node's `Buffer`, as it writes itself in JSON.
pub fn buffer(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let is_buffer = fields.len() == 2 && fields.get("type")?.as_str()? == "Buffer";
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    let bytes = fields.get("data")?.as_array()?.iter().map(byte).collect();
    if is_buffer { bytes } else { None }
}
