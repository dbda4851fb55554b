//! What a person does with users.

use serde_json::{Value, json};

use support::simulate::TENANT;

use super::calls::{Call, Made};
use super::prepared::Prepared;

const DELETED: &str = "/directory/deletedItems/microsoft.graph.user?$select=id";

/// What the user of this name is there for.
fn about(prepared: &Prepared, name: &str) -> Value {
    json!({ "user": prepared.id(name) })
}

fn property(prepared: &Prepared, name: &str, property: &str) -> String {
    format!("/users/{}?$select={property}", prepared.id(name))
}

pub fn calls() -> Vec<Call> {
    [life(), queries(), security(), managers()].into_iter().flatten().collect()
}

fn life() -> Vec<Call> {
    vec![
        Call {
            key: "create-user",
            title: "Create a user",
            about: |_| {
                json!({
                    "displayName": "Allen Allbrook",
                    "mailNickname": "allen",
                    "userPrincipalName": format!("allen@{TENANT}"),
                })
            },
            shown_at: |_| format!("/users/allen@{TENANT}"),
            check: |made| {
                assert_eq!(made.before.status, 404);
                assert_eq!(made.after.body["id"], made.learned);
                assert_eq!(made.after.body["displayName"], "Allen Allbrook");
            },
        },
        Call {
            key: "read-user",
            title: "Read a user",
            about: |prepared| about(prepared, "reader"),
            shown_at: |prepared| property(prepared, "reader", "displayName"),
            check: |made| assert_eq!(made.after.body["displayName"], made.learned),
        },
        Call {
            key: "update-user",
            title: "Change a user",
            about: |prepared| json!({ "user": prepared.id("changed"), "jobTitle": "Engineer" }),
            shown_at: |prepared| property(prepared, "changed", "jobTitle"),
            check: |made| made.is_set("jobTitle"),
        },
        Call {
            key: "delete-user",
            title: "Delete a user",
            about: |prepared| about(prepared, "deleted"),
            shown_at: |_| DELETED.to_owned(),
            check: |made| made.is_added(made.prepared.id("deleted")),
        },
        Call {
            key: "deleted-users",
            title: "List deleted users",
            about: |_| json!({}),
            shown_at: |_| DELETED.to_owned(),
            check: |made| made.learned_all(&made.after.ids()),
        },
        Call {
            key: "restore-user",
            title: "Restore a user",
            about: |prepared| about(prepared, "restored"),
            shown_at: |prepared| property(prepared, "restored", "id"),
            check: |made| assert_eq!((made.before.status, made.after.status), (404, 200)),
        },
        Call {
            key: "purge-user",
            title: "Delete a user for ever",
            about: |prepared| about(prepared, "purged"),
            shown_at: |_| DELETED.to_owned(),
            check: |made| made.is_removed(made.prepared.id("purged")),
        },
        Call {
            key: "batch",
            title: "Delete users for ever in a `$batch`",
            about: |prepared| {
                let users = ["first", "second"].map(|name| prepared.id(name));
                json!({ "users": users })
            },
            shown_at: |_| DELETED.to_owned(),
            check: |made| {
                made.is_removed(made.prepared.id("first"));
                made.is_removed(made.prepared.id("second"));
                let is_batch = |request: &Value| request["path"] == "/v1.0/$batch";
                assert!(made.requests.iter().any(is_batch), "{:#?}", made.requests);
            },
        },
    ]
}

const ALL: &str = "/users?$select=id,displayName,accountEnabled";

/// The ids of the users for whose names this holds.
fn named<'a>(made: &'a Made<'_>, holds: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let users = made.after.ids().into_iter().zip(made.after.all("displayName"));
    users.filter(|(_, name)| holds(name)).map(|(id, _)| id).collect()
}

/// The users who are first by name, as many as the client learned.
fn are_in_order(made: &Made<'_>) {
    let mut users: Vec<(String, &str)> = made
        .after
        .all("displayName")
        .into_iter()
        .map(str::to_lowercase)
        .zip(made.after.ids())
        .collect();
    users.sort();
    let learned = made.learned.as_array().unwrap();
    assert!(learned.len() >= 100, "a page: {learned:?}");
    let first: Vec<&str> = users.iter().map(|(_, id)| *id).take(learned.len()).collect();
    assert_eq!(made.learned, json!(first));
}

fn queries() -> Vec<Call> {
    let all = |_: &Prepared| ALL.to_owned();
    vec![
        Call {
            key: "list-users",
            title: "List all users, page by page",
            about: |_| json!({ "top": 50 }),
            shown_at: all,
            check: |made| {
                made.learned_all(&made.after.ids());
                let of_users = |path: &str| path.split('?').next() == Some("/v1.0/users");
                let asked = made.requests.iter().map(|request| request["path"].as_str().unwrap());
                assert!(asked.filter(|path| of_users(path)).count() > 1, "{:#?}", made.requests);
            },
        },
        Call {
            key: "filter-users",
            title: "`$filter` users",
            about: |_| json!({ "start": "staff1" }),
            shown_at: all,
            check: |made| made.learned_all(&named(made, |name| name.starts_with("staff1"))),
        },
        Call {
            key: "search-users",
            title: "`$search` users",
            about: |_| json!({ "word": "reader" }),
            shown_at: all,
            check: |made| made.learned_all(&named(made, |name| name.starts_with("reader"))),
        },
        Call {
            key: "order-users",
            title: "`$orderby` users",
            about: |_| json!({}),
            shown_at: all,
            check: are_in_order,
        },
        Call {
            key: "count-users",
            title: "`$count` users",
            about: |_| json!({}),
            shown_at: all,
            check: |made| {
                // The client for JavaScript has it as text, which it is.
                let learned = made.learned.to_string();
                assert_eq!(learned.trim_matches('"'), made.after.ids().len().to_string());
            },
        },
        Call {
            key: "delta",
            title: "Changes since the last `delta`",
            about: |prepared| json!({ "user": prepared.id("followed"), "jobTitle": "Clerk" }),
            shown_at: all,
            check: |made| {
                assert_eq!(made.learned["changed"], json!([made.prepared.id("followed")]));
                let mut all: Vec<&str> = made.after.ids();
                let mut learned: Vec<&str> = made.learned["all"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|id| id.as_str().unwrap())
                    .collect();
                all.sort_unstable();
                learned.sort_unstable();
                assert_eq!(learned, all);
            },
        },
    ]
}

fn security() -> Vec<Call> {
    vec![
        Call {
            key: "revoke-sessions",
            title: "Revoke the sessions of a user",
            about: |prepared| about(prepared, "revoked"),
            shown_at: |prepared| property(prepared, "revoked", "signInSessionsValidFromDateTime"),
            check: |made| made.is_changed("signInSessionsValidFromDateTime"),
        },
        Call {
            key: "change-password",
            title: "Change one's own password",
            about: |prepared| {
                json!({
                    "user": prepared.id("admin"),
                    "current": "Any-passw0rd",
                    "next": "Other-passw0rd",
                })
            },
            shown_at: |prepared| property(prepared, "admin", "lastPasswordChangeDateTime"),
            check: |made| made.is_changed("lastPasswordChangeDateTime"),
        },
        Call {
            key: "invite",
            title: "Invite a guest",
            about: |_| json!({ "mail": "guest@fabrikam.com" }),
            shown_at: |_| "/users?$filter=mail eq 'guest@fabrikam.com'&$select=id".to_owned(),
            check: |made| made.is_added(made.learned.as_str().unwrap()),
        },
        Call {
            key: "photo",
            title: "Read a photo",
            about: |prepared| about(prepared, "reader"),
            shown_at: |_| "/organization".to_owned(),
            check: |made| panic!("there is no photo: {}", made.learned),
        },
    ]
}

fn managers() -> Vec<Call> {
    vec![
        Call {
            key: "manager",
            title: "Read a manager",
            about: |prepared| about(prepared, "managed"),
            shown_at: |prepared| format!("/users/{}/manager", prepared.id("managed")),
            check: |made| assert_eq!(made.after.body["id"], made.learned),
        },
        Call {
            key: "expand-manager",
            title: "`$expand` a manager",
            about: |prepared| about(prepared, "managed"),
            shown_at: |prepared| format!("/users/{}/manager", prepared.id("managed")),
            check: |made| assert_eq!(made.after.body["id"], made.learned),
        },
        Call {
            key: "direct-reports",
            title: "List direct reports",
            about: |prepared| about(prepared, "boss"),
            shown_at: |prepared| format!("/users/{}/directReports?$select=id", prepared.id("boss")),
            check: |made| made.learned_all(&made.after.ids()),
        },
        Call {
            key: "set-manager",
            title: "Set a manager",
            about: |prepared| json!({ "user": prepared.id("promoted"), "manager": prepared.id("boss") }),
            shown_at: |prepared| format!("/users/{}/manager", prepared.id("promoted")),
            check: |made| {
                assert_eq!(made.before.status, 404);
                assert_eq!(made.after.body["id"], made.prepared.id("boss"));
            },
        },
        Call {
            key: "remove-manager",
            title: "Remove a manager",
            about: |prepared| about(prepared, "unmanaged"),
            shown_at: |prepared| format!("/users/{}/manager", prepared.id("unmanaged")),
            check: |made| assert_eq!((made.before.status, made.after.status), (200, 404)),
        },
    ]
}
