//! What `o365 simulate` says that its Graph is: the metadata and the version.

use std::io::Write;
use std::process::{Command, Stdio};

use http::Method;
use serde_json::{Map, Value, json};

use runner::graph::properties::{GROUP, PropertyKind, USER};
use support::simulate::Server;

use super::microsoft;

/// The properties of a type, with those of its bases, and their schemas.
fn properties(schemas: &Value, name: &str) -> Map<String, Value> {
    let schema = &schemas[format!("microsoft.graph.{name}")];
    let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let mut all = Map::new();
    for part in parts {
        match part["$ref"].as_str() {
            Some(base) => all.extend(properties(schemas, base.rsplit_once("graph.").unwrap().1)),
            None => all.extend(part["properties"].as_object().cloned().unwrap_or_default()),
        }
    }
    all
}

/// The type of CSDL for a schema of the published description.
fn edm(schema: &Value) -> String {
    let referred = |text: &Value| {
        let name = text.as_str().unwrap().rsplit_once('.').unwrap().1;
        format!("graph.{name}")
    };
    if let Some(name) = schema.get("$ref") {
        return referred(name);
    }
    if let Some(parts) = schema["allOf"].as_array().or(schema["anyOf"].as_array()) {
        return edm(&parts[0]);
    }
    let kind = match (schema["type"].as_str().unwrap(), schema["format"].as_str()) {
        ("array", _) => return format!("Collection({})", edm(&schema["items"])),
        ("boolean", _) => "Boolean",
        ("integer" | "number", _) => "Int32",
        (_, Some("date-time")) => "DateTimeOffset",
        (_, Some("uuid")) => "Guid",
        _ => "String",
    };
    format!("Edm.{kind}")
}

#[tokio::test]
async fn the_metadata_needs_no_token_and_has_the_types_of_graph() {
    let Some(project) = microsoft::python() else { return };
    let server = Server::start(&[]);
    let url = format!("{}/v1.0/$metadata", server.http());
    let answer = server.send(Method::GET, &url, &[], "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/xml");
    assert!(answer.headers.contains_key("request-id"));
    let mut python = Command::new(project.join("venv/bin/python"))
        .arg(project.join("csdl.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(answer.text.as_bytes()).unwrap();
    let ended = python.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", answer.text);
    let types: Map<String, Value> = serde_json::from_slice(&ended.stdout).unwrap();
    let published = crate::schemas::published();
    for (name, own) in &types {
        let published = properties(&published["components"]["schemas"], name);
        for (property, kind) in own.as_object().unwrap() {
            let schema = published.get(property);
            let schema = schema.unwrap_or_else(|| panic!("Graph's {name} has no {property}"));
            assert_eq!(kind, &edm(schema), "{name}.{property}");
        }
    }
    for (kind, own) in [("user", USER), ("group", GROUP)] {
        for property in own.iter().filter(|own| own.kind != PropertyKind::Elsewhere) {
            assert!(types[kind].get(property.name).is_some(), "{kind}.{}", property.name);
        }
    }
    for (path, name) in [
        ("/organization", "organization"),
        ("/domains", "domain"),
        ("/subscribedSkus", "subscribedSku"),
        ("/groups", "group"),
    ] {
        let token = server.token().await;
        let items = server.graph(Method::GET, path, &token, Value::Null).await.json();
        for property in items["value"][0].as_object().unwrap().keys() {
            assert!(types[name].get(property).is_some(), "{name}.{property}");
        }
    }
}

#[tokio::test]
async fn beta_is_served_as_v1_where_it_is_asked_for() {
    let without = Server::start(&[]);
    let answer =
        without.send(Method::GET, &format!("{}/beta/users", without.http()), &[], "").await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.text.contains("--beta"), "{}", answer.text);
    let server = Server::start(&["--beta"]);
    let root = format!("{}/beta", server.http());
    let bearer = format!("Bearer {}", server.token().await);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let page = server.send(Method::GET, &format!("{root}/users?$top=1"), &headers, "").await.json();
    for link in ["@odata.context", "@odata.nextLink"] {
        assert!(page[link].as_str().unwrap().starts_with(&format!("{root}/")), "{page}");
    }
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert_eq!(server.send(Method::GET, next, &headers, "").await.status, 200);
    let batch = json!({ "requests": [{ "id": "1", "method": "GET", "url": "/users?$top=1" }] });
    let url = format!("{root}/$batch");
    let batch = server.send(Method::POST, &url, &headers, batch.to_string()).await.json();
    let context = &batch["responses"][0]["body"]["@odata.context"];
    assert!(context.as_str().unwrap().starts_with(&root), "{batch}");
    let metadata = server.send(Method::GET, &format!("{root}/$metadata"), &[], "").await;
    assert_eq!(metadata.status, 200);
    // v1.0 is as it was, and without a token there is nothing in either.
    let page = server.graph(Method::GET, "/users?$top=1", &bearer[7..], Value::Null).await.json();
    assert!(page["@odata.context"].as_str().unwrap().contains("/v1.0/"), "{page}");
    let closed = server.send(Method::GET, &format!("{root}/users"), &[], "").await;
    assert_eq!(closed.status, 401, "{closed:?}");
}
