//! WAVE, the text of a component's values, as far as the outcomes of the cases need it.

use serde_json::{Value, json};

use super::Ended;

/// An input as WAVE, whose strings are those of JSON.
pub fn text(value: &Value) -> String {
    let Value::Object(fields) = value else { return value.to_string() };
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect();
    format!("{{{}}}", fields.join(", "))
}

/// An outcome: a result as it is when it is JSON, and the fields of an error that the rules read.
pub fn ended(text: &str) -> Ended {
    let within = |case: &str| text.strip_prefix(case)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(error) = within("err") {
        let after = |name: &str| error.split_once(&format!("{name}: ")).unwrap().1;
        let word = |name: &str| after(name).split([',', '}']).next().unwrap();
        return Ended::Error(json!({
            "kind": word("kind"),
            "message": after("message"),
            "retrySafe": word("retry-safe") == "true",
            "completed": if after("completed").starts_with("[]") { json!([]) } else { json!(["a step"]) },
        }));
    }
    match within("ok") {
        Some(result) => {
            Ended::Result(serde_json::from_str(result).unwrap_or_else(|_| json!(result)))
        }
        None if text == "ok" => Ended::Result(Value::Null),
        None => Ended::Broken(text.to_owned()),
    }
}
