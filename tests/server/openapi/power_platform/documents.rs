//! Rules on the document as a whole.

use serde_json::{Value, json};

use super::rule::{ACTIONS, Rule, move_path, places, push, remove, set, unless};
use super::walk::{members, operation, operations, parameters};

/// The members that the document of a connector may have beside extensions.
const MEMBERS: [&str; 14] = [
    "swagger",
    "info",
    "host",
    "basePath",
    "schemes",
    "consumes",
    "produces",
    "paths",
    "definitions",
    "parameters",
    "responses",
    "security",
    "securityDefinitions",
    "tags",
];

/// Words that a title must not have.
const NO_TITLE: [&str; 6] =
    ["api", "connector", "power apps", "power automate", "power platform", "copilot studio"];

/// The schemes that a connector knows.
const SCHEMES: [&str; 2] = ["https", "http"];

pub const RULES: &[Rule] = &[
    Rule {
        holds: "the document is OpenAPI 2.0 and nothing else",
        otherwise: "the import refuses it",
        broken_at: |document| {
            let known = |name: &str| MEMBERS.contains(&name) || name.starts_with("x-");
            let odd = members(document).map(|(name, _)| name).filter(|name| !known(name));
            let version = unless(document["swagger"] == "2.0", "swagger");
            odd.map(ToOwned::to_owned).chain(version).collect()
        },
        changes: &[
            |document| set(document, "", "swagger", "3.0"),
            |document| set(document, "", "openapi", "3.1.0"),
        ],
    },
    Rule {
        holds: "the document is smaller than 1 MB",
        otherwise: "the import refuses it",
        broken_at: |document| unless(document.to_string().len() < 1_000_000, "size"),
        changes: &[|document| set(document, "/info", "description", "x".repeat(1_000_000))],
    },
    Rule {
        holds: "the host is a name, maybe with a port, and the base path begins with a slash",
        otherwise: "the import refuses it",
        broken_at: |document| {
            let host = document["host"].as_str().unwrap_or_default();
            let (name, port) = host.split_once(':').unwrap_or((host, "443"));
            let is_host = !name.is_empty() && !name.contains(['/', ' ', '{', '}', '\\']);
            let path = document["basePath"].as_str().unwrap_or_default();
            let mut broken = unless(is_host && port.parse::<u16>().is_ok(), "host");
            broken.extend(unless(path.starts_with('/'), "basePath"));
            broken
        },
        changes: &[
            |document| set(document, "", "host", "https://o365.contoso.com"),
            |document| set(document, "", "host", "o365.contoso.com/graph"),
            |document| remove(document, "", "host"),
            |document| set(document, "", "basePath", "graph"),
        ],
    },
    Rule {
        holds: "one of the schemes is https, and there are no others than https and http",
        otherwise: "apps ignore the server, or the import refuses the scheme",
        broken_at: |document| {
            let schemes = document["schemes"].as_array().map_or(&[][..], Vec::as_slice);
            let known = schemes.iter().all(|it| SCHEMES.iter().any(|scheme| it == scheme));
            unless(known && schemes.contains(&json!("https")), "schemes")
        },
        changes: &[
            |document| set(document, "", "schemes", json!([])),
            |document| set(document, "", "schemes", json!(["http"])),
            |document| push(document, "/schemes", "wss"),
        ],
    },
    Rule {
        holds: "the title has at most 30 characters, no name of a product of the platform, and \
            ends with a letter or a digit; the version is a string",
        otherwise: "the import refuses it, or the certification does",
        broken_at: |document| {
            let title = document["info"]["title"].as_str().unwrap_or_default();
            let lower = format!(" {} ", title.to_lowercase());
            let is_free = |word: &&str| !lower.contains(&format!(" {word} "));
            let ends = title.ends_with(|c: char| c.is_alphanumeric());
            let is_title = title.chars().count() <= 30 && ends && NO_TITLE.iter().all(is_free);
            let mut broken = unless(is_title, "title");
            broken.extend(unless(document["info"]["version"].is_string(), "version"));
            broken
        },
        changes: &[
            |document| set(document, "/info", "title", "Users and licences of Office 365 tenants"),
            |document| set(document, "/info", "title", "Office 365 connector"),
            |document| set(document, "/info", "title", "Office 365."),
            |document| set(document, "/info", "title", ""),
            |document| set(document, "/info", "version", 1),
        ],
    },
    Rule {
        holds: "the description has 30 to 500 characters, and says who operates the server",
        otherwise: "the certification refuses it",
        broken_at: |document| {
            let text = document["info"]["description"].as_str().unwrap_or_default();
            let lower = text.to_lowercase();
            let is_free = |name: &&str| !lower.contains(name);
            let long = (30..=500).contains(&text.chars().count());
            let fits = long && NO_TITLE[2..].iter().all(is_free);
            let mut broken = unless(fits, "description");
            broken.extend(unless(document["info"]["contact"]["url"].is_string(), "contact"));
            let metadata = document["x-ms-connector-metadata"].as_array();
            broken.extend(unless(metadata.is_some_and(|it| !it.is_empty()), "metadata"));
            broken
        },
        changes: &[
            |document| set(document, "/info", "description", "Licences users."),
            |document| set(document, "/info", "description", "x".repeat(501)),
            |document| {
                set(document, "/info", "description", "For flows of Power Automate and others.")
            },
            |document| remove(document, "/info", "contact"),
            |document| remove(document, "", "x-ms-connector-metadata"),
        ],
    },
    Rule {
        holds: "there is one security definition, an API key in a header, and it is required",
        otherwise: "the first definition is used, and one of another type is refused",
        broken_at: |document| {
            let definitions: Vec<_> = members(&document["securityDefinitions"]).collect();
            let is_key = |it: &Value| it["type"] == "apiKey" && it["in"] == "header";
            match definitions.as_slice() {
                [(name, one)] => unless(
                    is_key(one) && document["security"] == json!([{ *name: [] }]),
                    "securityDefinitions",
                ),
                _ => vec!["securityDefinitions".to_owned()],
            }
        },
        changes: &[
            |document| {
                let bearer = json!({ "type": "http", "scheme": "bearer" });
                set(document, "/securityDefinitions", "api_key", bearer);
            },
            |document| set(document, "/securityDefinitions", "other", json!({ "type": "basic" })),
            |document| set(document, "", "security", json!([])),
        ],
    },
    Rule {
        holds: "there are at most 256 operations, and at least one",
        otherwise: "the import refuses the document",
        broken_at: |document| unless((1..=256).contains(&operations(document).len()), "paths"),
        changes: &[
            |document| set(document, "", "paths", json!({})),
            |document| {
                for number in 0..256 {
                    set(document, "/paths", &format!("/{number}"), json!({ "get": {} }));
                }
            },
        ],
    },
    Rule {
        holds: "a path begins with a slash, has none of the characters ? # * =, and differs from \
            the others by more than case and names of variables",
        otherwise: "the connector cannot be saved",
        broken_at: |document| {
            let paths: Vec<String> =
                members(&document["paths"]).map(|(path, _)| path.to_owned()).collect();
            let count = |path: &str| paths.iter().filter(|it| folded(it) == folded(path)).count();
            let named = paths.iter().map(|path| (path.clone(), path));
            places(named, |path| {
                !path.starts_with('/') || path.contains(['?', '#', '*', '=']) || count(path) > 1
            })
        },
        changes: &[
            |document| move_path(document, "/v1/actions", "v1/actions"),
            |document| move_path(document, "/v1/actions", "/v1/actions?all"),
            |document| set(document, "/paths", "/V1/Actions", json!({})),
            |document| {
                set(document, "/paths", "/v1/runs/{run}", json!({}));
                set(document, "/paths", "/v1/runs/{id}", json!({}));
            },
        ],
    },
    Rule {
        holds: "a new connection is tested by an internal GET that needs no parameter",
        otherwise: "the connection is never tested, or the test cannot be called",
        broken_at: |document| {
            let test = &document["x-ms-capabilities"]["testConnection"];
            let is_test = operation(document, &test["operationId"]).is_some_and(|operation| {
                let needs_none = operation.parameters().iter().all(|it| it["required"] != true);
                let is_internal = operation.value["x-ms-visibility"] == "internal";
                operation.method == "get" && is_internal && needs_none
            });
            unless(is_test, "x-ms-capabilities")
        },
        changes: &[
            |document| remove(document, "", "x-ms-capabilities"),
            |document| set(document, ACTIONS, "operationId", "ListAllActions"),
            |document| set(document, ACTIONS, "x-ms-visibility", "important"),
            |document| {
                push(document, &format!("{ACTIONS}/parameters"), json!({ "required": true }))
            },
        ],
    },
    Rule {
        holds: "input and output are JSON",
        otherwise: "the import warns of a media type that it does not know",
        broken_at: |document| {
            let is_json = |name: &str| document[name] == json!(["application/json"]);
            let all = is_json("consumes") && is_json("produces");
            let own = |name| operations(document).iter().any(|(_, it)| it.value[name].is_array());
            let form = parameters(document).iter().any(|(_, it)| it["in"] == "formData");
            unless(all && !own("consumes") && !own("produces") && !form, "consumes, produces")
        },
        changes: &[
            |document| push(document, "/produces", "application/problem+json"),
            |document| remove(document, "", "consumes"),
            |document| set(document, ACTIONS, "produces", json!(["application/xml"])),
        ],
    },
];

/// A path as one that knows neither case nor names of variables has it.
fn folded(path: &str) -> String {
    let segments = path.split('/').map(|it| if it.starts_with('{') { "{}" } else { it });
    segments.collect::<Vec<_>>().join("/").to_lowercase()
}
