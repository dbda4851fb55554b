//! Rules on responses.

use serde_json::json;

use super::rule::{CREATE, Rule, places, remove, set};
use super::walk::{members, operations, responses};

pub const RULES: &[Rule] = &[
    Rule {
        holds: "responses have three digits, and each a description",
        otherwise: "the import refuses a range such as 2XX",
        broken_at: |document| {
            let all =
                responses(document).into_iter().map(|(place, status, it)| (place, (status, it)));
            places(all, |(status, it)| {
                status.len() != 3
                    || status.parse::<u16>().is_err()
                    || !it["description"].is_string()
            })
        },
        changes: &[
            |document| {
                set(document, &format!("{CREATE}/responses"), "2XX", json!({ "description": "" }))
            },
            |document| {
                set(
                    document,
                    &format!("{CREATE}/responses"),
                    "default",
                    json!({ "description": "" }),
                );
            },
            |document| remove(document, &format!("{CREATE}/responses/400"), "description"),
        ],
    },
    Rule {
        holds: "the only schema of an operation is that of its status 200",
        otherwise: "the designer uses one schema only, and shows outputs of 200 or 201",
        broken_at: |document| {
            places(operations(document), |it| {
                let all = || members(&it.value["responses"]);
                let others =
                    all().any(|(status, it)| status != "200" && it.get("schema").is_some());
                others || !all().any(|(status, _)| status == "200")
            })
        },
        changes: &[
            |document| {
                set(
                    document,
                    &format!("{CREATE}/responses/400"),
                    "schema",
                    json!({ "type": "object" }),
                );
            },
            |document| remove(document, &format!("{CREATE}/responses"), "200"),
        ],
    },
    Rule {
        holds: "an action that returns something says so in its schema",
        otherwise: "the designer offers no outputs for the next steps",
        broken_at: |document| {
            places(operations(document), |it| {
                let done = &it.value["responses"]["200"];
                let returns_nothing = done["description"]
                    .as_str()
                    .is_some_and(|text| text.contains("returns nothing"));
                done.get("schema").is_some() == returns_nothing
            })
        },
        changes: &[|document| remove(document, &format!("{CREATE}/responses/200"), "schema")],
    },
];
