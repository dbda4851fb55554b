//! Counting seats.

use crate::support::*;
use component::actions::accounts::is_license_available;
use component::bindings::connector::office365::types::Who;
use component::graph::Reach;
use serde_json::{Value, json};

fn listed(change: &Value) -> Reply {
    let mut one = sku(25, 10);
    for (key, value) in change.as_object().unwrap() {
        one[key] = value.clone();
    }
    answer(
        200,
        json!({"value": [{"skuId": OTHER_SKU, "skuPartNumber": "FABRIKAM"}, {"skuId": null}, one]}),
    )
}

#[test]
fn free_seats_are_counted_as_documented() {
    let cases = [
        ("some in use", json!({}), 15),
        ("a GUID in upper case", json!({"skuId": SKU.to_uppercase()}), 15),
        (
            "units in grace count",
            json!({"prepaidUnits": {"enabled": 5, "warning": 7}, "capabilityStatus": "Warning"}),
            2,
        ),
        (
            "suspended and locked-out units do not",
            json!({"prepaidUnits": {"enabled": 0, "warning": 0, "suspended": 25, "lockedOut": 9}}),
            0,
        ),
        ("too many in use", json!({"consumedUnits": 30}), 0),
        ("a suspended SKU", json!({"capabilityStatus": "Suspended"}), 0),
        ("a deleted SKU", json!({"capabilityStatus": "Deleted"}), 0),
        ("a locked-out SKU", json!({"capabilityStatus": "LockedOut"}), 0),
        ("no status", json!({"capabilityStatus": null}), 0),
        ("a SKU for the company", json!({"appliesTo": "Company"}), 0),
        ("null is none in use", json!({"consumedUnits": null}), 25),
        ("null is no units", json!({"prepaidUnits": {"enabled": null, "warning": 12}}), 2),
        ("null is no units at all", json!({"prepaidUnits": null}), 0),
        (
            "more than fit",
            json!({"prepaidUnits": {"enabled": i64::MAX, "warning": i64::MAX}}),
            u32::MAX,
        ),
        ("sums that overflow", json!({"consumedUnits": i64::MIN}), u32::MAX),
    ];
    for (what, change, seats) in cases {
        let (count, _) = Run::new([on(GET_SKUS, listed(&change))]).count();
        assert_eq!(count.unwrap(), seats, "{what}");
        let (free, _) = Run::new([on(GET_SKUS, listed(&change))])
            .act(|host| is_license_available::run(host, license_input()));
        assert_eq!(free.unwrap(), seats > 0, "{what}");
    }
}

#[test]
fn an_unknown_sku_is_not_found_and_names_some_that_the_tenant_has() {
    let names = ["F", "E", "D", "C", "B", "A"];
    let list: Vec<_> = names.map(|n| json!({"skuId": OTHER_SKU, "skuPartNumber": n})).to_vec();
    let error = facts(Run::new([on(GET_SKUS, answer(200, json!({"value": list})))]).count().0);
    assert_eq!(error.kind, "not-found");
    assert!(error.message.contains("it has A, B, C, D, E and others"), "{}", error.message);
    assert!(error.fix.contains("import the catalog again"), "{}", error.fix);
    let error = facts(Run::new([on(GET_SKUS, answer(200, json!({"value": []})))]).count().0);
    assert_eq!(error.kind, "not-found");
}

#[test]
fn a_licence_without_a_free_seat_stops_before_any_change() {
    let full = || on(GET_SKUS, skus(25, 25));
    let (created, seen) = Run::new([full()]).create_user();
    assert_eq!(seen.calls(), ["GET /subscribedSkus"]);
    let (assigned, _) = Run::new([on(GET_BY_NAME, shown(false)), full()]).assign();
    for error in [facts(created), facts(assigned)] {
        assert_eq!((error.kind, error.who), ("license-unavailable", Who::LicenseAdmin));
        for part in
            ["ENTERPRISEPACK", "25 enabled", "0 in their grace", "0 suspended", "25 consumed"]
        {
            assert!(error.message.contains(part), "{}", error.message);
        }
    }
}

#[test]
fn a_company_licence_cannot_be_assigned() {
    let company = || on(GET_SKUS, listed(&json!({"appliesTo": "Company"})));
    let error = facts(Run::new([company()]).create_user().0);
    assert_eq!(error.kind, "license-unavailable");
    assert!(error.message.contains("whole company"), "{}", error.message);
}

#[test]
fn every_page_of_the_listing_is_read() {
    let link = format!("{ROOT}/subscribedSkus?$skiptoken=2");
    let run = Run::new([
        on(GET_SKUS, answer(200, json!({"value": [], "@odata.nextLink": link}))),
        on("GET /subscribedSkus?$skiptoken=2", skus(3, 1)),
    ]);
    assert_eq!(run.count().0.unwrap(), 2);
}

#[test]
fn a_page_elsewhere_is_not_followed() {
    for link in [
        "https://fabrikam.com/v1.0/subscribedSkus",
        "https://graph.microsoft.com/v1.0.fabrikam.com/x",
    ] {
        let page = answer(200, json!({"value": [], "@odata.nextLink": link}));
        assert_eq!(facts(Run::new([on(GET_SKUS, page)]).count().0).kind, "transport");
    }
}

#[test]
fn an_answer_that_is_no_listing_is_a_transport_error() {
    for body in [json!("hello"), json!({}), json!({"value": [7]}), Value::Null] {
        let error = facts(Run::new([on(GET_SKUS, answer(200, body))]).count().0);
        assert_eq!(error.kind, "transport");
        assert!(error.message.contains("a page of a collection was expected"), "{}", error.message);
    }
    let error = facts(Run::new([on(GET_SKUS, cut(Reach::TooLarge))]).count().0);
    assert_eq!(error.kind, "transport");
}
