//! Groups, their members and owners, and the managers of users.

use serde_json::{Value, json};

use crate::graph::{E5, Graph, ROOT};

const ANNA: &str = "anna@contoso.onmicrosoft.com";

const BELA: &str = "bela@contoso.onmicrosoft.com";

/// A security group with this name; its id.
pub fn group(graph: &Graph, name: &str) -> String {
    let body = json!({
        "displayName": name,
        "mailNickname": name.to_lowercase(),
        "mailEnabled": false,
        "securityEnabled": true,
    });
    let made = graph.post("/groups", &body);
    assert_eq!(made.status, 201, "{:#}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

/// The object id of a user.
pub fn id(graph: &Graph, user: &str) -> String {
    graph.get(&format!("/users/{user}?$select=id")).body["id"].as_str().unwrap().to_owned()
}

/// The reference to an object in a body.
fn reference(id: &str) -> Value {
    json!({"@odata.id": format!("{ROOT}/directoryObjects/{id}")})
}

/// Makes an object a member of a group.
pub fn join(graph: &Graph, group: &str, member: &str) {
    let added = graph.post(&format!("/groups/{group}/members/$ref"), &reference(member));
    assert_eq!(added.status, 204, "{:#}", added.body);
}

fn patch(graph: &Graph, path: &str, body: &Value) -> crate::graph::Reply {
    graph.send("PATCH", path, &[], &body.to_string())
}

#[test]
fn a_group_is_created_changed_and_deleted() {
    let graph = Graph::new();
    let id = group(&graph, "Sales");
    let path = format!("/groups/{id}");
    let shown = graph.get(&path).body;
    assert_eq!(shown["displayName"], "Sales");
    assert_eq!(shown["securityEnabled"], true);
    assert_eq!(shown["mail"], Value::Null);
    assert_eq!(patch(&graph, &path, &json!({"description": "Sells"})).status, 204);
    assert_eq!(graph.get(&path).body["description"], "Sells");
    for fixed in [json!({"mailEnabled": true}), json!({"groupTypes": []}), json!({"id": "x"})] {
        let refused = patch(&graph, &path, &fixed);
        assert!(refused.refusal().2.contains("is read-only"), "{fixed}: {refused:?}");
    }
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
    assert_eq!(graph.get(&path).refusal().1, "Request_ResourceNotFound");
    let deleted = graph.get("/directory/deletedItems/microsoft.graph.group");
    assert!(deleted.each("id").is_empty(), "a security group is gone");
}

#[test]
fn a_microsoft_365_group_has_an_address_and_can_be_restored() {
    let graph = Graph::new();
    let body = json!({
        "displayName": "Board", "mailNickname": "board", "groupTypes": ["Unified"],
        "mailEnabled": true, "securityEnabled": false,
        "owners@odata.bind": [format!("{ROOT}/users/{ANNA}")],
        "members@odata.bind": [format!("{ROOT}/users/{ANNA}")],
    });
    let made = graph.post("/groups", &body);
    assert_eq!(made.body["mail"], "board@contoso.onmicrosoft.com");
    assert_eq!(made.body["visibility"], "Public");
    let taken = graph.post("/groups", &body);
    assert_eq!(taken.body["error"]["details"][0]["target"], "mailNickname");
    let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
    let deleted = graph.get("/directory/deletedItems/Microsoft.Graph.Group");
    assert_eq!(deleted.each("displayName"), ["Board"]);
    let id = made.body["id"].as_str().unwrap();
    let back = graph.post(&format!("/directory/deletedItems/{id}/restore"), &json!({}));
    assert_eq!(back.body["@odata.type"], "#microsoft.graph.group");
    assert_eq!(graph.get(&format!("{path}/members")).each("userPrincipalName"), [ANNA]);
    assert_eq!(graph.get(&format!("{path}/owners")).each("userPrincipalName"), [ANNA]);
}

#[test]
fn a_group_that_graph_would_not_make_is_refused() {
    let graph = Graph::new();
    let whole = json!({
        "displayName": "A", "mailNickname": "a", "mailEnabled": false, "securityEnabled": true,
    });
    for (name, value) in [
        ("displayName", Value::Null),
        ("displayName", " ".into()),
        ("displayName", "a".repeat(257).into()),
        ("mailNickname", "a b".into()),
        ("mailNickname", "a".repeat(65).into()),
        ("mailEnabled", true.into()),
        ("mailEnabled", "no".into()),
        ("securityEnabled", false.into()),
        ("groupTypes", "Unified".into()),
        ("groupTypes", json!(["Robots"])),
        ("visibility", "Everybody".into()),
        ("shoeSize", 43.into()),
        ("members@odata.bind", json!(["https://graph.microsoft.com/v1.0/teams/x"])),
        ("members@odata.bind", json!([reference("x")])),
    ] {
        let mut body = whole.clone();
        body[name] = value;
        let refused = graph.post("/groups", &body);
        assert_eq!(refused.status, 400, "{body}: {:#}", refused.body);
    }
    assert_eq!(graph.get("/groups").each("id").len(), Graph::new().get("/groups").each("id").len());
}

#[test]
fn members_come_and_go_and_what_is_wrong_is_refused() {
    let graph = Graph::new();
    let (inner, outer) = (group(&graph, "Inner"), group(&graph, "Outer"));
    let bela = id(&graph, BELA);
    join(&graph, &inner, &bela);
    join(&graph, &outer, &inner);
    let again = graph.post(&format!("/groups/{inner}/members/$ref"), &reference(&bela));
    let text = "One or more added object references already exist for the following modified properties: 'members'.";
    assert_eq!(again.refusal(), (400, "Request_BadRequest", text));
    let nobody = "00000000-0000-4000-8000-000000000000";
    let absent = graph.post(&format!("/groups/{inner}/members/$ref"), &reference(nobody));
    assert_eq!(absent.refusal().1, "Request_ResourceNotFound");
    let members = graph.get(&format!("/groups/{outer}/transitiveMembers")).body;
    let kinds: Vec<&Value> =
        members["value"].as_array().unwrap().iter().map(|one| &one["@odata.type"]).collect();
    assert_eq!(kinds.len(), 2, "{members:#}");
    let users = graph.get(&format!("/groups/{outer}/transitiveMembers/microsoft.graph.user"));
    assert_eq!(users.each("id"), [bela.as_str()]);
    let count = graph.get_eventually(&format!("/groups/{outer}/members/$count"));
    assert_eq!(count.body, 1);
    assert_eq!(graph.get(&format!("/users/{BELA}/memberOf")).each("id"), [inner.as_str()]);
    let all = graph.get(&format!("/users/{BELA}/transitiveMemberOf/graph.group"));
    assert_eq!(all.each("id").len(), 2);
    let query = json!({"securityEnabledOnly": true});
    let groups = graph.post(&format!("/users/{BELA}/getMemberGroups"), &query).body;
    assert_eq!(groups["value"].as_array().unwrap().len(), 2);
    let among = json!({"groupIds": [outer, nobody]});
    let found = graph.post(&format!("/users/{BELA}/checkMemberGroups"), &among).body;
    assert_eq!(found["value"], json!([outer]));
    let path = format!("/groups/{inner}/members/{bela}/$ref");
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
    assert_eq!(graph.send("DELETE", &path, &[], "").refusal().1, "Request_ResourceNotFound");
    assert!(graph.get(&format!("/groups/{inner}/members")).each("id").is_empty());
}

#[test]
fn a_deleted_member_is_not_listed_and_comes_back_with_its_groups() {
    let graph = Graph::new();
    let sales = group(&graph, "Sales");
    let anna = id(&graph, ANNA);
    join(&graph, &sales, &anna);
    assert_eq!(graph.send("DELETE", &format!("/users/{ANNA}"), &[], "").status, 204);
    assert!(graph.get(&format!("/groups/{sales}/members")).each("id").is_empty());
    let back = graph.post(&format!("/directory/deletedItems/{anna}/restore"), &json!({}));
    assert_eq!(back.body["userPrincipalName"], ANNA);
    assert_eq!(graph.get(&format!("/groups/{sales}/members")).each("id"), [anna.as_str()]);
}

#[test]
fn members_are_listed_in_pages() {
    let graph = Graph::new();
    let everybody = group(&graph, "Everybody");
    let users: Vec<String> =
        graph.get("/users?$select=id").each("id").into_iter().map(ToOwned::to_owned).collect();
    for user in &users {
        join(&graph, &everybody, user);
    }
    let mut found = Vec::new();
    let mut next = format!("/groups/{everybody}/members?$top=5&$select=id");
    loop {
        let page = graph.get(&next);
        found.extend(page.each("id").into_iter().map(ToOwned::to_owned));
        let Some(link) = page.body["@odata.nextLink"].as_str() else { break };
        next = link.to_owned();
    }
    assert_eq!(found, users);
}

#[test]
fn a_manager_is_set_shown_expanded_and_removed() {
    let graph = Graph::new();
    let path = format!("/users/{ANNA}/manager");
    assert_eq!(graph.get(&path).refusal().1, "Request_ResourceNotFound");
    let boss = "carl@contoso.onmicrosoft.com";
    let boss = if graph.get(&format!("/users/{boss}")).status == 200 {
        boss.to_owned()
    } else {
        let users = graph.get("/users").body;
        let all = users["value"].as_array().unwrap();
        let other = all.iter().find(|one| one["userPrincipalName"] != ANNA).unwrap();
        other["userPrincipalName"].as_str().unwrap().to_owned()
    };
    let by_name = json!({"@odata.id": format!("{ROOT}/users/{boss}")}).to_string();
    assert_eq!(graph.send("PUT", &format!("{path}/$ref"), &[], &by_name).status, 204);
    assert_eq!(graph.get(&path).body["userPrincipalName"], *boss);
    assert_eq!(graph.get(&path).body["@odata.type"], "#microsoft.graph.user");
    let expanded =
        graph.get(&format!("/users/{ANNA}?$select=id&$expand=manager($select=userPrincipalName)"));
    assert_eq!(expanded.body["manager"]["userPrincipalName"], *boss);
    let listed = graph.get("/users?$expand=manager");
    let with = listed.body["value"].as_array().unwrap();
    assert_eq!(with.iter().filter(|user| user.get("manager").is_some()).count(), 1);
    let reports = graph.get(&format!("/users/{boss}/directReports"));
    assert_eq!(reports.each("userPrincipalName"), [ANNA]);
    let own = json!({"@odata.id": format!("{ROOT}/users/{ANNA}")}).to_string();
    assert_eq!(graph.send("PUT", &format!("{path}/$ref"), &[], &own).status, 400);
    assert_eq!(graph.send("DELETE", &format!("{path}/$ref"), &[], "").status, 204);
    assert_eq!(graph.send("DELETE", &format!("{path}/$ref"), &[], "").status, 404);
    let advanced = graph.get_eventually("/users?$expand=manager&$count=true");
    assert_eq!(advanced.refusal().1, "Request_UnsupportedQuery");
}

#[test]
fn a_group_with_licences_is_not_deleted() {
    let graph = Graph::new();
    let sales = group(&graph, "Sales");
    let add = json!({"addLicenses": [{"skuId": E5, "disabledPlans": []}], "removeLicenses": []});
    assert_eq!(graph.post(&format!("/groups/{sales}/assignLicense"), &add).status, 202);
    let path = format!("/groups/{sales}");
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 400);
    let remove = json!({"addLicenses": [], "removeLicenses": [E5]});
    assert_eq!(graph.post(&format!("{path}/assignLicense"), &remove).status, 202);
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
}

#[test]
fn a_microsoft_365_group_has_users_alone_and_keeps_its_last_owner() {
    let graph = Graph::new();
    let unified = |name: &str| {
        let body = json!({
            "displayName": name, "mailNickname": name, "groupTypes": ["Unified"],
            "mailEnabled": true, "securityEnabled": true,
            "owners@odata.bind": [format!("{ROOT}/users/{ANNA}")],
        });
        graph.post("/groups", &body).body["id"].as_str().unwrap().to_owned()
    };
    let (board, other, sales) = (unified("board"), unified("other"), group(&graph, "Sales"));
    for (into, what) in [(&board, &sales), (&sales, &board), (&board, &other), (&sales, &sales)] {
        let refused = graph.post(&format!("/groups/{into}/members/$ref"), &reference(what));
        let text = format!(
            "The reference target 'Group_{what}' of type 'Group' is invalid for the 'members' reference."
        );
        assert_eq!(refused.refusal(), (400, "Request_BadRequest", text.as_str()));
    }
    let bound = json!({"members@odata.bind": [format!("{ROOT}/groups/{sales}")]});
    assert_eq!(patch(&graph, &format!("/groups/{board}"), &bound).status, 400);
    let owner = graph.post(&format!("/groups/{board}/owners/$ref"), &reference(&sales));
    assert_eq!(owner.status, 400);
    let anna = id(&graph, ANNA);
    let path = format!("/groups/{board}/owners/{anna}/$ref");
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 400);
    let bela = id(&graph, BELA);
    assert_eq!(graph.post(&format!("/groups/{board}/owners/$ref"), &reference(&bela)).status, 204);
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
    let alias = json!({"mailNickname": "other"});
    let taken = patch(&graph, &format!("/groups/{board}"), &alias);
    assert_eq!(taken.body["error"]["details"][0]["target"], "mailNickname");
    let manager = reference(&sales).to_string();
    let refused = graph.send("PUT", &format!("/users/{ANNA}/manager/$ref"), &[], &manager);
    assert!(refused.refusal().2.contains("is invalid for the 'manager' reference"), "{refused:?}");
}
