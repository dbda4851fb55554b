//! The catalog of services, and the names of products.

use crate::support::*;
use component::actions::catalog::import_catalog;
use component::bindings::connector::office365::types::Error;
use component::bindings::exports::connector::office365::catalog::{
    ImportCatalogInput, Service, Services,
};
use component::product_names::{PRODUCTS, by_sku_id};
use serde_json::{Value, json};

const LIST: &str = "GET /subscribedSkus?$select=skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits,servicePlans";

fn import(skus: &[Value]) -> Vec<Service> {
    let run = Run::new([on(LIST, answer(200, json!({"value": skus})))]);
    imported(run).unwrap().services
}

fn imported(run: Run) -> Result<Services, Error> {
    let input = ImportCatalogInput { connection_id: "contoso".into() };
    run.act(|host| import_catalog::run(host, input)).0
}

/// A SKU for users with some of its properties changed.
fn with(changes: &Value) -> Value {
    let mut sku = sku(25, 10);
    for (key, value) in changes.as_object().unwrap() {
        sku[key] = value.clone();
    }
    sku
}

#[test]
fn a_licence_becomes_a_service() {
    let plans = json!([
        {"servicePlanId": OTHER_SKU, "servicePlanName": "EXCHANGE_S_ENTERPRISE", "provisioningStatus": "Success", "appliesTo": "User"},
        {"servicePlanId": ID, "servicePlanName": null, "provisioningStatus": null, "appliesTo": "Company"},
    ]);
    let services = import(&[with(
        &json!({"servicePlans": plans, "prepaidUnits": {"enabled": 20, "warning": 5, "suspended": 7, "lockedOut": 9}}),
    )]);
    let [service] = services.as_slice() else { panic!("{services:?}") };
    assert_eq!(service.external_service_id, SKU);
    assert_eq!(service.name, "Office 365 E3");
    assert_eq!(service.sku_part_number, "ENTERPRISEPACK");
    assert_eq!(service.status.as_deref(), Some("Enabled"));
    assert!(service.assignable_to_users);
    let seats = &service.seats;
    assert_eq!(
        [seats.enabled, seats.in_grace_period, seats.consumed, seats.available],
        [20, 5, 10, 15]
    );
    let plans = &service.service_plans;
    assert_eq!(
        (plans[0].service_plan_id.as_str(), plans[0].applies_to.as_deref()),
        (OTHER_SKU, Some("User"))
    );
    assert_eq!(plans[0].name.as_deref(), Some("EXCHANGE_S_ENTERPRISE"));
    assert_eq!(plans[0].provisioning_status.as_deref(), Some("Success"));
    assert_eq!((plans[1].name.as_deref(), plans.len()), (None, 2));
}

#[test]
fn a_product_without_a_known_name_has_its_part_number() {
    let unknown = "00000000-0000-4000-8000-000000000001";
    let services = import(&[
        with(&json!({"skuId": unknown, "skuPartNumber": "CONTOSO_WIDGETS"})),
        with(&json!({"skuId": unknown, "skuPartNumber": null})),
        with(&json!({"skuId": unknown, "skuPartNumber": ""})),
        with(&json!({"skuId": SKU.to_uppercase()})),
    ]);
    let names: Vec<_> = services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, [unknown, unknown, "CONTOSO_WIDGETS", "Office 365 E3"]);
}

#[test]
fn services_are_sorted_by_name_and_then_by_id() {
    let id = |last: u8| format!("00000000-0000-4000-8000-00000000000{last}");
    let one = |last, name: &str| with(&json!({"skuId": id(last), "skuPartNumber": name}));
    let services = import(&[one(3, "B"), one(2, "C"), one(4, "A"), one(1, "B"), one(5, "B")]);
    let ids: Vec<_> = services.iter().map(|service| service.external_service_id.clone()).collect();
    assert_eq!(ids, [id(4), id(1), id(3), id(5), id(2)]);
}

#[test]
fn only_active_licences_for_users_can_be_assigned_to_users() {
    let cases = [
        (json!({}), true, 15),
        (json!({"capabilityStatus": "Warning"}), true, 15),
        (json!({"capabilityStatus": "Suspended"}), false, 0),
        (json!({"capabilityStatus": null}), false, 0),
        (json!({"appliesTo": "Company"}), false, 0),
        (json!({"appliesTo": null}), false, 0),
        (json!({"consumedUnits": 99}), true, 0),
    ];
    for (changes, assignable, available) in cases {
        let services = import(&[with(&changes)]);
        assert_eq!(
            (services[0].assignable_to_users, services[0].seats.available),
            (assignable, available),
            "{changes}"
        );
    }
}

#[test]
fn nulls_are_no_seats_and_a_sku_without_an_id_is_no_service() {
    let services = import(&[
        with(&json!({"prepaidUnits": null, "consumedUnits": null, "servicePlans": null})),
        with(&json!({"skuId": null})),
    ]);
    let [service] = services.as_slice() else { panic!("{services:?}") };
    assert_eq!((service.seats.enabled, service.seats.consumed), (0, 0));
    assert!(service.service_plans.is_empty());
    let services = import(&[with(
        &json!({"prepaidUnits": {"enabled": -3}, "consumedUnits": 5_000_000_000_i64}),
    )]);
    assert_eq!((services[0].seats.enabled, services[0].seats.consumed), (0, u32::MAX));
}

#[test]
fn a_tenant_without_licences_has_no_services() {
    assert!(import(&[]).is_empty());
}

#[test]
fn an_unknown_connection_is_refused() {
    let input = ImportCatalogInput { connection_id: "fabrikam".into() };
    let error = facts(Run::new([]).act(|host| import_catalog::run(host, input)).0);
    assert_eq!(
        (error.kind, error.problems[0].pointer.as_str()),
        ("invalid-input", "/connectionId")
    );
}

#[test]
fn what_keeps_graph_from_listing_is_the_error() {
    let refused = refusal(403, "Authorization_RequestDenied", "Insufficient privileges.");
    let error = facts(imported(Run::new([on(LIST, refused)])));
    assert_eq!(error.kind, "forbidden");
    assert!(error.fix.contains("LicenseAssignment.Read.All"), "{}", error.fix);
}

#[test]
fn the_table_of_products_is_in_shape() {
    assert!(PRODUCTS.len() >= 80, "{}", PRODUCTS.len());
    assert!(PRODUCTS.is_sorted_by(|a, b| a.sku_id < b.sku_id), "sorted, and none twice");
    for product in PRODUCTS {
        let name = product.name;
        assert!(name.len() >= 4 && name.len() <= 80, "{name:?}");
        assert!(name.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{name:?}");
        assert_eq!(name.split_whitespace().collect::<Vec<_>>().join(" "), name, "{name:?}");
        assert!(name.chars().any(char::is_lowercase), "a part number? {name:?}");
        assert_eq!(by_sku_id(&guid(product.sku_id)), Some(name));
    }
    for unknown in ["", "ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b90", "zz"] {
        assert_eq!(by_sku_id(unknown), None);
    }
}

#[test]
fn the_names_are_microsofts() {
    let names: toml::Table = include_str!("../data/product-names.toml").parse().unwrap();
    assert_eq!(names.len(), PRODUCTS.len());
    for product in PRODUCTS {
        let id = guid(product.sku_id);
        assert_eq!(names[&id].as_str(), Some(product.name), "{id}");
    }
}

fn guid(bytes: [u8; 16]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    groups.map(|group| digits[group].to_owned()).join("-")
}
