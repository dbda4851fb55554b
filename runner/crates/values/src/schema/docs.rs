//! Documentation of the WIT as descriptions.

use serde_json::{Value, json};
use wit_parser::Docs;

/// Puts documentation before the description of the schema: that of a field before that of its
/// type.
pub(super) fn describe(schema: Value, docs: &Docs) -> Value {
    match text(docs) {
        Some(text) => prepend(schema, text),
        None => schema,
    }
}

/// Adds the documentation of names as a list, since JSON Schema has no description of one `enum`
/// value.
pub(super) fn named<'a>(schema: Value, names: impl Iterator<Item = (&'a str, &'a Docs)>) -> Value {
    let lines: Vec<String> = names
        .filter_map(|(name, docs)| text(docs).map(|text| format!("- `{name}`: {text}")))
        .collect();
    if lines.is_empty() { schema } else { prepend(schema, &lines.join("\n")) }
}

fn text(docs: &Docs) -> Option<&str> {
    docs.contents.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn prepend(mut schema: Value, text: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        let description = match object.get("description").and_then(Value::as_str) {
            Some(rest) => format!("{text}\n\n{rest}"),
            None => text.to_owned(),
        };
        object.insert("description".into(), json!(description));
    }
    schema
}
