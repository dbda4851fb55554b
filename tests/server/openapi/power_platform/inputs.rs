//! Rules on how a designer shows inputs, and on the lists that they are chosen from.

use serde_json::{Value, json};

use super::operations::{LONGEST, is_label, is_text};
use super::rule::{CREATE, INPUTS, LICENSES, Rule, at, places, push, remove, set};
use super::schemas::inputs;
use super::walk::{
    Operation, each_object, members, operation, operations, parameters, properties, resolved,
};

/// The extensions that the import knows, of those that a document may need.
const EXTENSIONS: [&str; 8] = [
    "x-ms-capabilities",
    "x-ms-connector-metadata",
    "x-ms-dynamic-list",
    "x-ms-dynamic-values",
    "x-ms-enum-values",
    "x-ms-summary",
    "x-ms-url-encoding",
    "x-ms-visibility",
];

/// The two forms of a list: the newer, and the one of older flows.
const LIST: &str = "x-ms-dynamic-list";
const VALUES: &str = "x-ms-dynamic-values";

/// The list of licences that [`INPUTS`] has.
const LICENSE_LIST: &str = "/definitions/CreateUserInput/properties/serviceId/x-ms-dynamic-list";
const LICENSE_VALUES: &str =
    "/definitions/CreateUserInput/properties/serviceId/x-ms-dynamic-values";

pub const RULES: &[Rule] = &[
    Rule {
        holds: "a visibility is important, advanced or internal",
        otherwise: "the import refuses it; what is shown as usual has none",
        broken_at: |document| {
            let mut found = Vec::new();
            each_object("", document, &mut |place, object| {
                let value =
                    object.get("x-ms-visibility").filter(|_| !place.ends_with("/properties"));
                let known = ["important", "advanced", "internal"];
                if value.is_some_and(|value| !known.iter().any(|it| value == it)) {
                    found.push(place.to_owned());
                }
            });
            found
        },
        changes: &[
            |document| set(document, CREATE, "x-ms-visibility", "none"),
            |document| set(document, &format!("{INPUTS}/password"), "x-ms-visibility", "normal"),
        ],
    },
    Rule {
        holds: "an internal input is required and has a default, or neither",
        otherwise: "nobody can fill it in, or it is not sent",
        broken_at: |document| {
            let all = parameters(document).into_iter().filter(|(_, it)| it["in"] != "body");
            let of_operations = places(all, |it| {
                is_internal(it) && (it["required"] == true) != it.get("default").is_some()
            });
            let of_bodies = places(properties(document), |(name, it, object)| {
                is_internal(it) && requires(object, name) != it.get("default").is_some()
            });
            of_operations.into_iter().chain(of_bodies).collect()
        },
        changes: &[
            |document| set(document, &format!("{INPUTS}/password"), "x-ms-visibility", "internal"),
            |document| {
                set(document, &format!("{LICENSES}/parameters/0"), "x-ms-visibility", "internal");
            },
        ],
    },
    Rule {
        holds: "what a person must fill in is shown at once, and an optional input on demand",
        otherwise: "a person looks for a required input below the advanced ones",
        broken_at: |document| {
            let of_inputs = |place: &str| inputs(document).iter().any(|(it, _)| it == place);
            let all = properties(document).into_iter().filter(|(place, _)| of_inputs(place));
            places(all, |(name, it, object)| {
                let shown = if requires(object, name) { "important" } else { "advanced" };
                it["x-ms-visibility"] != shown
            })
        },
        changes: &[
            |document| set(document, &format!("{INPUTS}/password"), "x-ms-visibility", "advanced"),
            |document| remove(document, &format!("{INPUTS}/password"), "x-ms-visibility"),
        ],
    },
    Rule {
        holds: "a property has a label of words with capitals and a description, and no title",
        otherwise: "the designer shows the raw name, or the title in place of the label",
        broken_at: |document| {
            places(properties(document), |(_, it, _)| {
                let label = it["x-ms-summary"].as_str().unwrap_or_default();
                let text = it["description"].as_str().unwrap_or_default();
                !is_title(label) || !is_text(text) || it.get("title").is_some()
            })
        },
        changes: &[
            |document| remove(document, &format!("{INPUTS}/password"), "x-ms-summary"),
            |document| {
                set(document, &format!("{INPUTS}/password"), "x-ms-summary", "first password")
            },
            |document| set(document, &format!("{INPUTS}/password"), "x-ms-summary", "Key1"),
            |document| set(document, &format!("{INPUTS}/password"), "title", "Secret"),
            |document| set(document, &format!("{INPUTS}/password"), "description", "the password"),
            |document| remove(document, "/definitions/Account/properties/objectId", "description"),
        ],
    },
    Rule {
        holds: "the inputs of an action are in one level",
        otherwise: "plugins refuse a body with objects in it",
        broken_at: |document| {
            places(inputs(document), |(_, it)| {
                let it = resolved(document, it);
                it["type"] == "object" || it.get("properties").is_some()
            })
        },
        changes: &[|document| {
            *at(document, &format!("{INPUTS}/password")) =
                json!({ "$ref": "#/definitions/Account" });
        }],
    },
    Rule {
        holds: "an extension is one that the import knows",
        otherwise: "it is ignored or refused",
        broken_at: |document| {
            let mut found = Vec::new();
            each_object("", document, &mut |place, object| {
                let odd = |name: &str| name.starts_with("x-ms-") && !EXTENSIONS.contains(&name);
                let names = members(object).map(|(name, _)| name).filter(|name| odd(name));
                found.extend(names.map(|name| format!("{place}/{name}")));
            });
            found
        },
        changes: &[
            |document| set(document, CREATE, "x-ms-sumary", "Create user"),
            |document| set(document, &format!("{INPUTS}/password"), "x-ms-secret", true),
        ],
    },
    Rule {
        holds: "a list has both forms, which say the same",
        otherwise: "older flows, or newer ones, have no list",
        broken_at: |document| {
            let mut found = Vec::new();
            each_object("", document, &mut |place, object| {
                let (list, values) = (&object[LIST], &object[VALUES]);
                let pairs = [
                    ("operationId", "operationId"),
                    ("itemsPath", "value-collection"),
                    ("itemValuePath", "value-path"),
                    ("itemTitlePath", "value-title"),
                ];
                let same = pairs.iter().all(|(new, old)| list[*new] == values[*old]);
                let keys = |it: &Value| -> Vec<String> {
                    members(&it["parameters"]).map(|(name, _)| name.to_owned()).collect()
                };
                if !same || keys(list) != keys(values) {
                    found.push(place.to_owned());
                }
            });
            found
        },
        changes: &[
            |document| remove(document, &format!("{INPUTS}/serviceId"), LIST),
            |document| remove(document, &format!("{INPUTS}/serviceId"), VALUES),
            |document| set(document, LICENSE_VALUES, "value-path", "title"),
            |document| set(document, LICENSE_VALUES, "parameters", json!({})),
        ],
    },
    Rule {
        holds: "a list calls an internal GET of the document, which returns such items",
        otherwise: "the designer shows an error in place of the list",
        broken_at: |document| places(lists(document), |(_, list)| !has_items(document, list)),
        changes: &[
            |document| set(document, LICENSE_LIST, "operationId", "ListLicences"),
            |document| set(document, LICENSE_LIST, "itemsPath", "/items"),
            |document| set(document, LICENSE_LIST, "itemValuePath", "id"),
            |document| set(document, LICENSE_LIST, "itemTitlePath", "label"),
            |document| set(document, LICENSES, "x-ms-visibility", "important"),
            |document| set(document, "/definitions/Choices/properties/items", "type", "object"),
        ],
    },
    Rule {
        holds: "a list gives its operation the parameters that it requires, of inputs that there are",
        otherwise: "the list is empty until the operation is called with what it lacks",
        broken_at: |document| {
            places(lists(document), |(input, list)| !is_called(document, input, list))
        },
        changes: &[
            |document| set(document, LICENSE_LIST, "parameters", json!({})),
            |document| {
                set(document, &format!("{LICENSE_LIST}/parameters"), "tenant", json!({}));
            },
            |document| {
                let unknown = json!({ "parameterReference": "body/connection" });
                set(document, &format!("{LICENSE_LIST}/parameters"), "connection", unknown);
            },
            |document| remove(document, INPUTS, "connectionId"),
        ],
    },
    Rule {
        holds: "a list is in the schema of a body, not on the body",
        otherwise: "the import refuses it",
        broken_at: |document| {
            places(parameters(document), |it| {
                it["in"] == "body" && [LIST, VALUES].iter().any(|name| it.get(name).is_some())
            })
        },
        changes: &[|document| set(document, &format!("{CREATE}/parameters/2"), LIST, json!({}))],
    },
    Rule {
        holds: "an operation that only serves the designer is internal, and others are not",
        otherwise: "people see it among the actions",
        broken_at: |document| {
            // People list runs, and cancel them.
            let serves_designers = |it: &Operation<'_>| it.method == "get" && it.path != "/v1/runs";
            places(operations(document), |it| serves_designers(it) != is_internal(it.value))
        },
        changes: &[
            |document| set(document, CREATE, "x-ms-visibility", "internal"),
            |document| remove(document, LICENSES, "x-ms-visibility"),
        ],
    },
    Rule {
        holds: "a name of a menu is short and plain",
        otherwise: "the designer cuts it off",
        broken_at: |document| {
            let names = |it: &Value| it["x-ms-enum-values"].as_array().cloned().unwrap_or_default();
            places(properties(document), |(_, it, _)| {
                names(it).iter().any(|it| {
                    let name = it["displayName"].as_str().unwrap_or_default();
                    name.is_empty() || name.chars().count() > LONGEST
                })
            })
        },
        changes: &[|document| {
            let menu = format!("{INPUTS}/connectionId/x-ms-enum-values");
            push(document, &menu, json!({ "value": "contoso", "displayName": "x".repeat(81) }));
        }],
    },
];

fn is_internal(value: &Value) -> bool {
    value["x-ms-visibility"] == "internal"
}

/// Whether an object requires a property.
fn requires(object: &Value, name: &str) -> bool {
    object["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name))
}

/// Whether each word of a label begins with a capital or is a number.
fn is_title(label: &str) -> bool {
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).count();
    let is_word = |word: &str| match digits(word) {
        0 => word.starts_with(|c: char| c.is_ascii_uppercase()),
        count => count == word.len(),
    };
    is_label(label) && label.split(' ').all(is_word)
}

/// The lists, each with the name of the schema of its input.
fn lists(document: &Value) -> Vec<(String, (&str, &Value))> {
    let mut found = Vec::new();
    for (schema, object) in members(&document["definitions"]) {
        for (name, property) in members(&object["properties"]) {
            if let Some(list) = property.get(LIST) {
                found.push((format!("{schema}/{name}"), (schema, list)));
            }
        }
    }
    found
}

/// Whether the operation of a list returns what the list shows.
fn has_items(document: &Value, list: &Value) -> bool {
    let Some(operation) = operation(document, &list["operationId"]) else { return false };
    let schema = resolved(document, &operation.value["responses"]["200"]["schema"]);
    let path = list["itemsPath"].as_str().unwrap_or_default();
    let items = resolved(document, &schema["properties"][path]);
    let item = resolved(document, &items["items"]);
    let has = |name: &str| {
        list[name].as_str().is_some_and(|it| item["properties"][it]["type"] == "string")
    };
    let is_array = items["type"] == "array";
    operation.method == "get"
        && is_internal(operation.value)
        && is_array
        && has("itemValuePath")
        && has("itemTitlePath")
}

/// Whether a list calls its operation with what it requires, and refers to inputs of its schema.
fn is_called(document: &Value, input: &str, list: &Value) -> bool {
    let Some(operation) = operation(document, &list["operationId"]) else { return false };
    let given = &list["parameters"];
    let properties = &document["definitions"][input]["properties"];
    let refers = |it: &Value| {
        let name = it["parameterReference"].as_str().and_then(|it| it.strip_prefix("body/"));
        name.is_some_and(|name| properties.get(name).is_some())
    };
    let known = |name: &str| operation.parameters().iter().any(|it| it["name"] == name);
    let is_given = |it: &Value| it["name"].as_str().is_some_and(|it| given.get(it).is_some());
    operation.parameters().iter().all(|it| it["required"] != true || is_given(it))
        && members(given).all(|(name, value)| known(name) && refers(value))
}
