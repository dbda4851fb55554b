//! Rules on operations and their parameters.

use serde_json::{Value, json};

use super::rule::{ACTIONS, CREATE, LICENSES, Rule, move_path, places, push, remove, set};
use super::walk::{Operation, operations, parameters};

/// The most characters of a summary and of a label.
pub const LONGEST: usize = 80;

pub const RULES: &[Rule] = &[
    Rule {
        holds: "an operation has an id of its own, of letters and digits, each word with a capital",
        otherwise: "the id is changed, or the import refuses the second one",
        broken_at: |document| {
            let all = operations(document);
            let count = |id: &str| all.iter().filter(|(_, it)| it.id() == id).count();
            let ids = all.iter().map(|(place, it)| (place.clone(), it.id()));
            places(ids, |id| {
                let begins = id.starts_with(|c: char| c.is_ascii_uppercase());
                !begins || !id.chars().all(|c| c.is_ascii_alphanumeric()) || count(id) > 1
            })
        },
        changes: &[
            |document| set(document, CREATE, "operationId", "create-user"),
            |document| set(document, CREATE, "operationId", "createUser"),
            |document| set(document, CREATE, "operationId", "DeleteUser"),
            |document| remove(document, CREATE, "operationId"),
        ],
    },
    Rule {
        holds: "a summary is short and plain, and its words are in sentence case",
        otherwise: "the certification refuses it",
        broken_at: |document| {
            places(operations(document), |it| !is_label(it.text("summary")) || !is_sentence(it))
        },
        changes: &[
            |document| set(document, CREATE, "summary", ""),
            |document| set(document, CREATE, "summary", "Creates a user."),
            |document| set(document, CREATE, "summary", "Create user/licence"),
            |document| set(document, CREATE, "summary", "Create User And Licence"),
            |document| set(document, CREATE, "summary", format!("Create {}", "x".repeat(80))),
        ],
    },
    Rule {
        holds: "no two operations have the same summary",
        otherwise: "a person cannot tell them apart in the list of actions",
        broken_at: |document| {
            let all = operations(document);
            let same =
                |it: &&str| all.iter().filter(|(_, other)| other.text("summary") == *it).count();
            places(all.iter().map(|(place, it)| (place.clone(), it.text("summary"))), |it| {
                same(it) > 1
            })
        },
        changes: &[|document| set(document, CREATE, "summary", "Delete user")],
    },
    Rule {
        holds: "a description is made of sentences, and is not the summary",
        otherwise: "the certification refuses it",
        broken_at: |document| {
            places(operations(document), |it| {
                let (text, summary) = (it.text("description"), it.text("summary"));
                !is_text(text) || text.trim_end_matches('.') == summary
            })
        },
        changes: &[
            |document| set(document, CREATE, "description", "Creates a user"),
            |document| set(document, CREATE, "description", "Create user."),
            |document| remove(document, CREATE, "description"),
        ],
    },
    Rule {
        holds: "a parameter other than the body has a label and a description",
        otherwise: "the designer shows its raw name, and the certification refuses it",
        broken_at: |document| {
            let all = parameters(document).into_iter().filter(|(_, it)| it["in"] != "body");
            places(all, |it| {
                let text = |name: &str| it[name].as_str().unwrap_or_default();
                !is_label(text("x-ms-summary")) || !is_text(text("description"))
            })
        },
        changes: &[
            |document| remove(document, &format!("{CREATE}/parameters/0"), "x-ms-summary"),
            |document| remove(document, &format!("{CREATE}/parameters/0"), "description"),
            |document| set(document, &format!("{LICENSES}/parameters/0"), "x-ms-summary", "Where?"),
        ],
    },
    Rule {
        holds: "the parameters of an operation have names of their own, and none is connectionId",
        otherwise: "the import refuses them: connectionId is the connection of the flow itself",
        broken_at: |document| {
            places(operations(document), |it| {
                let mut names: Vec<String> = it.parameters().iter().map(key).collect();
                let reserved = it.parameters().iter().any(|it| {
                    it["name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("connectionId"))
                });
                let count = names.len();
                names.sort();
                names.dedup();
                names.len() < count || reserved
            })
        },
        changes: &[
            |document| set(document, &format!("{LICENSES}/parameters/0"), "name", "connectionID"),
            |document| twice(document, CREATE, 0),
            |document| twice(document, CREATE, 1),
        ],
    },
    Rule {
        holds: "each variable of a path is a required parameter with an encoding, and no other is",
        otherwise: "the import refuses the path, or a value with a slash reaches another path",
        broken_at: |document| places(operations(document), |it| !has_its_variables(it)),
        changes: &[
            |document| move_path(document, "/v1/actions", "/v1/actions/{kind}"),
            |document| with_variable(document, json!({ "required": true })),
            |document| with_variable(document, json!({ "x-ms-url-encoding": "single" })),
            |document| {
                let place = format!("{LICENSES}/parameters/0");
                set(document, &place, "x-ms-url-encoding", "single");
            },
        ],
    },
    Rule {
        holds: "a GET has no body",
        otherwise: "the import refuses it",
        broken_at: |document| {
            places(operations(document), |it| {
                it.method == "get" && it.parameters().iter().any(|it| it["in"] == "body")
            })
        },
        changes: &[|document| {
            let body = json!({ "name": "body", "in": "body", "schema": { "type": "object" } });
            push(document, &format!("{ACTIONS}/parameters"), body);
        }],
    },
    Rule {
        holds: "a parameter with several values has them between commas",
        otherwise: "the import refuses the collection format multi",
        broken_at: |document| {
            places(parameters(document), |it| {
                !matches!(it["collectionFormat"].as_str(), None | Some("csv"))
            })
        },
        changes: &[|document| {
            set(document, &format!("{LICENSES}/parameters/0"), "collectionFormat", "multi");
        }],
    },
];

/// Whether a text is a label: short, of plain characters, without a full stop.
pub fn is_label(text: &str) -> bool {
    let ends = text.ends_with(|c: char| c.is_alphanumeric() || c == ')');
    let plain = |c: char| c.is_alphanumeric() || [' ', '(', ')', '-'].contains(&c);
    ends && text.chars().count() <= LONGEST && text.chars().all(plain)
}

/// Whether a text ends as a sentence does.
pub fn is_text(text: &str) -> bool {
    text.ends_with(['.', '!', '?'])
}

/// Whether only the first word of a summary begins with a capital, and abbreviations.
fn is_sentence(operation: &Operation<'_>) -> bool {
    let mut words = operation.text("summary").split(' ');
    let capital = |word: &str| word.starts_with(|c: char| c.is_uppercase());
    let begins = words.next().is_some_and(capital);
    let names = ["Azure", "Office"];
    let is_name = |word: &str| names.contains(&word) || word.chars().all(char::is_uppercase);
    begins && words.all(|word| !capital(word) || is_name(word))
}

/// What tells a parameter from others: there is only one body.
fn key(parameter: &Value) -> String {
    match parameter["in"].as_str() {
        Some("body") => "body".to_owned(),
        place => format!("{place:?} {}", parameter["name"]),
    }
}

fn has_its_variables(operation: &Operation<'_>) -> bool {
    let variables =
        operation.path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    let mut variables: Vec<&str> = variables.collect();
    operation.parameters().iter().all(|it| {
        let encoded = it.get("x-ms-url-encoding").is_some();
        if it["in"] != "path" {
            return !encoded;
        }
        let count = variables.len();
        variables.retain(|name| it["name"] != *name);
        encoded && it["required"] == true && variables.len() + 1 == count
    }) && variables.is_empty()
}

/// Gives the list of actions a variable that lacks something.
fn with_variable(document: &mut Value, more: Value) {
    let mut variable = json!({ "name": "kind", "in": "path", "type": "string" });
    variable.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    push(document, &format!("{ACTIONS}/parameters"), variable);
    move_path(document, "/v1/actions", "/v1/actions/{kind}");
}

/// Gives an operation a parameter again.
fn twice(document: &mut Value, operation: &str, index: usize) {
    let parameters = format!("{operation}/parameters");
    let again = document.pointer(&parameters).unwrap()[index].clone();
    push(document, &parameters, again);
}
