//! No property of a user is acknowledged and dropped.

use serde_json::{Value, json};

use crate::graph::{E5, Graph, Reply};
use crate::users::zed;

const ZED: &str = "/users/zed@contoso.onmicrosoft.com";

/// The built-in tenant with the user Zed.
fn with_zed() -> Graph {
    let graph = Graph::new();
    assert_eq!(graph.post("/users", &zed()).status, 201);
    graph
}

fn change(graph: &Graph, body: &Value) -> Reply {
    graph.send("PATCH", ZED, &[], &body.to_string())
}

fn shown(graph: &Graph, property: &str) -> Value {
    graph.get(&format!("{ZED}?$select={property}")).body[property].clone()
}

#[test]
fn the_type_of_a_user_is_written() {
    let graph = Graph::new();
    let mut guest = zed();
    guest["userType"] = "guest".into();
    assert_eq!(graph.post("/users", &guest).status, 201);
    assert_eq!(shown(&graph, "userType"), "Guest");
    let guests = graph.get("/users?$filter=userType eq 'Guest'");
    assert!(guests.each("displayName").contains(&"Zed Zimmer"));
    assert_eq!(change(&graph, &json!({"userType": "Member"})).status, 204);
    assert_eq!(shown(&graph, "userType"), "Member");
    for wrong in [json!("Robot"), json!(1)] {
        let refused = change(&graph, &json!({ "userType": wrong }));
        let text = "Invalid value specified for property 'userType' of resource 'User'.";
        assert_eq!(refused.refusal(), (400, "Request_BadRequest", text));
        assert_eq!(refused.body["error"]["details"][0]["target"], "userType");
    }
}

#[test]
fn the_address_of_a_user_without_a_mailbox_is_written() {
    let graph = with_zed();
    assert_eq!(shown(&graph, "mail"), Value::Null);
    assert_eq!(change(&graph, &json!({"mail": "zed@fabrikam.com"})).status, 204);
    assert_eq!(shown(&graph, "mail"), "zed@fabrikam.com");
    assert_eq!(shown(&graph, "proxyAddresses"), json!(["SMTP:zed@fabrikam.com"]));
    // The address that the user has is no conflict.
    assert_eq!(change(&graph, &json!({"mail": "ZED@fabrikam.com"})).status, 204);
    let taken = change(&graph, &json!({"mail": "anna.berg@contoso.com"}));
    assert_eq!(taken.body["error"]["details"][0]["target"], "proxyAddresses", "{taken:?}");
    for wrong in ["zed", "zëd@fabrikam.com", "@fabrikam.com", ""] {
        let refused = change(&graph, &json!({ "mail": wrong }));
        let text = "Invalid value specified for property 'mail' of resource 'User'.";
        assert_eq!(refused.refusal(), (400, "Request_BadRequest", text), "{wrong}");
    }
    assert_eq!(change(&graph, &json!({"mail": null})).status, 204);
    assert_eq!(shown(&graph, "mail"), Value::Null);
    let mut other = zed();
    other["userPrincipalName"] = "other@contoso.onmicrosoft.com".into();
    other["mail"] = "other@fabrikam.com".into();
    assert_eq!(graph.post("/users", &other).body["mail"], "other@fabrikam.com");
}

#[test]
fn the_address_of_a_mailbox_is_read_only() {
    let graph = with_zed();
    let license =
        json!({"addLicenses": [{"skuId": E5, "disabledPlans": []}], "removeLicenses": []});
    assert_eq!(graph.post(&format!("{ZED}/assignLicense"), &license).status, 200);
    let refused = change(&graph, &json!({"mail": "zed@fabrikam.com"}));
    let text = "Property 'mail' is read-only and cannot be set.";
    assert_eq!(refused.refusal(), (400, "Request_BadRequest", text));
    assert_eq!(shown(&graph, "mail"), "zed@contoso.onmicrosoft.com");
}

#[test]
fn a_password_profile_is_kept_without_the_password() {
    let graph = with_zed();
    let profile = |now: bool, mfa: Value| json!({"password": null, "forceChangePasswordNextSignIn": now, "forceChangePasswordNextSignInWithMfa": mfa});
    assert_eq!(shown(&graph, "passwordProfile"), profile(true, Value::Null));
    let flag =
        |name: &str, value: Value| change(&graph, &json!({"passwordProfile": {name: value}}));
    assert_eq!(flag("forceChangePasswordNextSignIn", false.into()).status, 204);
    assert_eq!(shown(&graph, "passwordProfile"), profile(false, Value::Null));
    assert_eq!(flag("forceChangePasswordNextSignInWithMfa", true.into()).status, 204);
    assert_eq!(shown(&graph, "passwordProfile"), profile(false, true.into()));
    assert_eq!(flag("password", "xWwvJ]6NMw+bWH-d".into()).status, 204);
    assert_eq!(shown(&graph, "passwordProfile"), profile(false, true.into()));
    let weak = flag("password", "onlysmall".into());
    assert!(weak.refusal().2.contains("complexity"), "{weak:?}");
    for (name, value) in [
        ("forceChangePasswordNextSignIn", json!("yes")),
        ("password", json!(7)),
        ("hint", json!("x")),
    ] {
        assert_eq!(flag(name, value).status, 400, "{name}");
    }
    assert_eq!(change(&graph, &json!({"passwordProfile": "x"})).status, 400);
}

#[test]
fn annotations_are_no_properties() {
    let graph = with_zed();
    let annotated =
        json!({"businessPhones@odata.type": "#Collection(String)", "businessPhones": ["1"]});
    assert_eq!(change(&graph, &annotated).status, 204);
}
