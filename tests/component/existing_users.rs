//! Assigning a licence to a user that exists, and deleting a user.

use crate::support::*;
use component::bindings::connector::office365::types::Who;
use serde_json::{Value, json};

#[test]
fn a_user_that_does_not_exist_is_not_found() {
    let (result, seen) = Run::new([on(GET_BY_NAME, missing())]).assign();
    let error = facts(result);
    assert_eq!(error.kind, "not-found");
    assert!(error.message.contains(ALLEN), "{}", error.message);
    assert_eq!(seen.waits, [], "there is no lag for a user that this run did not create");
}

#[test]
fn a_stale_read_is_repeated_for_thirty_seconds() {
    let run = |reads: Vec<Step>| {
        let steps =
            vec![on(GET_BY_NAME, shown(false)), on(GET_SKUS, skus(2, 1)), on(ASSIGN, assigned())];
        Run::new(steps.into_iter().chain(reads)).assign()
    };
    let (result, seen) = run(vec![times(2, GET_BY_ID, shown(false)), on(GET_BY_ID, shown(true))]);
    assert_eq!(result.unwrap().assigned_licenses.len(), 1);
    assert_eq!(seen.whole_waits(), [1, 2]);

    let (result, seen) = run(vec![while_asked(GET_BY_ID, shown(false))]);
    let error = facts(result);
    assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", true));
    assert!(error.message.contains("no read shows it"), "{}", error.message);
    assert_eq!(seen.whole_waits(), [1, 2, 4, 8, 10]);
}

#[test]
fn a_user_read_without_an_id_is_a_transport_error() {
    for body in [Value::Null, json!({}), json!([1]), json!({"id": 7})] {
        let error = facts(Run::new([on(GET_BY_NAME, answer(200, body))]).assign().0);
        assert_eq!(error.kind, "transport");
        assert!(error.message.contains("200 with a user was expected"), "{}", error.message);
    }
}

#[test]
fn nulls_in_a_user_are_empty_lists() {
    let bare =
        json!({"id": ID, "assignedLicenses": [], "assignedPlans": null, "provisionedPlans": null});
    let licensed = json!({"id": ID, "assignedLicenses": [{"skuId": SKU.to_uppercase(), "disabledPlans": null}]});
    let run = Run::new([
        on(GET_BY_NAME, answer(200, bare)),
        on(GET_SKUS, skus(2, 1)),
        on(ASSIGN, assigned()),
        on(GET_BY_ID, answer(200, licensed)),
    ]);
    let account = run.assign().0.unwrap();
    assert_eq!(account.user_principal_name, ALLEN, "the name that was asked for");
    assert_eq!(account.display_name, None);
    assert!(account.assigned_licenses[0].disabled_plans.is_empty());
}

/// Null for licences that were asked for means that the permission does not cover them. To
/// take that for none would switch plans on that are off.
#[test]
fn licences_that_are_not_shown_are_a_missing_permission() {
    for licenses in [json!({"assignedLicenses": null}), json!({})] {
        let mut bare = json!({"id": ID, "userPrincipalName": ALLEN});
        bare.as_object_mut().unwrap().extend(licenses.as_object().unwrap().clone());
        let error = facts(Run::new([on(GET_BY_NAME, answer(200, bare))]).assign().0);
        assert_eq!((error.kind, error.who), ("forbidden", Who::TenantAdmin));
        assert!(error.message.contains("assignedLicenses"), "{}", error.message);
        assert!(error.fix.contains("User.Read.All"), "{}", error.fix);
    }
}

#[test]
fn a_lost_assignment_is_repeated_and_may_stay_unknown() {
    let begin = || vec![on(GET_BY_NAME, shown(false)), on(GET_SKUS, skus(2, 1))];
    let again = [on(ASSIGN, lost()), on(ASSIGN, assigned()), on(GET_BY_ID, shown(true))];
    Run::new(begin().into_iter().chain(again)).assign().0.unwrap();
    let lost_for_good = |licensed| {
        let then = [times(4, ASSIGN, lost()), while_asked(GET_BY_ID, shown(licensed))];
        Run::new(begin().into_iter().chain(then)).assign().0
    };
    assert_eq!(lost_for_good(true).unwrap().assigned_licenses[0].sku_id, SKU, "a read tells");
    let error = facts(lost_for_good(false));
    assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", true));
    assert!(
        error.message.contains("ENTERPRISEPACK") && error.message.contains(ALLEN),
        "{}",
        error.message
    );
}

#[test]
fn only_one_refusal_to_delete_is_a_success() {
    Run::new([on(DELETE_BY_NAME, missing())]).delete(ALLEN).0.unwrap();
    let refusals = [
        (404, "ResourceNotFound", "graph"),
        (404, "", "graph"),
        (400, "Request_ResourceNotFound", "graph"),
        (403, "Authorization_RequestDenied", "forbidden"),
        (401, "InvalidAuthenticationToken", "unauthorized"),
    ];
    for (status, code, kind) in refusals {
        let error =
            facts(Run::new([on(DELETE_BY_NAME, refusal(status, code, "No."))]).delete(ALLEN).0);
        assert_eq!(error.kind, kind, "{status} {code}");
        assert_eq!(error.fix.contains("higher role"), status == 403, "{}", error.fix);
    }
}
