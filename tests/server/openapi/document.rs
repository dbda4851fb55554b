//! The OpenAPI document.

use std::fs;
use std::process::{Command, Output};

use jsonschema::Validator;
use serde_json::Value;

use crate::openapi::{actions, operation, schema, whole};
use support::fixtures;
use support::install::Project;

const PYTHON: Project = Project::python("server/openapi/python", &[]);

fn validator(document: &Value, pointer: &str) -> Validator {
    jsonschema::validator_for(&schema(document, pointer))
        .unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

#[track_caller]
fn assert_valid(validator: &Validator, instance: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// Where an operation's schemas are, and that of an answer.
fn request(action: &str) -> String {
    format!("{}/requestBody/content/application~1json/schema", operation(action))
}

fn answer(action: &str) -> String {
    format!("{}/responses/200/content/application~1json/schema", operation(action))
}

#[test]
fn the_paths_are_the_actions_and_the_servers_own() {
    let document = whole(&["contoso"]);
    let paths: Vec<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec!["/v1/actions".to_owned()];
    expected.extend(actions().iter().map(|name| format!("/v1/actions/{name}")));
    let own = ["/openapi.json", "/docs", "/healthz", "/readyz", "/metrics"];
    expected.extend(own.map(ToOwned::to_owned));
    assert_eq!(paths, expected);
    for name in actions() {
        let operation = document.pointer(&operation(&name)).unwrap();
        assert_eq!(operation["operationId"], name.as_str());
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let document = whole(&["contoso"]);
    let mut ids: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| &operation["operationId"])
        .collect();
    let count = ids.len();
    assert!(ids.iter().all(|id| id.is_string()), "{ids:?}");
    ids.sort_by_key(|id| id.as_str());
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// Every schema compiles, and every reference leads somewhere.
#[test]
fn schemas_are_schemas() {
    let document = whole(&["contoso"]);
    for name in actions() {
        validator(&document, &request(&name));
        validator(&document, &answer(&name));
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        validator(&document, &format!("/components/schemas/{name}"));
    }
    let mut seen = 0;
    references(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
        seen += 1;
    });
    assert!(seen > 100, "{seen}");
    assert!(!document.to_string().contains("$schema"));
}

fn references(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value {
            Value::String(reference) if name == "$ref" => seen(reference),
            value => references(value, seen),
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, seen)),
        _ => {}
    }
}

/// What actions take, return and fail with is what the document says. An input that the
/// action refused need not be what it says.
#[test]
fn recorded_runs_are_as_the_document_says() {
    let fixtures = fixtures();
    let (mut inputs, mut results, mut errors) = (0, 0, 0);
    // What a recording calls its connection is what a view would.
    for fixture in &fixtures {
        let input = Value::Object(fixture.input());
        let connection = input["connectionId"].as_str().unwrap_or("contoso").to_owned();
        let document = whole(&[&connection]);
        let what = fixture.path.display().to_string();
        if fixture.run["error"]["kind"] != "invalid-input" {
            assert_valid(&validator(&document, &request(&fixture.action)), &input, &what);
            inputs += 1;
        }
        if let Some(result) = fixture.run.get("result") {
            assert_valid(&validator(&document, &answer(&fixture.action)), result, &what);
            results += 1;
        }
        if let Some(error) = fixture.run.get("error") {
            assert_valid(&validator(&document, "/components/schemas/Error"), error, &what);
            errors += 1;
        }
    }
    assert!(inputs > 50 && results > 20 && errors > 20, "{inputs} {results} {errors}");
}

/// The types of the WIT that records share are written once.
#[test]
fn shared_types_are_referred_to() {
    let document = whole(&["contoso"]);
    let result = |action: &str| {
        document.pointer(&answer(action)).unwrap()["oneOf"][0]["$ref"].as_str().unwrap().to_owned()
    };
    assert_eq!(result("create-user"), "#/components/schemas/Account");
    assert_eq!(result("create-user"), result("assign-license-to-existing-user"));
    let account = &document["components"]["schemas"]["Account"];
    assert_eq!(account["description"], "A user's account with its licences.");
    assert_eq!(
        account["properties"]["assignedPlans"]["items"]["$ref"],
        "#/components/schemas/AssignedPlan"
    );
    let none = document.pointer(&answer("delete-user")).unwrap();
    assert_eq!(none["oneOf"][0]["type"], "null");
}

#[test]
fn only_health_is_without_a_key() {
    let document = whole(&["contoso"]);
    let open: Vec<&String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, path)| {
            path.as_object().unwrap().values().any(|operation| operation.get("security").is_some())
        })
        .map(|(path, _)| path)
        .collect();
    assert_eq!(open, ["/healthz", "/readyz"]);
    assert_eq!(document["security"][0]["tenantKey"], serde_json::json!([]));
    assert_eq!(document["components"]["securitySchemes"]["tenantKey"]["scheme"], "bearer");
}

#[test]
fn a_public_validator_accepts_it() {
    let Some(project) = PYTHON.installed() else { return };
    let file = support::scratch().join("openapi.json");
    for connections in [&[][..], &["contoso"], &["contoso", "fabrikam"]] {
        fs::write(&file, whole(connections).to_string()).unwrap();
        let Output { status, stdout, .. } =
            Command::new(project.join("venv/bin/openapi-spec-validator"))
                .args(["--schema", "3.1"])
                .arg(&file)
                .output()
                .unwrap();
        assert!(status.success(), "{connections:?}: {}", String::from_utf8_lossy(&stdout));
    }
}
