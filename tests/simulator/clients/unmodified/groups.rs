//! What a person does with groups.

use serde_json::{Value, json};

use super::calls::Call;
use super::prepared::Prepared;

const ALL: &str = "/groups?$select=id,displayName";

fn of(prepared: &Prepared, group: &str, what: &str) -> String {
    format!("/groups/{}{what}", prepared.id(group))
}

fn about(prepared: &Prepared, group: &str) -> Value {
    json!({ "group": prepared.id(group) })
}

fn with(prepared: &Prepared, group: &str, user: &str) -> Value {
    json!({ "group": prepared.id(group), "user": prepared.id(user) })
}

pub fn calls() -> Vec<Call> {
    [life(), members(), of_a_user()].into_iter().flatten().collect()
}

fn life() -> Vec<Call> {
    vec![
        Call {
            key: "create-group",
            title: "Create a group",
            about: |_| json!({ "displayName": "Readers", "mailNickname": "readers" }),
            shown_at: |_| ALL.to_owned(),
            check: |made| {
                made.is_added(made.learned.as_str().unwrap());
                assert!(made.after.all("displayName").contains(&"Readers"));
            },
        },
        Call {
            key: "list-groups",
            title: "List groups",
            about: |_| json!({}),
            shown_at: |_| ALL.to_owned(),
            check: |made| made.learned_all(&made.after.ids()),
        },
        Call {
            key: "search-groups",
            title: "`$search` groups",
            about: |prepared| json!({ "word": "Circle", "mail": prepared.id("circle's mail") }),
            shown_at: |_| ALL.to_owned(),
            check: |made| made.learned_all(&[made.prepared.id("circle")]),
        },
        Call {
            key: "read-group",
            title: "Read a group",
            about: |prepared| about(prepared, "team"),
            shown_at: |prepared| of(prepared, "team", ""),
            check: |made| assert_eq!(made.after.body["displayName"], made.learned),
        },
        Call {
            key: "update-group",
            title: "Change a group",
            about: |prepared| json!({ "group": prepared.id("plain"), "description": "Everybody" }),
            shown_at: |prepared| of(prepared, "plain", "?$select=description"),
            check: |made| made.is_set("description"),
        },
        Call {
            key: "delete-group",
            title: "Delete a group",
            about: |prepared| about(prepared, "doomed"),
            shown_at: |_| ALL.to_owned(),
            check: |made| made.is_removed(made.prepared.id("doomed")),
        },
    ]
}

fn members() -> Vec<Call> {
    vec![
        Call {
            key: "members",
            title: "List members",
            about: |prepared| about(prepared, "team"),
            shown_at: |prepared| of(prepared, "team", "/members?$select=id"),
            check: |made| made.learned_all(&made.after.ids()),
        },
        Call {
            key: "add-member",
            title: "Add a member",
            about: |prepared| with(prepared, "team", "joining"),
            shown_at: |prepared| of(prepared, "team", "/members?$select=id"),
            check: |made| made.is_added(made.prepared.id("joining")),
        },
        Call {
            key: "remove-member",
            title: "Remove a member",
            about: |prepared| with(prepared, "team", "leaving"),
            shown_at: |prepared| of(prepared, "team", "/members?$select=id"),
            check: |made| made.is_removed(made.prepared.id("leaving")),
        },
        Call {
            key: "owners",
            title: "List owners",
            about: |prepared| about(prepared, "team"),
            shown_at: |prepared| of(prepared, "team", "/owners?$select=id"),
            check: |made| made.learned_all(&made.after.ids()),
        },
        Call {
            key: "add-owner",
            title: "Add an owner",
            about: |prepared| with(prepared, "team", "owner"),
            shown_at: |prepared| of(prepared, "team", "/owners?$select=id"),
            check: |made| made.is_added(made.prepared.id("owner")),
        },
    ]
}

fn of_a_user() -> Vec<Call> {
    let about = |prepared: &Prepared| json!({ "user": prepared.id("member") });
    let shown_at = |prepared: &Prepared| of(prepared, "team", "");
    vec![
        Call {
            key: "member-of",
            title: "`memberOf`",
            about,
            shown_at,
            check: |made| made.learned_all(&[made.prepared.id("team")]),
        },
        Call {
            key: "transitive-member-of",
            title: "`transitiveMemberOf`",
            about,
            shown_at,
            check: |made| {
                made.learned_all(&["team", "division"].map(|name| made.prepared.id(name)))
            },
        },
        Call {
            key: "member-groups",
            title: "`getMemberGroups`",
            about,
            shown_at,
            check: |made| {
                made.learned_all(&["team", "division"].map(|name| made.prepared.id(name)))
            },
        },
    ]
}
