//! What a person does with licences.

use serde_json::json;

use super::calls::Call;
use super::prepared::{Prepared, SPE_E5, VISIO};

fn licenses(prepared: &Prepared, kind: &str, name: &str) -> String {
    format!("/{kind}/{}?$select=assignedLicenses", prepared.id(name))
}

/// Whether what is seen has a licence.
fn has(seen: &super::observer::Seen, sku: &str) -> bool {
    seen.body["assignedLicenses"].as_array().unwrap().iter().any(|license| license["skuId"] == sku)
}

pub fn calls() -> Vec<Call> {
    vec![
        Call {
            key: "skus",
            title: "List the licences of the tenant",
            about: |_| json!({}),
            shown_at: |_| "/subscribedSkus".to_owned(),
            check: |made| made.learned_all(&made.after.all("skuId")),
        },
        Call {
            key: "assign-license",
            title: "Assign a licence to a user",
            about: |prepared| json!({ "user": prepared.id("unlicensed"), "sku": SPE_E5 }),
            shown_at: |prepared| licenses(prepared, "users", "unlicensed"),
            check: |made| {
                assert_eq!((has(&made.before, SPE_E5), has(&made.after, SPE_E5)), (false, true));
            },
        },
        Call {
            key: "license-details",
            title: "Read the licences of a user",
            about: |prepared| json!({ "user": prepared.id("bygroup") }),
            shown_at: |prepared| format!("/users/{}/licenseDetails", prepared.id("bygroup")),
            check: |made| made.learned_all(&made.after.all("skuId")),
        },
        Call {
            key: "license-states",
            title: "Read by which group a user has a licence",
            about: |prepared| json!({ "user": prepared.id("bygroup") }),
            shown_at: |prepared| {
                format!("/users/{}?$select=licenseAssignmentStates", prepared.id("bygroup"))
            },
            check: |made| {
                let state = &made.after.body["licenseAssignmentStates"][0];
                assert_eq!(state["assignedByGroup"], made.prepared.id("granting"));
                made.learned_all(&[made.prepared.id("granting")]);
            },
        },
        Call {
            key: "remove-license",
            title: "Remove a licence of a user",
            about: |prepared| json!({ "user": prepared.id("licensed"), "sku": VISIO }),
            shown_at: |prepared| licenses(prepared, "users", "licensed"),
            check: |made| {
                assert_eq!((has(&made.before, VISIO), has(&made.after, VISIO)), (true, false));
            },
        },
        Call {
            key: "assign-group-license",
            title: "Assign a licence to a group",
            about: |prepared| json!({ "group": prepared.id("plain"), "sku": SPE_E5 }),
            shown_at: |prepared| licenses(prepared, "groups", "plain"),
            check: |made| {
                assert_eq!((has(&made.before, SPE_E5), has(&made.after, SPE_E5)), (false, true));
            },
        },
        Call {
            key: "remove-group-license",
            title: "Remove a licence of a group",
            about: |prepared| json!({ "group": prepared.id("losing"), "sku": VISIO }),
            shown_at: |prepared| licenses(prepared, "groups", "losing"),
            check: |made| {
                assert_eq!((has(&made.before, VISIO), has(&made.after, VISIO)), (true, false));
            },
        },
    ]
}
