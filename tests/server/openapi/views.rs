//! What one caller sees of the document.

use runner::base_url::BaseUrl;
use runner::contract::Policy;
use runner::serve::openapi::{Form, Version, View, document};
use serde_json::{Value, json};

use crate::openapi::{documents, input, operation, schema, whole, written};

const NEWEST: Form = Form::OpenApi(Version::V31);

fn request(document: &Value, action: &str) -> Value {
    document.pointer(&input(action)).unwrap().clone()
}

#[test]
fn connections_are_named_and_one_need_not_be() {
    let of = |connections: &[&str]| request(&whole(connections), "delete-user");
    let (none, one, two) = (of(&[]), of(&["contoso"]), of(&["contoso", "fabrikam"]));
    assert_eq!(none["required"], json!(["connectionId", "userPrincipalName"]));
    assert_eq!(none["properties"]["connectionId"].get("enum"), None);
    assert_eq!(one["required"], json!(["userPrincipalName"]));
    assert_eq!(one["properties"]["connectionId"]["enum"], json!(["contoso"]));
    assert_eq!(two["required"], json!(["connectionId", "userPrincipalName"]));
    assert_eq!(two["properties"]["connectionId"]["enum"], json!(["contoso", "fabrikam"]));
    let without = request(&whole(&["contoso"]), "country-codes");
    assert_eq!(without["properties"].get("connectionId"), None);
}

#[test]
fn other_actions_are_not_shown() {
    let view = View {
        tenant: Some("contoso"),
        allowed: &|name| name == "country-codes",
        connections: &[],
        base_url: BaseUrl::parse("https://o365.contoso.example/"),
    };
    let shown = document(&documents(), &Policy::embedded().unwrap(), &view, NEWEST).unwrap();
    let text = shown.to_string();
    assert!(shown.pointer(&operation("country-codes")).is_some());
    assert!(!text.contains("create-user/") && !text.contains("\"delete-user\""), "{text}");
    assert!(!text.contains("/schemas/Account\""), "types of what is not shown are not shown");
    assert!(shown["info"]["description"].as_str().unwrap().contains("`contoso`"));
    assert_eq!(shown["servers"], json!([{ "url": "https://o365.contoso.example" }]));
    assert_eq!(shown["info"]["version"], "1.0.0");
    // Names do not depend on what else is shown.
    let whole = whole(&[]);
    let schemas = shown["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        assert_eq!(schema, &whole["components"]["schemas"][name], "{name}");
    }
}

#[test]
fn a_caller_who_may_nothing_still_has_a_document() {
    let view = View { tenant: None, allowed: &|_| false, connections: &[], base_url: None };
    let shown = document(&documents(), &Policy::embedded().unwrap(), &view, NEWEST).unwrap();
    assert_eq!(shown["paths"].as_object().unwrap().len(), 10);
}

#[test]
fn secrets_are_marked_and_nothing_else_is() {
    let document = whole(&["contoso"]);
    let input = request(&document, "create-user");
    for (name, property) in input["properties"].as_object().unwrap() {
        let is_secret = name == "password";
        assert_eq!(property["writeOnly"] == true, is_secret, "{name}");
        assert_eq!(property["format"] == "password", is_secret, "{name}");
    }
}

#[test]
fn the_same_view_gives_the_same_bytes() {
    for form in [NEWEST, Form::OpenApi(Version::V30), Form::Swagger] {
        let bytes = || written(&["contoso"], form).to_string();
        assert_eq!(bytes(), bytes());
    }
}

/// What a plan is, as `o365 plan` prints it: with writes, and with one that is refused.
#[test]
fn a_plan_is_as_the_document_says() {
    let fixture = support::Fixture::named("create-user", "created-and-licensed");
    let path = fixture.path.to_str().unwrap();
    let plan = support::o365(["plan", "create-user", "--replay", path, "-i", "-", "--json"])
        .stdin(serde_json::to_vec(&fixture.input()).unwrap())
        .run()
        .result();
    assert!(!plan["writes"].as_array().unwrap().is_empty());
    assert!(!plan["notChecked"].as_array().unwrap().is_empty());
    is_as_the_document_says("create-user", &plan);
    let name = "userPrincipalName=nobody@contoso.onmicrosoft.com";
    let call = support::o365(["plan", "delete-user", "--simulate", "--json", name]);
    let plan = call.run().result();
    assert_eq!(plan["refused"].as_array().unwrap().len(), 1);
    is_as_the_document_says("delete-user", &plan);
}

fn is_as_the_document_says(action: &str, plan: &Value) {
    let document = whole(&["contoso"]);
    let answer =
        format!("/paths/~1v1~1plans~1{action}/post/responses/200/content/application~1json/schema");
    assert!(jsonschema::is_valid(&schema(&document, &answer), plan), "{plan:#}");
}

/// The answer of `/v1/actions`, as the command line prints it.
#[test]
fn the_list_is_as_the_document_says() {
    let document = whole(&["contoso"]);
    let list = support::o365(["actions", "--json"]).run().result();
    let pointer = "/paths/~1v1~1actions/get/responses/200/content/application~1json/schema";
    assert!(jsonschema::is_valid(&schema(&document, pointer), &list));
}
