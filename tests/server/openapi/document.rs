//! The OpenAPI document.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use jsonschema::Validator;
use runner::contract::Policy;
use runner::serve::openapi::{Form, Version};
use serde_json::{Value, json};

use crate::openapi::{actions, input, operation, schema, whole, written};
use support::fixtures;
use support::install::Project;

const PYTHON: Project = Project::python("server/openapi/python", &[]);

/// The paths of the server's own operations.
const OWN: [&str; 9] = [
    "/v1/runs",
    "/v1/runs/{run}",
    "/openapi.json",
    "/swagger.json",
    "/apiProperties.json",
    "/docs",
    "/healthz",
    "/readyz",
    "/metrics",
];

/// Every form.
const FORMS: [Form; 3] = [Form::OpenApi(Version::V31), Form::OpenApi(Version::V30), Form::Swagger];

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

/// Where the schema of an operation's answer is.
fn answer(action: &str) -> String {
    format!("{}/responses/200/content/application~1json/schema", operation(action))
}

/// Whether an action can change its tenant, so that it has a plan.
fn changes(action: &str) -> bool {
    Policy::embedded().unwrap().action(action).unwrap().changes_something()
}

#[test]
fn the_paths_are_the_actions_their_plans_and_the_servers_own() {
    let document = whole(&["contoso"]);
    let paths: Vec<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec!["/v1/actions".to_owned()];
    for name in actions() {
        expected.push(format!("/v1/actions/{name}"));
        expected.extend(changes(&name).then(|| format!("/v1/plans/{name}")));
    }
    let lists = Policy::embedded().unwrap().choices().clone();
    expected.extend(lists.keys().map(|list| format!("/v1/choices/{list}")));
    expected.extend(OWN.map(ToOwned::to_owned));
    assert_eq!(paths, expected);
    for name in actions() {
        let operation = document.pointer(&operation(&name)).unwrap();
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
        let takes = |parameter: &str| operation["parameters"].to_string().contains(parameter);
        // What only reads runs again under the same key.
        assert_eq!(takes("parameters/IdempotencyKey"), changes(&name), "{name}");
        // What makes no calls is answered at once.
        let is_long = name != "country-codes";
        assert_eq!(takes("parameters/Prefer"), is_long, "{name}");
        let accepted = &operation["responses"]["202"];
        assert_eq!(accepted["headers"]["Location"].is_object(), is_long, "{name}");
    }
    let paths = document["paths"].as_object().unwrap();
    for (path, operations) in paths {
        let methods: Vec<&String> = operations.as_object().unwrap().keys().collect();
        match path.as_str() {
            "/v1/runs/{run}" => assert_eq!(methods, ["get", "delete"]),
            _ => assert_eq!(methods.len(), 1, "{path}"),
        }
    }
    assert_eq!(document["servers"], json!([{ "url": "https://o365.contoso.com/graph" }]));
}

/// Names that no generator has to change, and that are not the same to one that knows no case.
#[test]
fn operations_have_names_of_their_own() {
    for form in FORMS {
        let document = written(&["contoso"], form);
        let mut ids: Vec<String> = operations(&document)
            .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
            .collect();
        let starts = |id: &str| match form {
            Form::Swagger => id.starts_with(|c: char| c.is_ascii_uppercase()),
            Form::OpenApi(_) => id.starts_with(|c: char| c.is_ascii_lowercase()),
        };
        assert!(
            ids.iter().all(|id| starts(id) && id.chars().all(|c| c.is_ascii_alphanumeric())),
            "{ids:?}"
        );
        for id in ["createUser", "planCreateUser", "listActions"] {
            assert!(ids.iter().any(|it| it.eq_ignore_ascii_case(id)), "{ids:?}");
        }
        let count = ids.len();
        ids.iter_mut().for_each(|id| id.make_ascii_lowercase());
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}

/// What linters and models ask for: words for each operation, whom to ask, and the tags that there
/// are.
#[test]
fn operations_are_described_and_their_tags_are_listed() {
    for form in FORMS {
        let document = written(&["contoso"], form);
        assert_eq!(document["info"]["contact"]["url"], "https://o365.contoso.com/graph/docs");
        let mut used = BTreeSet::new();
        for operation in operations(&document) {
            let description = operation["description"].as_str().unwrap();
            assert!(description.ends_with('.') && description != operation["summary"]);
            let tags = operation["tags"].as_array().unwrap();
            used.extend(tags.iter().map(|tag| tag.as_str().unwrap()));
        }
        let listed = document["tags"].as_array().unwrap();
        let listed: BTreeSet<&str> =
            listed.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        assert_eq!(listed, used, "{form:?}");
    }
}

#[test]
fn the_metrics_have_both_of_their_formats() {
    let document = whole(&["contoso"]);
    let metrics = &document["paths"]["/metrics"]["get"]["responses"]["200"]["content"];
    let formats: Vec<&String> = metrics.as_object().unwrap().keys().collect();
    assert_eq!(formats, ["application/openmetrics-text", "text/plain"]);
}

/// The operations of a document.
fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().unwrap().values();
    paths.flat_map(|path| path.as_object().unwrap().values())
}

/// The server repeats the id that a caller gives a request, and asks for none: a parameter would be
/// an argument of every function of a generated client.
#[test]
fn the_callers_id_of_a_request_is_a_header_of_responses_alone() {
    for version in Version::ALL {
        let document = written(&["contoso"], Form::OpenApi(version));
        let responses = &document.pointer(&operation("create-user")).unwrap()["responses"];
        let headers = &responses["200"]["headers"];
        assert_eq!(headers["X-Request-Id"]["$ref"], "#/components/headers/RequestId");
        let described = &document["components"]["headers"]["RequestId"]["description"];
        assert!(described.as_str().unwrap().contains("128 visible"), "{described}");
        let parameters = operations(&document).map(|it| it["parameters"].to_string());
        assert!(
            parameters
                .chain([document["components"]["parameters"].to_string()])
                .all(|it| { !it.to_lowercase().contains("request-id") })
        );
    }
}

/// What breaks the clients that common tools make.
#[test]
fn no_schema_has_what_tools_break_at() {
    for version in Version::ALL {
        let document = written(&["contoso"], Form::OpenApi(version));
        let text = document.to_string();
        for odd in [r#""required":[]"#, r#""type":"null""#, r#","null"]"#, r#"["null","#] {
            assert!(!text.contains(odd), "{odd} in {version:?}");
        }
        // Types of TypeScript, Swift and C#.
        for name in ["Error", "Action", "Object", "String", "Date", "Response", "Request"] {
            assert_eq!(document["components"]["schemas"].get(name), None, "{name}");
        }
        assert!(!text.contains(r#""nullable""#), "{version:?}");
    }
}

/// Every schema compiles, and every reference leads somewhere.
#[test]
fn schemas_are_schemas() {
    let document = whole(&["contoso"]);
    for name in actions() {
        validator(&document, &input(&name));
        if document.pointer(&answer(&name)).is_some() {
            validator(&document, &answer(&name));
        }
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
        let given = Value::Object(fixture.input());
        let connection = given["connectionId"].as_str().unwrap_or("contoso").to_owned();
        let document = whole(&[&connection]);
        let what = fixture.path.display().to_string();
        if fixture.run["error"]["kind"] != "invalid-input" {
            assert_valid(&validator(&document, &input(&fixture.action)), &given, &what);
            inputs += 1;
        }
        if let Some(result) = fixture.run.get("result") {
            match document.pointer(&answer(&fixture.action)) {
                None => assert_eq!(*result, Value::Null, "{what}"),
                Some(_) => {
                    assert_valid(&validator(&document, &answer(&fixture.action)), result, &what);
                }
            }
            results += 1;
        }
        if let Some(error) = fixture.run.get("error") {
            assert_valid(&validator(&document, "/components/schemas/ActionError"), error, &what);
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
        document.pointer(&answer(action)).unwrap()["$ref"].as_str().unwrap().to_owned()
    };
    assert_eq!(result("create-user"), "#/components/schemas/Account");
    assert_eq!(result("create-user"), result("assign-license-to-existing-user"));
    let account = &document["components"]["schemas"]["Account"];
    assert_eq!(account["description"], "A user's account with its licences.");
    assert_eq!(
        account["properties"]["assignedPlans"]["items"]["$ref"],
        "#/components/schemas/AssignedPlan"
    );
    let body = |action: &str, kind: &str| {
        let operation = format!("/paths/~1v1~1{kind}~1{action}/post");
        let body = format!("{operation}/requestBody/content/application~1json/schema/$ref");
        document.pointer(&body).unwrap().clone()
    };
    assert_eq!(body("create-user", "actions"), "#/components/schemas/CreateUserInput");
    assert_eq!(body("create-user", "actions"), body("create-user", "plans"));
    // An action that returns nothing says nothing of its answer.
    let none = &document.pointer(&operation("delete-user")).unwrap()["responses"]["200"];
    assert_eq!(none.get("content"), None);
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
    for (form, version) in FORMS.into_iter().zip(["3.1", "3.0", "2.0"]) {
        for connections in [&[][..], &["contoso"], &["contoso", "fabrikam"]] {
            fs::write(&file, written(connections, form).to_string()).unwrap();
            let Output { status, stdout, .. } =
                Command::new(project.join("venv/bin/openapi-spec-validator"))
                    .args(["--schema", version])
                    .arg(&file)
                    .output()
                    .unwrap();
            let stdout = String::from_utf8_lossy(&stdout);
            assert!(status.success(), "{version} {connections:?}: {stdout}");
        }
    }
}
