//! Licences by groups.

use serde_json::{Value, json};

use crate::graph::{E5, Graph};
use crate::groups::{group, id, join};

/// `SPE_E3`, of which the built-in tenant has no free seat.
const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";

fn change(add: &[&str], remove: &[&str]) -> Value {
    let add: Vec<Value> =
        add.iter().map(|sku| json!({"skuId": sku, "disabledPlans": []})).collect();
    json!({ "addLicenses": add, "removeLicenses": remove })
}

/// A group that assigns a licence; its id.
fn licensed(graph: &Graph, name: &str, sku: &str) -> String {
    let id = group(graph, name);
    let assigned = graph.post(&format!("/groups/{id}/assignLicense"), &change(&[sku], &[]));
    assert_eq!(assigned.status, 202, "{:#}", assigned.body);
    id
}

fn shown(graph: &Graph, user: &str, property: &str) -> Value {
    graph.get(&format!("/users/{user}?$select={property}")).body[property].clone()
}

/// Whether each licence of a user is by a group, with its state and error.
fn states(graph: &Graph, user: &str) -> Vec<(bool, String, String)> {
    let states = shown(graph, user, "licenseAssignmentStates");
    let text = |state: &Value, name: &str| state[name].as_str().unwrap().to_owned();
    let states = states.as_array().unwrap().iter();
    states
        .map(|one| (one["assignedByGroup"].is_string(), text(one, "state"), text(one, "error")))
        .collect()
}

fn consumed(graph: &Graph, sku: &str) -> u64 {
    let skus = graph.get("/subscribedSkus").body;
    let all = skus["value"].as_array().unwrap();
    all.iter().find(|one| one["skuId"] == sku).unwrap()["consumedUnits"].as_u64().unwrap()
}

/// A user without a licence, and without a group.
const MONA: &str = "mona@contoso.onmicrosoft.com";

#[test]
fn a_member_has_the_licence_of_its_group_and_loses_it_with_the_membership() {
    let graph = Graph::new();
    let user = MONA.to_owned();
    let before = consumed(&graph, E5);
    let staff = licensed(&graph, "Staff", E5);
    let user_id = id(&graph, &user);
    join(&graph, &staff, &user_id);
    let by_group = (true, "Active".to_owned(), "None".to_owned());
    assert_eq!(states(&graph, &user).as_slice(), std::slice::from_ref(&by_group));
    assert_eq!(shown(&graph, &user, "assignedLicenses")[0]["skuId"], E5);
    assert_eq!(consumed(&graph, E5), before + 1);
    assert!(!graph.get(&format!("/users/{user}/licenseDetails")).each("skuId").is_empty());
    // Directly as well: no second seat.
    let location = json!({"usageLocation": "DE"}).to_string();
    assert_eq!(graph.send("PATCH", &format!("/users/{user}"), &[], &location).status, 204);
    let direct = graph.post(&format!("/users/{user}/assignLicense"), &change(&[E5], &[]));
    assert_eq!(direct.status, 200, "{:#}", direct.body);
    let both = [by_group, (false, "Active".to_owned(), "None".to_owned())];
    assert_eq!(states(&graph, &user), both);
    assert_eq!(consumed(&graph, E5), before + 1);
    assert_eq!(shown(&graph, &user, "assignedLicenses").as_array().unwrap().len(), 1);
    let path = format!("/users/{user}/assignLicense");
    assert_eq!(graph.post(&path, &change(&[], &[E5])).status, 200);
    let inherited = graph.post(&path, &change(&[], &[E5]));
    let text = "User license is inherited from a group membership and it cannot be removed directly from the user.";
    assert_eq!(inherited.refusal(), (400, "Request_BadRequest", text));
    let member = format!("/groups/{staff}/members/{user_id}/$ref");
    assert_eq!(graph.send("DELETE", &member, &[], "").status, 204);
    assert!(states(&graph, &user).is_empty());
    assert_eq!(consumed(&graph, E5), before);
}

#[test]
fn a_licence_without_a_seat_is_an_error_until_the_member_is_processed_again() {
    let graph = Graph::new();
    let user = MONA.to_owned();
    let staff = licensed(&graph, "Staff", E3);
    join(&graph, &staff, &id(&graph, &user));
    let error = (true, "Error".to_owned(), "CountViolation".to_owned());
    assert_eq!(states(&graph, &user).as_slice(), std::slice::from_ref(&error));
    assert_eq!(shown(&graph, &user, "assignedLicenses"), json!([]));
    let members = graph.get(&format!("/groups/{staff}/membersWithLicenseErrors"));
    assert_eq!(members.each("userPrincipalName"), [user.as_str()]);
    let group = graph.get(&format!("/groups/{staff}?$select=hasMembersWithLicenseErrors"));
    assert_eq!(group.body["hasMembersWithLicenseErrors"], true);
    let path = format!("/users/{user}/reprocessLicenseAssignment");
    assert_eq!(graph.post(&path, &json!({})).status, 200);
    assert_eq!(states(&graph, &user), [error]);
    graph.simulator.change(|tenant| {
        let sku = tenant.skus.iter_mut().find(|sku| sku.sku_id.to_string() == E3).unwrap();
        sku.prepaid_units.enabled += 1;
    });
    assert_eq!(graph.post(&path, &json!({})).status, 200);
    assert_eq!(states(&graph, &user), [(true, "Active".to_owned(), "None".to_owned())]);
}

#[test]
fn only_direct_members_have_the_licences_of_a_group() {
    let graph = Graph::new();
    let user = MONA.to_owned();
    let (inner, outer) = (group(&graph, "Inner"), licensed(&graph, "Outer", E5));
    join(&graph, &outer, &inner);
    join(&graph, &inner, &id(&graph, &user));
    assert!(states(&graph, &user).is_empty());
}

#[test]
fn the_licences_of_a_group_are_changed_for_all_members() {
    let graph = Graph::new();
    let staff = group(&graph, "Staff");
    let users: Vec<String> = {
        let all = graph.get_eventually("/users?$filter=assignedLicenses/$count eq 0&$count=true");
        all.each("userPrincipalName")
            .into_iter()
            .filter(|name| !name.starts_with("juan") && !name.contains('#'))
            .map(ToOwned::to_owned)
            .collect()
    };
    for user in &users {
        join(&graph, &staff, &id(&graph, user));
    }
    let before = consumed(&graph, E5);
    let path = format!("/groups/{staff}/assignLicense");
    assert_eq!(graph.post(&path, &change(&[E5], &[])).status, 202);
    assert_eq!(consumed(&graph, E5), before + users.len() as u64);
    let unowned = graph.post(&path, &change(&["00000000-0000-4000-8000-000000000000"], &[]));
    assert_eq!(unowned.status, 400);
    assert_eq!(graph.post(&path, &change(&[], &[E5])).status, 202);
    assert_eq!(consumed(&graph, E5), before);
    assert_eq!(graph.post(&path, &change(&[], &[E5])).status, 400, "it is not there");
}

#[test]
fn a_deleted_user_frees_the_seat_of_its_group_and_takes_it_again() {
    let graph = Graph::new();
    let staff = licensed(&graph, "Staff", E5);
    let user = id(&graph, MONA);
    join(&graph, &staff, &user);
    let before = consumed(&graph, E5);
    assert_eq!(graph.send("DELETE", &format!("/users/{user}"), &[], "").status, 204);
    assert_eq!(consumed(&graph, E5), before - 1);
    let restored = graph.post(&format!("/directory/deletedItems/{user}/restore"), &json!({}));
    assert_eq!(restored.status, 200);
    assert_eq!(consumed(&graph, E5), before);
    assert_eq!(states(&graph, &user).len(), 1);
    assert!(graph.simulator.look(|tenant| tenant.contradiction()).is_none());
}

#[test]
fn plans_that_exclude_each_other_are_an_error_of_the_member_also_after_a_change() {
    let graph = Graph::new();
    let (exchange, e5_plan) =
        ("4b9405b0-7788-4568-add1-99614e613b69", "efb87545-963c-4e0d-99df-69c6916d9eb0");
    let staff = group(&graph, "Staff");
    join(&graph, &staff, &id(&graph, MONA));
    let path = format!("/groups/{staff}/assignLicense");
    let both = json!({"removeLicenses": [], "addLicenses": [
        {"skuId": E5, "disabledPlans": [e5_plan]},
        {"skuId": exchange, "disabledPlans": []},
    ]});
    assert_eq!(graph.post(&path, &both).status, 202);
    let errors = |graph: &Graph| -> Vec<String> {
        states(graph, MONA).into_iter().map(|(_, _, error)| error).collect()
    };
    assert_eq!(errors(&graph), ["None", "None"]);
    let before = consumed(&graph, E5);
    assert_eq!(graph.post(&path, &change(&[E5], &[])).status, 202);
    assert!(
        errors(&graph).contains(&"MutuallyExclusiveViolation".to_owned()),
        "{:?}",
        errors(&graph)
    );
    assert_eq!(consumed(&graph, E5), before - 1);
    assert_eq!(graph.post(&path, &both).status, 202);
    assert_eq!(errors(&graph), ["None", "None"]);
    assert_eq!(consumed(&graph, E5), before);
}

#[test]
fn a_licence_can_always_be_taken_from_a_group() {
    let graph = Graph::new();
    let staff = licensed(&graph, "Staff", E5);
    let path = format!("/groups/{staff}");
    let off = json!({"securityEnabled": false}).to_string();
    assert_eq!(graph.send("PATCH", &path, &[], &off).status, 400);
    graph.simulator.change(|tenant| {
        let id = staff.parse().unwrap();
        tenant.groups.get_mut(id).unwrap().security_enabled = false;
    });
    assert_eq!(graph.post(&format!("{path}/assignLicense"), &change(&[E5], &[])).status, 400);
    assert_eq!(graph.post(&format!("{path}/assignLicense"), &change(&[], &[E5])).status, 202);
}
