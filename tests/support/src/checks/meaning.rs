//! When two JSON values say the same of a component value.

use serde_json::{Map, Number, Value};

/// Whether `written` says what `given` said: a member that is null may be left out, and a
/// number may have another form, but no digit that counts.
pub fn same(given: &Value, written: &Value) -> bool {
    match (given, written) {
        (Value::Object(given), Value::Object(written)) => same_members(given, written),
        (Value::Array(given), Value::Array(written)) => {
            given.len() == written.len()
                && given.iter().zip(written).all(|(given, written)| same(given, written))
        }
        (Value::Number(given), Value::Number(written)) => same_number(given, written),
        // 64-bit integers have both forms.
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => number.to_string() == *text,
        _ => given == written,
    }
}

fn same_members(given: &Map<String, Value>, written: &Map<String, Value>) -> bool {
    written.keys().all(|key| given.contains_key(key))
        && given.iter().all(|(key, value)| match written.get(key) {
            Some(written) => same(value, written),
            None => value.is_null(),
        })
}

fn single(number: &Number) -> f32 {
    number.to_string().parse().unwrap()
}

fn same_number(given: &Number, written: &Number) -> bool {
    let integer = |number: &Number| {
        number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
    };
    match (integer(given), integer(written)) {
        (Some(given), Some(written)) => given == written,
        // A number of single precision keeps fewer digits, and is rounded once.
        _ => given.as_f64() == written.as_f64() || single(given) == single(written),
    }
}
