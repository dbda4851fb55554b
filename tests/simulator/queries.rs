//! What the directory finds: searches, filters by the documented table, and orders.

use serde_json::{Value, json};

use crate::graph::Graph;
use crate::groups::group;

#[test]
fn a_search_finds_words_of_names_and_beginnings_of_the_rest() {
    let graph = Graph::new();
    let searched = |clause: &str| -> Vec<String> {
        let found = graph.get_eventually(&format!("/users?$search={clause}"));
        assert_eq!(found.status, 200, "{clause}: {:#}", found.body);
        found.each("displayName").into_iter().map(ToOwned::to_owned).collect()
    };
    assert_eq!(searched("\"displayName:berg\""), ["Anna Berg"]);
    assert_eq!(searched("\"displayName:BE an\""), ["Anna Berg"]);
    assert_eq!(searched("\"displayName:'Anna'\""), ["Anna Berg"]);
    assert_eq!(searched("\"mail:anna\" AND \"displayName:berg\""), ["Anna Berg"]);
    assert_eq!(searched("\"displayName:anna\" OR \"mailNickname:bela\"").len(), 2);
    assert!(searched("\"displayName:erg\"").is_empty(), "words begin with what is sought");
    assert!(searched("\"mail:berg\"").is_empty(), "an address begins with what is sought");
    let refused = graph.get("/users?$search=\"displayName:anna\"");
    let text = "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'";
    assert_eq!(refused.refusal(), (400, "Request_UnsupportedQuery", text));
    for wrong in ["anna", "\"anna\"", "\"displayName:anna", "\"shoeSize:43\"", "\"\\"] {
        assert_eq!(graph.get_eventually(&format!("/users?$search={wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn groups_are_searched_filtered_sorted_and_counted() {
    let graph = Graph::new();
    for name in ["Team Red", "Team Blue"] {
        group(&graph, name.split(' ').next_back().unwrap());
        let made = graph.get(&format!("/groups?$filter=displayName eq '{}'", &name[5..]));
        let id = made.each("id")[0].to_owned();
        let body = json!({"displayName": name, "description": "Plays"}).to_string();
        assert_eq!(graph.send("PATCH", &format!("/groups/{id}"), &[], &body).status, 204);
    }
    let names = |path: &str| -> Vec<String> {
        let found = graph.get_eventually(path);
        assert_eq!(found.status, 200, "{path}: {:#}", found.body);
        found.each("displayName").into_iter().map(ToOwned::to_owned).collect()
    };
    assert_eq!(names("/groups?$search=\"description:plays\"").len(), 2);
    assert_eq!(names("/groups?$filter=startswith(displayName,'Team')").len(), 2);
    assert_eq!(
        names("/groups?$filter=startswith(displayName,'Team')&$count=true&$orderby=displayName"),
        ["Team Blue", "Team Red"]
    );
    assert!(names("/groups?$filter=groupTypes/any(c:c eq 'Unified')").is_empty());
    let not = "/groups?$filter=not(groupTypes/any(c:c eq 'Unified')) and startswith(displayName,'Team')&$count=true";
    assert_eq!(names(not).len(), 2);
    assert_eq!(names("/groups?$filter=securityEnabled eq true and mailEnabled eq false").len(), {
        graph.get("/groups").each("id").len()
    });
}

#[test]
fn filters_hold_by_type_and_as_the_table_has_them() {
    let graph = Graph::new();
    let count = "&$count=true";
    let table: &[(&str, bool, usize)] = &[
        ("createdDateTime le 2000-01-01T00:00:00Z", false, 0),
        ("createdDateTime ge 2000-01-01T00:00:00Z", false, 14),
        ("mailNickname in ('anna','BELA')", false, 2),
        ("usageLocation ge 'AM' and usageLocation le 'AT'", false, 2),
        ("proxyAddresses/any(x:startswith(x,'SMTP:anna'))", false, 1),
        ("proxyAddresses/any(x:endswith(x,'contoso.com'))", true, 10),
        ("endswith(mail,'@contoso.com')", true, 10),
        ("companyName eq 'Contoso'", true, 0),
        ("usageLocation eq null", true, 3),
        ("onPremisesSyncEnabled eq true", false, 0),
        ("not(startswith(displayName,'A'))", true, 13),
        ("assignedLicenses/$count ne 0", true, 10),
    ];
    for (filter, advanced, expected) in table {
        let path = format!("/users?$filter={filter}");
        if *advanced {
            let refused = graph.get(&path);
            assert_eq!(refused.refusal().1, "Request_UnsupportedQuery", "{filter}");
        }
        let found = graph.get_eventually(&format!("{path}{count}"));
        assert_eq!(found.status, 200, "{filter}: {:#}", found.body);
        let names: Vec<&str> = found.each("userPrincipalName");
        assert_eq!(names.len(), *expected, "{filter}: {names:?}");
        assert_eq!(found.body["@odata.count"], *expected);
    }
    for wrong in [
        "createdDateTime ge 'yesterday'",
        "accountEnabled eq 'true'",
        "displayName eq true and",
        "shoeSize eq 43",
        "proxyAddresses/any(x:y eq 'a')",
        "proxyAddresses/any(x eq 'a')",
        "mail/any(x:x eq 'a')",
        "mail/$count eq 0",
        "proxyAddresses eq 'a'",
        "startswith(proxyAddresses,'a')",
        "assignedLicenses in ('a')",
    ] {
        let refused = graph.get_eventually(&format!("/users?$filter={wrong}&$count=true"));
        assert_eq!(refused.status, 400, "{wrong}");
    }
    for missing in [
        "assignedPlans/any(x:x/service eq 'exchange')",
        "provisionedPlans/any(x:x/service eq 'exchange')",
        "onPremisesExtensionAttributes/extensionAttribute1 eq 'x'",
        "signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z",
        "ownedObjects/$count eq 0",
    ] {
        let reply = graph.get_eventually(&format!("/users?$filter={missing}&$count=true"));
        assert_eq!(reply.refusal().1, "NotSimulated", "{missing}");
    }
    // Graph does not filter by them at all.
    let states = "/users?$filter=licenseAssignmentStates/any(x:x/state eq 'Error')&$count=true";
    assert_eq!(graph.get_eventually(states).status, 400);
}

#[test]
fn users_are_sorted_by_their_age_in_advanced_queries() {
    let graph = Graph::new();
    let sorted = graph
        .get_eventually("/users?$orderby=createdDateTime desc&$count=true&$select=createdDateTime");
    let times = sorted.each("createdDateTime");
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}

#[test]
fn properties_that_graph_has_are_null_and_those_of_other_services_are_named() {
    let graph = Graph::new();
    let anna = "/users/anna@contoso.onmicrosoft.com";
    for property in [
        "signInActivity",
        "employeeHireDate",
        "mailboxSettings",
        "onPremisesSamAccountName",
        "onPremisesExtensionAttributes",
        "employeeOrgData",
        "customSecurityAttributes",
    ] {
        let shown = graph.get(&format!("{anna}?$select={property}"));
        assert_eq!(shown.body[property], Value::Null, "{shown:?}");
        assert!(shown.body.as_object().unwrap().contains_key(property), "{shown:?}");
    }
    for property in ["aboutMe", "skills", "birthday"] {
        let missing = graph.get(&format!("{anna}?$select={property}"));
        assert_eq!((missing.status, missing.refusal().1), (501, "NotSimulated"), "{property}");
    }
    graph.simulator.change(|tenant| tenant.premium = false);
    let refused = graph.get("/users?$select=signInActivity");
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    assert_eq!((refused.status, refused.refusal().1), (403, code));
}

#[test]
fn single_objects_are_found_by_their_ids() {
    let graph = Graph::new();
    for (collection, id) in [("organization", "id"), ("subscribedSkus", "id"), ("domains", "id")] {
        let all = graph.get(&format!("/{collection}")).body;
        let first = &all["value"][0];
        let one = graph.get(&format!("/{collection}/{}", first[id].as_str().unwrap())).body;
        for (name, value) in first.as_object().unwrap() {
            assert_eq!(&one[name], value, "{collection}");
        }
        let absent = graph.get(&format!("/{collection}/nothing"));
        assert_eq!(absent.refusal().1, "Request_ResourceNotFound");
    }
    let anna = "/users/anna@contoso.onmicrosoft.com";
    let details = graph.get(&format!("{anna}/licenseDetails")).body;
    let id = details["value"][0]["id"].as_str().unwrap();
    let one = graph.get(&format!("{anna}/licenseDetails/{id}")).body;
    assert_eq!(one["skuId"], details["value"][0]["skuId"]);
    let anna_id = graph.get(anna).body["id"].as_str().unwrap().to_owned();
    let object = graph.get(&format!("/directoryObjects/{anna_id}"));
    assert_eq!(object.body["@odata.type"], "#microsoft.graph.user");
    let ids = json!({"ids": [anna_id], "types": ["group"]});
    let found = graph.post("/directoryObjects/getByIds", &ids).body;
    assert_eq!(found["value"], json!([]));
    let ids = json!({"ids": [anna_id], "types": ["user"]});
    let found = graph.post("/directoryObjects/getByIds", &ids).body;
    assert_eq!(found["value"][0]["displayName"], "Anna Berg");
}

#[test]
fn what_graph_has_beside_it_is_not_simulated_by_its_own_name() {
    let graph = Graph::new();
    let table = [
        ("GET", "/applications", "applications"),
        ("GET", "/me/messages", "messages"),
        ("GET", "/users/anna@contoso.onmicrosoft.com/calendar/events", "calendar"),
        ("GET", "/groups/00000000-0000-4000-8000-000000000000/team", "team"),
        ("GET", "/groups/delta", "groups/delta"),
        ("GET", "/users/anna@contoso.onmicrosoft.com/mailboxSettings", "mailboxSettings"),
        (
            "GET",
            "/users/anna@contoso.onmicrosoft.com/reminderView(startDateTime='a')",
            "reminderView",
        ),
        ("GET", "/directory/deletedItems/microsoft.graph.device", "microsoft.graph.device"),
        (
            "GET",
            "/directory/deletedItems/microsoft.graph.user?$orderby=deletedDateTime",
            "$orderby",
        ),
        ("GET", "/users/delta?$filter=id eq 'x'", "$filter"),
        ("GET", "/directory/administrativeUnits", "administrativeUnits"),
        ("GET", "/domains/contoso.com/domainNameReferences", "domainNameReferences"),
        ("POST", "/domains", "POST"),
        ("GET", "/users?$expand=photo", "$expand=photo"),
        (
            "GET",
            "/groups/00000000-0000-4000-8000-000000000000/members/microsoft.graph.device",
            "device",
        ),
    ];
    for (method, path, name) in table {
        let missing = graph.send(method, path, &[], "");
        let (status, code, message) = missing.refusal();
        assert_eq!((status, code), (501, "NotSimulated"), "{path}: {message}");
        assert!(message.contains(&format!("'{name}'")), "{path}: {message}");
    }
    let bogus = "/groups/00000000-0000-4000-8000-000000000000/members/microsoft.graph.bogus";
    for path in [bogus, "/robots", "/users/anna@contoso.onmicrosoft.com/robots", "/groups/x/robots"]
    {
        assert_eq!(graph.get(path).refusal().1, "BadRequest", "{path}");
    }
}
