//! What the program says of the actions: `actions`, `describe` and `permissions`.

use std::fs;

use serde_json::{Value, json};

use support::{Fixture, o365, root};

#[test]
fn actions_are_listed_with_what_they_are() {
    let actions = o365(["actions", "--json"]).run().result();
    assert_eq!(actions[0]["name"], "create-user");
    assert_eq!(actions[0]["title"], "Create Office 365 User");
    assert_eq!(actions[0]["category"], "Actions with accounts");
    assert_eq!(actions[0]["summary"], "Creates a user account and assigns it a licence");
}

#[test]
fn an_action_is_described_by_json_schemas() {
    let described = o365(["describe", "create-user", "--json"]).run().result();
    assert_eq!(described["name"], "create-user");
    for fixture in ["created-and-licensed", "replication-before-licence"] {
        let fixture = Fixture::named("create-user", fixture);
        assert!(jsonschema::is_valid(&described["input"], &Value::Object(fixture.input())));
        assert!(jsonschema::is_valid(&described["output"], &fixture.run["result"]));
    }
    let password = &described["input"]["properties"]["password"]["description"];
    assert!(password.as_str().unwrap().contains("8 to 256 characters"), "{password}");
}

#[test]
fn permissions_are_the_fewest_that_allow_the_calls() {
    let of = |grant: &str, arguments: &[&str]| -> Vec<String> {
        let permissions = o365([&["permissions", "--json"], arguments].concat()).run().result();
        let list = permissions[grant].as_array().unwrap();
        list.iter().map(|permission| permission["name"].as_str().unwrap().to_owned()).collect()
    };
    let names = |arguments: &[&str]| -> Vec<String> {
        assert_eq!(of("delegated", arguments), of("application", arguments), "{arguments:?}");
        of("application", arguments)
    };
    assert_eq!(names(&["create-user"]), ["LicenseAssignment.Read.All", "User.ReadWrite.All"]);
    assert_eq!(names(&["delete-user"]), ["User.DeleteRestore.All"]);
    assert_eq!(
        names(&["is-license-available", "get-available-license-count"]),
        ["LicenseAssignment.Read.All"]
    );
    assert_eq!(
        names(&["assign-license-to-existing-user"]),
        ["LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "User.Read.All"]
    );
    assert_eq!(
        of("delegated", &[]),
        ["LicenseAssignment.Read.All", "Mail.Send", "User.Read", "User.ReadWrite.All"]
    );
    assert_eq!(
        of("application", &[]),
        ["Mail.Send", "Organization.Read.All", "User.ReadWrite.All"]
    );
}

#[test]
fn permissions_come_as_an_app_manifest_too() {
    let manifest = |grant: &str| {
        o365(["permissions", "create-user", "--manifest", grant]).run().result()[0].clone()
    };
    let graph = "00000003-0000-0000-c000-000000000000";
    assert_eq!(
        manifest("application"),
        json!({"resourceAppId": graph, "resourceAccess": [
            {"id": "e2f98668-2877-4f38-a2f4-8202e0717aa1", "type": "Role"},
            {"id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role"},
        ]})
    );
    // Organization.Read.All stands for the permission whose delegated id is not known.
    let told = o365(["permissions", "create-user", "--manifest", "delegated"]).run().stderr;
    assert!(told.contains("the id of LicenseAssignment.Read.All is not known"), "{told}");
    assert_eq!(
        manifest("delegated"),
        json!({"resourceAppId": graph, "resourceAccess": [
            {"id": "4908d5b9-3fb2-4b1e-9336-1888b7937185", "type": "Scope"},
            {"id": "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "type": "Scope"},
        ]})
    );
}

#[test]
fn permissions_and_their_ids_are_microsofts() {
    let data: Value = serde_json::from_str(include_str!("../data/permissions.json")).unwrap();
    let policy: toml::Table =
        fs::read_to_string(root().join("wit/actions.toml")).unwrap().parse().unwrap();
    for (call, kinds) in policy["calls"].as_table().unwrap() {
        for (kind, names) in kinds.as_table().unwrap() {
            if kind == "absent" {
                continue;
            }
            let operation = &data["operations"][call][kind];
            for name in names.as_array().unwrap() {
                let allows = |list: &str| {
                    let names = operation[list].as_array().unwrap();
                    names.iter().any(|allowed| allowed.as_str() == name.as_str())
                };
                assert!(
                    allows("least") || allows("also"),
                    "{name:?} does not allow {call} ({kind})"
                );
            }
        }
    }
    for (name, ids) in policy["permissions"].as_table().unwrap() {
        for (kind, id) in ids.as_table().unwrap() {
            let known = &data["ids"][name][kind];
            assert!(known.is_null() || known.as_str() == id.as_str(), "{name} ({kind}): {known}");
        }
    }
}
