//! Assigning licences and taking them away.

use serde_json::{Value, json};

use crate::graph::{E5, Graph};

const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const F1: &str = "66b55226-6b4f-492c-910c-a3b7a3c9d993";
const EXCHANGE: &str = "4b9405b0-7788-4568-add1-99614e613b69";
const STORAGE: &str = "99049c9c-6011-4908-bf17-15f496e6519d";
const PROJECT: &str = "53818b1b-4a27-454b-8896-0dba576410e6";
const MONA: &str = "/users/mona@contoso.onmicrosoft.com";

fn add(sku: &str) -> Value {
    json!({"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []})
}

fn assign(graph: &Graph, user: &str, body: &Value) -> crate::graph::Reply {
    graph.post(&format!("{user}/assignLicense"), body)
}

fn consumed(graph: &Graph, sku: &str) -> u32 {
    graph.simulator.look(|tenant| tenant.sku(sku.parse().unwrap()).unwrap().consumed_units)
}

/// Seats consumed are licences assigned, of every SKU.
fn assert_consistent(graph: &Graph) {
    graph.simulator.look(|tenant| {
        for sku in &tenant.skus {
            let has = |user: &&simulator::tenant::User| user.has_license(sku.sku_id);
            let licenses = tenant.users.iter().filter(has).count();
            assert_eq!(sku.consumed_units as usize, licenses, "{}", sku.sku_part_number);
        }
    });
}

#[test]
fn a_licence_takes_a_seat_and_brings_its_plans_and_a_mailbox() {
    let graph = Graph::new();
    let before = consumed(&graph, E5);
    let assigned = assign(&graph, MONA, &add(E5));
    assert_eq!(assigned.status, 200);
    assert!(assigned.body.get("assignedLicenses").is_none(), "the default properties");
    let user = graph.get(&format!("{MONA}?$select=mail,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates"));
    assert_eq!(user.body["assignedLicenses"], json!([{"disabledPlans": [], "skuId": E5}]));
    assert_eq!(user.body["assignedPlans"].as_array().unwrap().len(), 9);
    assert_eq!(user.body["licenseAssignmentStates"][0]["state"], "Active");
    assert_eq!(user.body["mail"], "mona@contoso.onmicrosoft.com");
    assert_eq!(consumed(&graph, E5), before + 1);
    assert_eq!(assign(&graph, MONA, &add(E5)).status, 200, "once more is no error");
    assert_eq!(consumed(&graph, E5), before + 1, "and takes no other seat");
    assert_consistent(&graph);
}

#[test]
fn what_cannot_be_assigned_is_refused_in_graphs_words() {
    let table = [
        (MONA, E3, format!("Subscription with SKU {E3} does not have any available licenses.")),
        (MONA, PROJECT, format!("Subscription with SKU {PROJECT} does not have any available licenses.")),
        (MONA, STORAGE, format!("License {STORAGE} cannot be assigned to a user.")),
        (
            MONA,
            "00000000-0000-4000-8000-000000000000",
            "License 00000000-0000-4000-8000-000000000000 does not correspond to a valid company License.".to_owned(),
        ),
        (
            "/users/juan@contoso.onmicrosoft.com",
            E5,
            "License assignment cannot be done for user with invalid usage location.".to_owned(),
        ),
        (
            "/users/anna@contoso.onmicrosoft.com",
            EXCHANGE,
            "License assignment failed because service plans efb87545-963c-4e0d-99df-69c6916d9eb0, 9aaf7827-d63c-4b61-89c3-182f06f82e5c are mutually exclusive.".to_owned(),
        ),
        (MONA, "E5", "Cannot convert a primitive value to the expected type 'Edm.Guid'. See the inner exception for more details.".to_owned()),
    ];
    let graph = Graph::new();
    for (user, sku, message) in table {
        let refused = assign(&graph, user, &add(sku));
        assert_eq!(refused.refusal(), (400, "Request_BadRequest", &*message));
    }
    let missing = assign(&graph, MONA, &json!({"removeLicenses": []}));
    assert_eq!(
        missing.refusal().2,
        "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: addLicenses."
    );
    assert_eq!(assign(&graph, "/users/nobody@contoso.com", &add(E5)).status, 404);
    assert_consistent(&graph);
}

#[test]
fn seats_in_their_grace_period_can_be_assigned_until_there_are_none() {
    let graph = Graph::new();
    assert_eq!(assign(&graph, MONA, &add(F1)).status, 200);
    graph.simulator.change(|tenant| {
        let sku = tenant.skus.iter_mut().find(|sku| sku.sku_id.to_string() == F1).unwrap();
        sku.prepaid_units.warning = 3;
    });
    let refused = assign(
        &graph,
        "/users/lena@contoso.onmicrosoft.com",
        &json!({
            "addLicenses": [{"skuId": F1}], "removeLicenses": [E5],
        }),
    );
    assert!(refused.refusal().2.contains("does not have any available licenses"));
    assert_consistent(&graph);
}

#[test]
fn a_licence_that_is_taken_away_leaves_its_plans_as_deleted() {
    let graph = Graph::new();
    let lena = "/users/lena@contoso.onmicrosoft.com";
    let swap = json!({"addLicenses": [{"skuId": EXCHANGE}], "removeLicenses": [E5]});
    assert_eq!(assign(&graph, lena, &swap).status, 200);
    let user = graph.get(&format!("{lena}?$select=assignedLicenses,assignedPlans")).body;
    assert_eq!(user["assignedLicenses"], json!([{"disabledPlans": [], "skuId": EXCHANGE}]));
    let usable: Vec<&str> = user["assignedPlans"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|plan| plan["capabilityStatus"] != "Deleted")
        .map(|plan| plan["servicePlanId"].as_str().unwrap())
        .collect();
    assert_eq!(usable.len(), 3, "those of Exchange Online (Plan 1): {user:#}");
    assert_eq!(user["assignedPlans"].as_array().unwrap().len(), 9 + 3);
    let again = assign(&graph, lena, &json!({"addLicenses": [], "removeLicenses": [E5]}));
    assert_eq!(again.refusal().2, "User does not have a corresponding license.");
    assert_consistent(&graph);
}

#[test]
fn plans_are_switched_off_and_on() {
    let graph = Graph::new();
    let gita = "/users/gita@contoso.onmicrosoft.com";
    let plans = || {
        graph.get(&format!("{gita}?$select=assignedPlans")).body["assignedPlans"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(plans(), 8, "one of nine is off");
    assert_eq!(assign(&graph, gita, &add(E5)).status, 200);
    assert_eq!(plans(), 9);
    let wrong =
        json!({"addLicenses": [{"skuId": E5, "disabledPlans": [E5]}], "removeLicenses": []});
    assert_eq!(assign(&graph, gita, &wrong).status, 400);
    let off = json!({"addLicenses": [{"skuId": E5, "disabledPlans": ["57ff2da0-773e-42df-b2af-ffb7a2317929"]}], "removeLicenses": []});
    assert_eq!(assign(&graph, gita, &off).status, 200);
    assert_eq!(plans(), 8);
    let details = graph.get(&format!("{gita}/licenseDetails")).body;
    let status = details["value"][0]["servicePlans"]
        .as_array()
        .unwrap()
        .iter()
        .find(|plan| plan["servicePlanName"] == "TEAMS1")
        .unwrap()["provisioningStatus"]
        .clone();
    assert_eq!(status, "Disabled");
}
