//! `o365 describe`: shows the input and output of an action.

use std::fmt::Write as _;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use super::failure::Failure;
use super::{Global, output, source};
use crate::contract::listing::Description;

#[derive(Debug, Args)]
pub struct Options {
    /// The action, such as create-user.
    action: String,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let documents = source::documents(global)?;
    let action = documents.action(&options.action).ok_or_else(|| {
        source::no_such_action(&options.action, documents.actions().map(|action| action.name))
    })?;
    let described = Description::of(&documents, &action).context("the action has no schema")?;
    if !output::for_people(global.json) {
        return output::result(&described);
    }
    let mut text = format!("{}\n\n{}\n\nInput:\n", action.name, action.text());
    describe(&described.input, 1, &mut text);
    text.push_str("\nOutput:\n");
    describe(&described.output, 1, &mut text);
    output::text(&text)
}

/// Appends a schema as an indented list of names with their types and descriptions.
fn describe(schema: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{indent}{}", type_name(schema));
        return;
    };
    let required = schema.get("required").and_then(Value::as_array);
    for (name, property) in properties {
        let optional = !required.is_some_and(|names| names.iter().any(|other| other == name));
        let _ = writeln!(
            text,
            "{indent}{name} ({}{}): {}",
            type_name(property),
            if optional { ", optional" } else { "" },
            property.get("description").and_then(Value::as_str).unwrap_or_default()
        );
        let items = property.get("items").unwrap_or(property);
        if items.get("properties").is_some() {
            describe(items, depth + 1, text);
        }
    }
}

/// Returns the type of a schema, other than null.
fn type_name(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("null")
        }
        _ => "value",
    }
}
