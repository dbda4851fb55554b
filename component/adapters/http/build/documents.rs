//! The list of the actions, and the description of each with its schemas, as JSON.

use std::error::Error;
use std::fmt::Write;

use serde_json::{Value, json};
use values::schema;
use wit_parser::{Function, Interface, Resolve};

use super::actions;

/// Returns the source of the documents.
pub fn source(
    resolve: &Resolve,
    interfaces: &[&Interface],
    policy: &str,
) -> Result<String, Box<dyn Error>> {
    let policy: toml::Table = policy.parse()?;
    let mut rows = Vec::new();
    let mut descriptions = String::from("&[\n");
    for (_, function) in actions(interfaces) {
        let name = &function.name;
        let known = policy.get("actions").and_then(|actions| actions.get(name));
        rows.push(row(function, known.ok_or_else(|| format!("actions.toml lacks {name}"))?));
        let described = json!({
            "name": name,
            "input": schema::input(resolve, function)?,
            "output": schema::output(resolve, function)?,
        });
        writeln!(descriptions, "    ({name:?}, {:?}),", described.to_string())?;
    }
    descriptions.push(']');
    let list = Value::from(rows).to_string();
    Ok(format!(
        "/// The list of the actions.\npub const LIST: &str = {list:?};\n\n\
         /// The description of each action.\n\
         pub const DESCRIPTIONS: &[(&str, &str)] = {descriptions};\n"
    ))
}

/// Returns an action in the list.
fn row(function: &Function, policy: &toml::Value) -> Value {
    let text = |key: &str| policy.get(key).and_then(toml::Value::as_str).unwrap_or_default();
    let texts = |key: &str| -> Vec<&str> {
        let list = policy.get(key).and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_str).collect()
    };
    let docs = function.docs.contents.as_deref().unwrap_or_default().trim();
    let summary = docs.split_once(". ").map_or(docs, |(first, _)| first).trim_end_matches('.');
    json!({
        "name": function.name, "title": text("title"), "category": text("category"),
        "summary": summary, "calls": texts("calls"), "secrets": texts("secrets"),
        "idempotent": policy.get("idempotent").and_then(toml::Value::as_bool).unwrap_or_default(),
    })
}
