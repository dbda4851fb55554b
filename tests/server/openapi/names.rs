//! What records are called that several schemas refer to.

use std::collections::BTreeMap;

use runner::values::schema::{Components, NoSchema};
use serde_json::{Value, json};
use wit_parser::{Function, Resolve};

const WIT: &str = "
    package contoso:names;
    interface mail {
        /// What is sent.
        record message { text: string, to: list<person> }
        record person { name: string }
        record plan { first: option<message>, other: message }
        resource session;
        send: func(input: plan) -> result<plan>;
        open: func(input: person) -> session;
    }
    interface chat {
        use mail.{person};
        record message { author: person }
        post: func(input: person) -> message;
        two: func(a: person, b: person);
    }
";

fn resolve() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_str("names.wit", WIT).unwrap();
    resolve
}

fn function<'a>(resolve: &'a Resolve, name: &str) -> &'a Function {
    resolve.interfaces.iter().find_map(|(_, interface)| interface.functions.get(name)).unwrap()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Two records of one name, and one whose name is taken, have their interface's before it.
#[test]
fn no_two_records_share_a_name() {
    let resolve = resolve();
    let mut components = Components::new(["Plan"]);
    let sent = components.output(&resolve, function(&resolve, "send")).unwrap();
    let posted = components.output(&resolve, function(&resolve, "post")).unwrap();
    assert_eq!((sent, posted), (reference("MailPlan"), reference("ChatMessage")));
    let schemas: BTreeMap<String, Value> = components.into_schemas().collect();
    let names: Vec<&str> = schemas.keys().map(String::as_str).collect();
    assert_eq!(names, ["ChatMessage", "MailMessage", "MailPlan", "Person"]);
    assert_eq!(schemas["ChatMessage"]["properties"]["author"], reference("Person"));
    assert_eq!(schemas["MailMessage"]["description"], "What is sent.");
    let plan = &schemas["MailPlan"];
    assert_eq!(plan["required"], json!(["other"]));
    assert_eq!(
        plan["properties"]["first"]["anyOf"],
        json!([reference("MailMessage"), { "type": "null" }])
    );
}

/// An input is spelled out, since each action says more of it than its type does.
#[test]
fn an_input_is_spelled_out() {
    let resolve = resolve();
    let mut components = Components::new([]);
    let input = components.input(&resolve, function(&resolve, "post")).unwrap();
    assert_eq!(
        input,
        json!({
            "type": "object", "properties": { "name": { "type": "string" } },
            "required": ["name"], "additionalProperties": false,
        })
    );
    assert_eq!(components.into_schemas().count(), 0);
}

#[test]
fn what_has_no_schema_says_why() {
    let resolve = resolve();
    let mut components = Components::new([]);
    let two = components.input(&resolve, function(&resolve, "two"));
    assert!(matches!(two, Err(NoSchema::Parameters { params: 2, .. })), "{two:?}");
    let open = components.output(&resolve, function(&resolve, "open"));
    assert!(matches!(open, Err(NoSchema::Handle { .. })), "{open:?}");
}
