//! The connector's own reference tables, row by row: every action with its inputs and
//! the keys of its output.

use std::collections::BTreeSet;

use serde_json::Value;

use support::o365;

/// An action of the tables.
struct Row {
    title: &'static str,
    category: &'static str,
    action: &'static str,
    /// All of them required.
    inputs: &'static [&'static str],
    /// The keys of an object; `null`, `boolean` or `integer` of a bare value.
    output: &'static [&'static str],
}

const ACCOUNTS: &str = "Actions with accounts";
const NOTIFICATIONS: &str = "Actions that send notifications about events";
const ACCOUNT: &[&str] = &[
    "assignedByGroup",
    "assignedLicenses",
    "assignedPlans",
    "displayName",
    "objectId",
    "provisionedPlans",
    "usageLocation",
    "userPrincipalName",
];
const REPORT: &[&str] = &["description", "title", "users"];
const STORAGE: &[&str] = &["connectionId", "recipient", "storageAccount", "key1", "key2"];
const NOTHING: &[&str] = &["null"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { title: "Assign Office 365 License To Existing User", category: ACCOUNTS, action: "assign-license-to-existing-user", inputs: &["connectionId", "serviceId", "userPrincipalName"], output: ACCOUNT },
    Row { title: "Create Office 365 User", category: ACCOUNTS, action: "create-user", inputs: &["connectionId", "serviceId", "displayName", "mailNickname", "password", "usageLocation"], output: ACCOUNT },
    Row { title: "Is Office 365 License Available", category: ACCOUNTS, action: "is-license-available", inputs: &["connectionId", "serviceId"], output: &["boolean"] },
    Row { title: "Get Office 365 Available License Count", category: ACCOUNTS, action: "get-available-license-count", inputs: &["connectionId", "serviceId"], output: &["integer"] },
    Row { title: "Delete Office 365 User", category: ACCOUNTS, action: "delete-user", inputs: &["connectionId", "userPrincipalName"], output: NOTHING },
    Row { title: "Office 365 Users With Licences Report", category: ACCOUNTS, action: "users-with-licenses-report", inputs: &["connectionId"], output: REPORT },
    Row { title: "Office 365 Users Without Licenses Report", category: ACCOUNTS, action: "users-without-licenses-report", inputs: &["connectionId"], output: REPORT },
    Row { title: "Send Office 365 Created User Email Notification", category: NOTIFICATIONS, action: "send-created-user-email-notification", inputs: &["connectionId", "recipient", "userEmail"], output: NOTHING },
    Row { title: "Send Azure Storage Creation Email", category: NOTIFICATIONS, action: "send-azure-storage-creation-email", inputs: STORAGE, output: NOTHING },
    Row { title: "Send Keys For Azure Storage Email", category: NOTIFICATIONS, action: "send-keys-for-azure-storage-email", inputs: STORAGE, output: NOTHING },
    Row { title: "Send Regenerated Keys For Azure Storage Email", category: NOTIFICATIONS, action: "send-regenerated-keys-for-azure-storage-email", inputs: STORAGE, output: NOTHING },
    Row { title: "Send Aws Instance Creation Email", category: NOTIFICATIONS, action: "send-aws-instance-creation-email", inputs: &["connectionId", "recipient", "login", "privateKey", "connectionDetails"], output: NOTHING },
    Row { title: "Send Virtual Machine Creation Email", category: NOTIFICATIONS, action: "send-virtual-machine-creation-email", inputs: &["connectionId", "recipient", "ip", "login", "password"], output: NOTHING },
    Row { title: "Send Status Virtual Machine Email", category: NOTIFICATIONS, action: "send-status-virtual-machine-email", inputs: &["connectionId", "recipient", "ip", "status"], output: NOTHING },
];

#[test]
fn every_action_of_the_reference_is_listed() {
    let actions = o365(["actions", "--json"]).run().result();
    for row in ROWS {
        let action = actions
            .as_array()
            .unwrap()
            .iter()
            .find(|action| action["name"] == row.action)
            .unwrap_or_else(|| panic!("{} is not listed", row.action));
        assert_eq!(action["title"], row.title);
        assert_eq!(action["category"], row.category, "{}", row.action);
    }
}

#[test]
fn every_action_takes_and_returns_what_the_reference_says() {
    for row in ROWS {
        let described = o365(["describe", row.action, "--json"]).run().result();
        let required: BTreeSet<&str> = described["input"]["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        assert_eq!(required, BTreeSet::from_iter(row.inputs.iter().copied()), "{}", row.action);
        assert_eq!(keys(&described["input"]), required, "{}: no other inputs", row.action);
        let output = &described["output"];
        match output["type"].as_str() {
            Some("object") => {
                assert_eq!(
                    keys(output),
                    BTreeSet::from_iter(row.output.iter().copied()),
                    "{}",
                    row.action
                );
            }
            bare => assert_eq!(bare, row.output.first().copied(), "{}", row.action),
        }
    }
}

#[test]
fn a_reported_user_has_the_keys_of_the_reference() {
    let described = o365(["describe", "users-with-licenses-report", "--json"]).run().result();
    let user = &described["output"]["properties"]["users"]["items"];
    assert_eq!(
        keys(user),
        BTreeSet::from([
            "displayName",
            "email",
            "assignedServicePlans",
            "provisionedServicePlans",
            "assignedByGroup",
            "licenseErrors"
        ])
    );
    let required: BTreeSet<&str> =
        user["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(!required.contains("assignedByGroup") && !required.contains("licenseErrors"));
    assert_eq!(
        keys(&user["properties"]["assignedByGroup"]["items"]),
        BTreeSet::from(["groupId", "skuId"])
    );
    assert_eq!(
        keys(&user["properties"]["licenseErrors"]["items"]),
        BTreeSet::from(["error", "groupId", "skuId", "state"])
    );
    assert_eq!(
        keys(&user["properties"]["assignedServicePlans"]["items"]),
        BTreeSet::from(["name", "status"])
    );
    assert_eq!(
        keys(&user["properties"]["provisionedServicePlans"]["items"]),
        BTreeSet::from(["capabilityStatus", "provisioningStatus", "service"])
    );
}

#[test]
fn the_catalog_the_data_set_and_the_check_are_actions_too() {
    let actions = o365(["actions", "--json"]).run().result();
    let names: BTreeSet<&str> =
        actions.as_array().unwrap().iter().map(|action| action["name"].as_str().unwrap()).collect();
    for name in ["import-catalog", "country-codes", "verify-connection"] {
        assert!(names.contains(name), "{name}");
    }
}

fn keys(schema: &Value) -> BTreeSet<&str> {
    schema["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}
