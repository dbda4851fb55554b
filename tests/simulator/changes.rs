//! What happens to users: changes as delta queries list them, deletions, sessions, invitations.

use runner::simulator::{Caller, Tenant};
use serde_json::{Value, json};

use crate::graph::{E5, Graph, Reply};
use crate::users::zed;

const ANNA: &str = "anna@contoso.onmicrosoft.com";

fn patch(graph: &Graph, user: &str, body: &Value) -> Reply {
    graph.send("PATCH", &format!("/users/{user}"), &[], &body.to_string())
}

/// The pages of a delta query, and the link that continues it.
fn delta(graph: &Graph, path: &str) -> (Vec<Value>, String) {
    let mut found = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = graph.get(&next).body;
        found.extend(page["value"].as_array().unwrap().iter().cloned());
        if let Some(link) = page["@odata.deltaLink"].as_str() {
            return (found, link.to_owned());
        }
        next = page["@odata.nextLink"].as_str().unwrap().to_owned();
    }
}

#[test]
fn a_delta_query_lists_all_users_and_later_those_that_changed() {
    let graph = Graph::new();
    let all = graph.get("/users").each("id").len();
    let (users, link) = delta(&graph, "/users/delta?$select=displayName");
    assert_eq!(users.len(), all);
    let (none, link) = delta(&graph, &link);
    assert_eq!(none, Vec::<Value>::new());
    assert_eq!(patch(&graph, ANNA, &json!({"displayName": "Anna Holm"})).status, 204);
    assert_eq!(graph.post("/users", &zed()).status, 201);
    let bela = graph.get("/users/bela@contoso.onmicrosoft.com").body["id"].clone();
    let path = format!("/users/{}", bela.as_str().unwrap());
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
    let (changed, link) = delta(&graph, &link);
    assert_eq!(changed.len(), 3, "{changed:#?}");
    let anna = changed.iter().find(|one| one["displayName"] == "Anna Holm").unwrap();
    assert_eq!(anna.as_object().unwrap().len(), 2, "the selection is that of the first request");
    let gone = json!({"id": bela, "@removed": {"reason": "changed"}});
    assert!(changed.contains(&gone), "{changed:#?}");
    let purged = format!("/directory/deletedItems/{}", bela.as_str().unwrap());
    assert_eq!(graph.send("DELETE", &purged, &[], "").status, 204);
    let (changed, _) = delta(&graph, &link);
    assert_eq!(changed, [json!({"id": bela, "@removed": {"reason": "deleted"}})]);
    let (none, _) = delta(&graph, "/users/delta?$deltatoken=latest");
    assert!(none.is_empty());
    let wrong = graph.get("/users/delta?$deltatoken=abc");
    assert_eq!(wrong.refusal().1, "Directory_ExpiredPageToken");
}

#[test]
fn many_users_are_listed_in_pages_of_a_delta_query() {
    let graph = Graph::of(Tenant::generated(250).unwrap());
    let (users, _) = delta(&graph, "/users/delta()");
    assert_eq!(users.len(), 251);
}

#[test]
fn a_deleted_user_is_shown_restored_and_purged() {
    let graph = Graph::new();
    let before = graph.get(&format!("/users/{ANNA}?$select=id,assignedLicenses,mail")).body;
    let id = before["id"].as_str().unwrap();
    assert_eq!(graph.send("DELETE", &format!("/users/{ANNA}"), &[], "").status, 204);
    let shown = graph.get(&format!("/directory/deletedItems/{id}"));
    assert_eq!(shown.body["@odata.type"], "#microsoft.graph.user");
    assert!(shown.body["deletedDateTime"].is_string());
    let restored = graph
        .post(&format!("/directory/deletedItems/microsoft.graph.user/{id}/restore"), &json!({}));
    assert_eq!(restored.body["userPrincipalName"], ANNA);
    let after = graph.get(&format!("/users/{ANNA}?$select=id,assignedLicenses,mail")).body;
    assert_eq!(before, after, "with its licences");
    assert!(graph.simulator.look(|tenant| tenant.contradiction()).is_none());
    assert_eq!(graph.send("DELETE", &format!("/users/{ANNA}"), &[], "").status, 204);
    let mut other = zed();
    other["userPrincipalName"] = ANNA.into();
    assert_eq!(graph.post("/users", &other).status, 201);
    let taken = graph.post(&format!("/directory/deletedItems/{id}/restore"), &json!({}));
    assert_eq!(taken.body["error"]["details"][0]["target"], "userPrincipalName");
    for path in ["/directory/deletedItems/microsoft.graph.user/", "/directory/deletedItems/"] {
        let purged = graph.send("DELETE", &format!("{path}{id}"), &[], "");
        let expected = if path.contains("user") { 204 } else { 404 };
        assert_eq!(purged.status, expected);
    }
}

#[test]
fn a_restored_user_has_the_licences_for_which_there_are_seats() {
    let graph = Graph::new();
    let path = format!("/users/{ANNA}");
    let id = graph.get(&path).body["id"].as_str().unwrap().to_owned();
    assert_eq!(graph.send("DELETE", &path, &[], "").status, 204);
    graph.simulator.change(|tenant| {
        let sku = tenant.skus.iter_mut().find(|sku| sku.sku_id.to_string() == E5).unwrap();
        sku.prepaid_units.enabled = sku.consumed_units;
    });
    let restored = graph.post(&format!("/directory/deletedItems/{id}/restore"), &json!({}));
    assert_eq!(restored.status, 200);
    let left = graph.get(&format!("{path}?$select=assignedLicenses")).body;
    assert_eq!(left["assignedLicenses"].as_array().unwrap().len(), 1, "{left:#}");
}

#[test]
fn sessions_are_revoked_and_the_own_password_is_changed() {
    let mut graph = Graph::new();
    graph.seconds = 60;
    let property = "signInSessionsValidFromDateTime";
    let shown = |graph: &Graph| {
        graph.get(&format!("/users/{ANNA}?$select={property}")).body[property].clone()
    };
    let before = shown(&graph);
    let revoked = graph.send("POST", &format!("/users('{ANNA}')/revokeSignInSessions"), &[], "");
    assert_eq!((revoked.status, &revoked.body["value"]), (200, &json!(true)));
    assert_ne!(before, shown(&graph));
    let body = json!({"currentPassword": "Old-passw0rd", "newPassword": "New-passw0rd"});
    let path = format!("/users/{ANNA}/changePassword");
    assert_eq!(graph.post(&path, &body).status, 403, "an application");
    graph.caller = Caller::signed_in(ANNA);
    assert_eq!(graph.post("/me/changePassword", &body).status, 204);
    assert_eq!(graph.post(&path, &body).status, 204);
    let weak = json!({"currentPassword": "Old-passw0rd", "newPassword": "weak"});
    assert_eq!(graph.post(&path, &weak).status, 400);
    assert_eq!(graph.post(&path, &json!({"newPassword": "New-passw0rd"})).status, 400);
    let other = graph.post("/users/bela@contoso.onmicrosoft.com/changePassword", &body);
    assert_eq!(other.status, 403);
}

#[test]
fn a_guest_is_invited() {
    let graph = Graph::new();
    let body = json!({
        "invitedUserEmailAddress": "olga@fabrikam.com",
        "inviteRedirectUrl": "https://contoso.com",
        "invitedUserDisplayName": "Olga Holm",
        "sendInvitationMessage": true,
        "invitedUserMessageInfo": {
            "customizedMessageBody": "Welcome",
            "messageLanguage": "en-US",
            "ccRecipients": [{"emailAddress": {"address": "anna@contoso.com"}}],
        },
    });
    let invited = graph.post("/invitations", &body);
    assert_eq!(invited.status, 201, "{:#}", invited.body);
    let id = invited.body["invitedUser"]["id"].as_str().unwrap();
    let guest = graph.get(&format!(
        "/users/{id}?$select=userPrincipalName,userType,mail,externalUserState,displayName"
    ));
    assert_eq!(guest.body["userPrincipalName"], "olga_fabrikam.com#EXT#@contoso.onmicrosoft.com");
    assert_eq!(guest.body["userType"], "Guest");
    assert_eq!(guest.body["externalUserState"], "PendingAcceptance");
    let mail = graph.simulator.look(|tenant| tenant.mail.last().unwrap().clone());
    assert_eq!((mail.to.len(), &*mail.content), (2, "Welcome"));
    let again = graph.post("/invitations", &body);
    assert_eq!(again.body["invitedUser"]["id"], id, "a second time");
    for (name, value) in [
        ("invitedUserEmailAddress", json!("olga")),
        ("invitedUserEmailAddress", json!("zed@contoso.com")),
        ("inviteRedirectUrl", Value::Null),
        ("invitedUserType", json!("Robot")),
        ("invitedUserMessageInfo", json!({"ccRecipients": ["anna"]})),
        ("shoeSize", json!(43)),
    ] {
        let mut wrong = body.clone();
        wrong["invitedUserEmailAddress"] = "paul@fabrikam.com".into();
        wrong[name] = value;
        assert_eq!(graph.post("/invitations", &wrong).status, 400, "{wrong}");
    }
}
