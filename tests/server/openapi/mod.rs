//! What the server says of itself.
//!
//! - `document`: the OpenAPI document against the contract, the fixtures and a public validator
//! - `names`: what records are called that several schemas refer to
//! - `page`: the explorer's page and its files
//! - `power_platform`: OpenAPI 2.0 against the rules for connectors of Power Platform
//! - `problems`: failed calls as problem details
//! - `views`: what one caller sees of the document

mod document;
mod names;
mod page;
mod power_platform;
mod problems;
mod views;

use runner::base_url::BaseUrl;
use runner::contract::{Documents, Policy};
use runner::sandbox::COMPONENT;
use runner::serve::openapi::{Form, Version, View, document};
use serde_json::Value;

/// The component's documentation.
fn documents() -> Documents {
    Documents::read(COMPONENT).unwrap()
}

/// The names of the component's actions.
fn actions() -> Vec<String> {
    documents().actions().map(|action| action.name.to_owned()).collect()
}

/// The document of a caller who may use every action, on these connections.
fn whole(connections: &[&str]) -> Value {
    written(connections, Form::OpenApi(Version::V31))
}

/// The same in another form, at a URL of its own.
fn written(connections: &[&str], form: Form) -> Value {
    let connections: Vec<String> = connections.iter().map(ToString::to_string).collect();
    let view = View {
        tenant: None,
        allowed: &|_| true,
        connections: &connections,
        base_url: BaseUrl::parse("https://o365.contoso.com/graph"),
    };
    document(&documents(), &Policy::embedded().unwrap(), &view, form).unwrap()
}

/// A schema of the document, on its own: with the schemas that it refers to.
fn schema(document: &Value, pointer: &str) -> Value {
    let schema = document.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    schema
}

/// The pointer to the schema of an action's input.
fn input(action: &str) -> String {
    let words = action.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    format!("/components/schemas/{}Input", words.collect::<String>())
}

/// The pointer to an action's operation.
fn operation(action: &str) -> String {
    format!("/paths/~1v1~1actions~1{action}/post")
}
