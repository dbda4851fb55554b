//! Rules on schemas.

use serde_json::{Value, json};

use super::rule::{CREATE, INPUTS, Rule, at, places, push, remove, set};
use super::walk::{Schema, count, is_of, members, parameters, properties, responses, schemas};

/// Keywords that OpenAPI 2.0 does not have or that clients ignore.
const FOREIGN: [&str; 14] = [
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "const",
    "nullable",
    "writeOnly",
    "deprecated",
    "examples",
    "prefixItems",
    "contentEncoding",
    "contentMediaType",
    "$schema",
    "$defs",
];

/// The formats that the import knows.
const FORMATS: [&str; 14] = [
    "int32",
    "int64",
    "float",
    "double",
    "byte",
    "binary",
    "date",
    "date-time",
    "date-no-tz",
    "email",
    "html",
    "password",
    "uri",
    "uuid",
];

/// The most schemas of a body.
const MOST: usize = 512;

/// The property of an input with a menu.
const CONNECTION: &str = "/definitions/CreateUserInput/properties/connectionId";

pub const RULES: &[Rule] = &[
    Rule {
        holds: "a schema has the keywords of OpenAPI 2.0 alone, without alternatives",
        otherwise: "the import refuses them, or apps lose the fields",
        broken_at: |document| {
            broken(document, |it| FOREIGN.iter().any(|keyword| it.value.get(keyword).is_some()))
        },
        changes: &[
            |document| set(document, &format!("{INPUTS}/displayName"), "nullable", true),
            |document| set(document, &format!("{INPUTS}/displayName"), "const", "x"),
            |document| set(document, "/definitions/Account", "allOf", json!([])),
            |document| set(document, &format!("{CREATE}/parameters/0"), "anyOf", json!([])),
        ],
    },
    Rule {
        holds: "a schema has one type at most, which is not null",
        otherwise: "validators and converters refuse a list of types",
        broken_at: |document| {
            broken(document, |it| {
                it.value.get("type").is_some_and(|name| !name.is_string() || name == "null")
            })
        },
        changes: &[
            |document| {
                set(document, &format!("{INPUTS}/displayName"), "type", json!(["string", "null"]))
            },
            |document| set(document, &format!("{INPUTS}/displayName"), "type", "null"),
        ],
    },
    Rule {
        holds: "an input has a type, and an integer its size",
        otherwise: "a person has to type JSON, or an app takes any number",
        broken_at: |document| {
            let inputs = inputs(document).into_iter().map(|(place, (_, it))| (place, it));
            let others = parameters(document).into_iter().filter(|(_, it)| it["in"] != "body");
            places(inputs.chain(others), |it| {
                it.get("type").is_none() || it["type"] == "integer" && it.get("format").is_none()
            })
        },
        changes: &[
            |document| remove(document, &format!("{INPUTS}/displayName"), "type"),
            |document| remove(document, &format!("{CREATE}/parameters/0"), "type"),
            |document| set(document, &format!("{INPUTS}/displayName"), "type", "integer"),
        ],
    },
    Rule {
        holds: "a reference stands alone, and leads to a definition",
        otherwise: "the import refuses it, or loses what stands beside it",
        broken_at: |document| {
            broken(document, |it| match it.value.get("$ref") {
                None => false,
                Some(target) => {
                    let name = target.as_str().and_then(|it| it.strip_prefix("#/definitions/"));
                    let there = name.is_some_and(|it| document["definitions"].get(it).is_some());
                    !there || it.value.as_object().is_some_and(|it| it.len() > 1)
                }
            })
        },
        changes: &[
            |document| {
                set(document, &format!("{CREATE}/responses/200/schema"), "description", "It.")
            },
            |document| remove(document, "/definitions", "Account"),
            |document| {
                let target = "#/components/schemas/Account";
                set(document, &format!("{CREATE}/responses/200/schema"), "$ref", target);
            },
        ],
    },
    Rule {
        holds: "an array says what its items are",
        otherwise: "the import refuses it",
        broken_at: |document| {
            broken(document, |it| it.value["type"] == "array" && !it.value["items"].is_object())
        },
        changes: &[|document| {
            remove(document, "/definitions/Account/properties/assignedLicenses", "items");
        }],
    },
    Rule {
        holds: "the values of an enumeration and a default have the type that is stated",
        otherwise: "the import refuses them",
        broken_at: |document| {
            broken(document, |it| {
                let (name, values) = (&it.value["type"], it.value["enum"].as_array());
                let of_type = |value: &Value| is_of(value, name);
                let fits = values.is_none_or(|it| !it.is_empty() && it.iter().all(of_type));
                !fits || !it.value.get("default").is_none_or(of_type)
            })
        },
        changes: &[
            |document| push(document, &format!("{CONNECTION}/enum"), Value::Null),
            |document| set(document, CONNECTION, "enum", json!([])),
            |document| set(document, CONNECTION, "default", 1),
        ],
    },
    Rule {
        holds: "the values of a menu are those of the enumeration, each with a name",
        otherwise: "the import refuses the menu",
        broken_at: |document| {
            broken(document, |it| {
                let menu = it.value["x-ms-enum-values"].as_array().map_or(&[][..], Vec::as_slice);
                let values: Vec<&Value> = menu.iter().map(|entry| &entry["value"]).collect();
                let all = it.value["enum"].as_array().map_or(&[][..], Vec::as_slice);
                let same = values.len() == all.len() && all.iter().all(|it| values.contains(&it));
                !same && it.value["in"].is_null() || menu.iter().any(|it| it["displayName"] == "")
            })
        },
        changes: &[
            |document| push(document, &format!("{CONNECTION}/enum"), "adatum"),
            |document| remove(document, CONNECTION, "enum"),
            |document| {
                set(document, &format!("{CONNECTION}/x-ms-enum-values/0"), "displayName", "");
            },
        ],
    },
    Rule {
        holds: "a format is one that the import knows, and int32 or int64 for an integer",
        otherwise: "the import warns of it, and apps cannot use such an integer",
        broken_at: |document| {
            broken(document, |it| {
                let format = it.value["format"].as_str();
                let known = format.is_none_or(|format| FORMATS.contains(&format));
                let sized = it.value["type"] != "integer"
                    || matches!(format, None | Some("int32" | "int64"));
                !known || !sized
            })
        },
        changes: &[
            |document| set(document, &format!("{INPUTS}/displayName"), "format", "hostname"),
            |document| {
                set(
                    document,
                    "/definitions/Plan/properties/writes/items/properties/url",
                    "format",
                    "url",
                );
            },
            |document| {
                let count = json!({ "type": "integer", "format": "double" });
                set(document, INPUTS, "count", count);
            },
        ],
    },
    Rule {
        holds: "bytes are base64, unless they are a whole body",
        otherwise: "the import refuses them",
        broken_at: |document| broken(document, |it| it.value["format"] == "binary" && !it.is_whole),
        changes: &[|document| {
            set(document, &format!("{INPUTS}/displayName"), "format", "binary");
        }],
    },
    Rule {
        holds: "required properties are properties of an object, and at least one if there is a list",
        otherwise: "the import refuses the list",
        broken_at: |document| {
            broken(document, |it| {
                let required = it.value["required"].as_array();
                required.is_some_and(|names| {
                    let there = |name: &Value| {
                        name.as_str()
                            .is_some_and(|it_is| it.value["properties"].get(it_is).is_some())
                    };
                    names.is_empty() || it.value["type"] != "object" || !names.iter().all(there)
                })
            })
        },
        changes: &[
            |document| push(document, "/definitions/CreateUserInput/required", "nobody"),
            |document| set(document, "/definitions/CreateUserInput", "required", json!([])),
            |document| set(document, "/definitions/CreateUserInput", "type", "string"),
        ],
    },
    Rule {
        holds: "a body or a response has at most 512 schemas",
        otherwise: "the import refuses it",
        broken_at: |document| {
            let bodies = parameters(document).into_iter().filter(|(_, it)| it["in"] == "body");
            let answers = responses(document).into_iter().map(|(place, _, it)| (place, it));
            places(bodies.chain(answers), |it| count(document, &it["schema"]) > MOST)
        },
        changes: &[
            |document| many(document, INPUTS),
            |document| many(document, "/definitions/AssignedPlan/properties"),
        ],
    },
    Rule {
        holds: "no schema contains itself",
        otherwise: "the import gives up",
        broken_at: |document| {
            let all = members(&document["definitions"]);
            places(all.map(|(name, it)| (name.to_owned(), it)), |it| !ends(document, it, MOST))
        },
        changes: &[|document| {
            let itself = json!({ "$ref": "#/definitions/Account" });
            *at(document, "/definitions/Account/properties/displayName") = itself;
        }],
    },
];

fn broken(document: &Value, is_so: impl Fn(&Schema<'_>) -> bool) -> Vec<String> {
    places(schemas(document), is_so)
}

/// The properties of inputs, by name.
pub fn inputs(document: &Value) -> Vec<(String, (&str, &Value))> {
    let all = properties(document).into_iter().filter(|(place, _)| is_input(place));
    all.map(|(place, (name, property, _))| (place, (name, property))).collect()
}

fn is_input(place: &str) -> bool {
    place.split('/').nth(2).is_some_and(|name| name.ends_with("Input"))
}

/// Whether what a schema refers to ends before so many references.
fn ends(document: &Value, schema: &Value, most: usize) -> bool {
    let Some(most) = most.checked_sub(1) else { return false };
    let below = members(&schema["properties"]).map(|(_, it)| it).chain(schema.get("items"));
    let target = schema["$ref"].as_str().and_then(|it| document.pointer(it.strip_prefix('#')?));
    below.chain(target).all(|it| ends(document, it, most))
}

/// Adds many properties.
fn many(document: &mut Value, place: &str) {
    for number in 0..MOST {
        set(document, place, &format!("number{number}"), json!({ "type": "string" }));
    }
}
