//! Licences that users have by groups, and those that are in error: in the reports, and when
//! such a licence is assigned.

use crate::reports::{LIST, listed, page, with, without};
use crate::support::*;
use component::bindings::exports::connector::office365::accounts::GroupLicense;
use component::bindings::exports::connector::office365::reports::{LicenseError, ReportedUser};
use serde_json::{Value, json};

const GROUP: &str = "a1b2c3d4-0001-4a5b-8c6d-7e8f9a0b1c2d";

/// An assignment as Graph shows it.
fn assignment(sku: &str, group: Option<&str>, state: &str, error: &str) -> Value {
    json!({"skuId": sku, "assignedByGroup": group, "disabledPlans": [], "state": state,
        "error": error, "lastUpdatedDateTime": "2026-01-15T09:30:00Z"})
}

/// A listed user with or without the licence `SKU`, and with these assignments.
fn user_with(licensed: bool, states: Value) -> Value {
    let mut user = listed("anna", None, licensed);
    user["licenseAssignmentStates"] = states;
    user
}

/// The one user of the report that `user` is in.
fn reported(user: &Value) -> ReportedUser {
    let run = || Run::new([on(LIST, page(std::slice::from_ref(user), None))]);
    let mut users = [with(run()), without(run())].map(|(report, _)| report.unwrap().users);
    users.sort_by_key(Vec::len);
    let [other, mut of_user] = users;
    assert_eq!((other.len(), of_user.len()), (0, 1), "{user}");
    of_user.remove(0)
}

fn by_group(licenses: Option<Vec<GroupLicense>>) -> Vec<(String, String)> {
    licenses.into_iter().flatten().map(|license| (license.sku_id, license.group_id)).collect()
}

/// Sku, group, state and error.
type Shown = (String, Option<String>, Option<String>, Option<String>);

fn errors(errors: Option<Vec<LicenseError>>) -> Vec<Shown> {
    let shown = |error: LicenseError| (error.sku_id, error.group_id, error.state, error.error);
    errors.into_iter().flatten().map(shown).collect()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_licence_by_a_group_is_reported_with_the_group() {
    let states = json!([
        assignment(SKU, None, "Active", "None"),
        assignment(SKU, Some(GROUP), "Active", "None"),
    ]);
    let user = reported(&user_with(true, states));
    assert_eq!(by_group(user.assigned_by_group), [(SKU.to_owned(), GROUP.to_owned())]);
    assert!(user.license_errors.is_none());
}

/// So a tenant without licences by groups has the reports that it had before.
#[test]
fn a_direct_licence_without_an_error_adds_nothing() {
    for states in [
        json!([assignment(SKU, None, "Active", "None")]),
        json!([assignment(SKU, None, "Disabled", "None")]),
        json!([{"skuId": SKU, "state": "Active"}]),
        json!([{"skuId": SKU, "assignedByGroup": null, "error": null, "state": null}]),
        json!([]),
        Value::Null,
    ] {
        let user = reported(&user_with(true, states.clone()));
        assert!(user.assigned_by_group.is_none(), "{states}");
        assert!(user.license_errors.is_none(), "{states}");
    }
}

#[test]
fn a_licence_that_a_group_could_not_give_is_an_error_of_a_user_without_one() {
    let states = json!([assignment(SKU, Some(GROUP), "Error", "CountViolation")]);
    let user = reported(&user_with(false, states));
    assert!(user.assigned_by_group.is_none(), "the user does not have it");
    let expected = (SKU.to_owned(), text(GROUP), text("Error"), text("CountViolation"));
    assert_eq!(errors(user.license_errors), [expected]);
}

#[test]
fn an_error_beside_a_licence_is_told_whoever_assigned_it() {
    let states = json!([
        assignment(SKU, Some(GROUP), "ActiveWithError", "DependencyViolation"),
        assignment(OTHER_SKU, None, "Error", "MutuallyExclusiveViolation"),
    ]);
    let user = reported(&user_with(true, states));
    assert_eq!(by_group(user.assigned_by_group), [(SKU.to_owned(), GROUP.to_owned())]);
    let of_group =
        (SKU.to_owned(), text(GROUP), text("ActiveWithError"), text("DependencyViolation"));
    let direct = (OTHER_SKU.to_owned(), None, text("Error"), text("MutuallyExclusiveViolation"));
    assert_eq!(errors(user.license_errors), [of_group, direct]);
}

/// A group's licence is on its way to a user, or back: what the licences do not show, the user
/// does not have.
#[test]
fn a_licence_that_is_not_shown_is_not_said_to_be_there() {
    let states = json!([
        assignment(OTHER_SKU, Some(GROUP), "Active", "None"),
        assignment(SKU, Some(GROUP), "Disabled", "None"),
        assignment(SKU, Some(GROUP), "Error", "Other"),
        assignment(SKU, Some(GROUP), "SomethingNew", "None"),
    ]);
    let user = reported(&user_with(true, states));
    assert!(user.assigned_by_group.is_none(), "{:?}", user.assigned_by_group);
    assert_eq!(errors(user.license_errors).len(), 1);
}

#[test]
fn assignments_that_cannot_be_read_are_left_out() {
    let states = json!([null, 7, "x", [], {"assignedByGroup": GROUP}, {"skuId": 7, "error": "Other"},
        {"skuId": SKU.to_uppercase(), "assignedByGroup": GROUP, "state": "active", "error": 7}]);
    let user = reported(&user_with(true, states));
    assert_eq!(by_group(user.assigned_by_group), [(SKU.to_uppercase(), GROUP.to_owned())]);
    assert!(user.license_errors.is_none());
    for states in [json!("x"), json!({"skuId": SKU}), json!(false)] {
        assert!(reported(&user_with(true, states)).license_errors.is_none());
    }
}

/// The user as it is read, with the licence by a group, and directly too or not yet.
fn member(directly: bool) -> Reply {
    let mut user = user(true);
    user["assignedLicenses"][0]["disabledPlans"] = json!([OTHER_SKU]);
    let mut states = vec![assignment(SKU, Some(GROUP), "Active", "None")];
    states.extend(directly.then(|| assignment(SKU, None, "Active", "None")));
    user["licenseAssignmentStates"] = states.into();
    answer(200, user)
}

#[test]
fn a_licence_that_a_group_gives_is_assigned_beside_it_without_a_seat() {
    let (result, seen) = Run::new([
        on(GET_BY_NAME, member(false)),
        on(GET_SKUS, skus(1, 1)),
        on(ASSIGN, assigned()),
        on(GET_BY_ID, member(true)),
    ])
    .assign();
    let account = result.unwrap();
    assert_eq!(by_group(account.assigned_by_group), [(SKU.to_owned(), GROUP.to_owned())]);
    let body: Value = serde_json::from_slice(&seen.requests[2].body).unwrap();
    assert_eq!(
        body["addLicenses"],
        json!([{"skuId": SKU, "disabledPlans": [OTHER_SKU]}]),
        "what the group's licence leaves off stays off"
    );
}

#[test]
fn a_licence_that_a_group_could_not_give_needs_a_seat() {
    let failed = |licensed: bool| {
        let mut user = user(licensed);
        user["licenseAssignmentStates"] =
            json!([assignment(SKU, Some(GROUP), "Error", "CountViolation")]);
        answer(200, user)
    };
    let full = Run::new([on(GET_BY_NAME, failed(false)), on(GET_SKUS, skus(1, 1))]);
    assert_eq!(facts(full.assign().0).kind, "license-unavailable");
    let free = Run::new([
        on(GET_BY_NAME, failed(false)),
        on(GET_SKUS, skus(2, 1)),
        on(ASSIGN, assigned()),
        on(GET_BY_ID, failed(true)),
    ]);
    assert!(free.assign().0.unwrap().assigned_by_group.is_none());
}
