//! No property of a user or a mail is acknowledged and dropped.

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

/// The properties of a type in Microsoft's description, with their schemas.
fn published(type_name: &str) -> Vec<(String, Value)> {
    let document = crate::schemas::published();
    let schema = &document["components"]["schemas"][format!("microsoft.graph.{type_name}")];
    let parts = schema["allOf"].as_array().unwrap();
    let own = parts.iter().find_map(|part| part["properties"].as_object()).unwrap();
    let properties = own.iter().filter(|(name, _)| !name.starts_with('@'));
    properties.map(|(name, schema)| (name.clone(), schema.clone())).collect()
}

/// A value that a schema allows.
fn example(schema: &Value) -> Value {
    let reference = schema.pointer("/allOf/0/$ref").or(schema.get("$ref"));
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("date-time")) => "2026-03-01T08:00:00Z".into(),
        (Some("string"), _) => "AT".into(),
        (Some("boolean"), _) => true.into(),
        (Some("integer"), _) => 3.into(),
        (Some("array"), _) => json!([example(&schema["items"])]),
        _ => match reference.and_then(Value::as_str).unwrap_or_default().rsplit('.').next() {
            Some("importance") => "high".into(),
            Some("inferenceClassificationType") => "focused".into(),
            Some("recipient") => json!({"emailAddress": {"address": "noreply@contoso.com"}}),
            Some("internetMessageHeader") => json!({"name": "x-contoso", "value": "1"}),
            _ => json!({}),
        },
    }
}

#[test]
fn every_property_of_a_user_is_written_or_refused() {
    let mut written = 0;
    for (name, schema) in published("user") {
        let value = match name.as_str() {
            "userPrincipalName" => "zoe@contoso.onmicrosoft.com".into(),
            "userType" => "Guest".into(),
            "mail" => "zed@fabrikam.com".into(),
            _ => example(&schema),
        };
        let graph = with_zed();
        let id = graph.get(ZED).body["id"].as_str().unwrap().to_owned();
        let path = format!("/users/{id}");
        let body = json!({ name.as_str(): value }).to_string();
        let reply = graph.send("PATCH", &path, &[], &body);
        if reply.status != 204 {
            assert!(matches!(reply.status, 400 | 501), "{name}: {reply:?}");
            continue;
        }
        written += 1;
        let shown = graph.get(&format!("{path}?$select={name}")).body[&name].clone();
        // Of a password profile, no password is shown.
        let is_kept = shown == value || (name == "passwordProfile" && shown["password"].is_null());
        assert!(is_kept, "{name}: {shown} in place of {value}");
    }
    assert!(written > 30, "{written} were written");
}

#[test]
fn every_property_of_a_new_user_is_written_or_refused() {
    for (name, schema) in published("user") {
        let mut body = zed();
        if body.get(&name).is_some() {
            continue;
        }
        let value = match name.as_str() {
            "userType" => "Guest".into(),
            "mail" => "zed@fabrikam.com".into(),
            _ => example(&schema),
        };
        body[&name] = value.clone();
        let graph = Graph::new();
        match graph.post("/users", &body).status {
            201 => assert_eq!(shown(&graph, &name), value, "{name}"),
            status => assert!(matches!(status, 400 | 501), "{name}: {status}"),
        }
    }
}

#[test]
fn every_property_of_a_group_is_written_or_refused() {
    let mut written = 0;
    for (name, schema) in published("group") {
        let value = match name.as_str() {
            "visibility" => "Private".into(),
            _ => example(&schema),
        };
        let graph = Graph::new();
        let path = format!("/groups/{}", crate::groups::group(&graph, "Sales"));
        let body = json!({ name.as_str(): value }).to_string();
        match graph.send("PATCH", &path, &[], &body).status {
            204 => {
                written += 1;
                let shown = graph.get(&format!("{path}?$select={name}")).body[&name].clone();
                assert_eq!(shown, value, "{name}");
            }
            status => assert!(matches!(status, 400 | 501), "{name}: {status}"),
        }
        let mut new = json!({
            "displayName": "A", "mailNickname": "a", "mailEnabled": false, "securityEnabled": true,
        });
        if new.get(&name).is_some() {
            continue;
        }
        new[&name] = value.clone();
        let made = graph.post("/groups", &new);
        match made.status {
            201 => {
                let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
                let shown = graph.get(&format!("{path}?$select={name}")).body[&name].clone();
                assert_eq!(shown, value, "{name} of a new group");
            }
            status => assert!(matches!(status, 400 | 501), "{name}: {status}"),
        }
    }
    assert!(written >= 8, "{written} were written");
}

#[test]
fn a_user_without_a_type_has_none() {
    let graph = with_zed();
    assert_eq!(change(&graph, &json!({"userType": null})).status, 204);
    assert_eq!(shown(&graph, "userType"), Value::Null);
    let untyped = graph.get_eventually("/users?$filter=userType eq null&$count=true");
    assert_eq!(untyped.each("displayName"), ["Zed Zimmer"]);
    let mut without = zed();
    without["userPrincipalName"] = "zoe@contoso.onmicrosoft.com".into();
    without["userType"] = Value::Null;
    assert_eq!(graph.post("/users", &without).status, 201);
    let zoe = graph.get("/users/zoe@contoso.onmicrosoft.com?$select=userType");
    assert_eq!(zoe.body["userType"], Value::Null);
}

#[test]
fn every_property_of_a_mail_is_kept_or_refused() {
    let mut kept = 0;
    for (name, schema) in published("message") {
        if ["toRecipients", "body", "subject", "attachments"].contains(&name.as_str()) {
            continue;
        }
        let graph = Graph::new();
        let value = match name.as_str() {
            "from" | "sender" => {
                json!({"emailAddress": {"address": "noreply@contoso.onmicrosoft.com"}})
            }
            _ => example(&schema),
        };
        let body = json!({"message": {
            "subject": "Hello",
            "toRecipients": [{"emailAddress": {"address": "anna@fabrikam.com"}}],
            name.as_str(): value,
        }});
        let path = "/users/noreply@contoso.onmicrosoft.com/sendMail";
        let reply = graph.post(path, &body);
        if reply.status != 202 {
            assert!(matches!(reply.status, 400 | 501), "{name}: {reply:?}");
            continue;
        }
        kept += 1;
        let sent = graph.simulator.look(|tenant| tenant.mail[0].other.get(&name).cloned());
        assert_eq!(sent, Some(value), "{name}");
    }
    assert!(kept >= 10, "{kept} were kept");
}

#[test]
fn values_that_the_directory_cannot_keep_are_refused() {
    let graph = with_zed();
    for (name, value) in [
        ("jobTitle", json!("")),
        ("city", json!("")),
        ("department", json!("a".repeat(65))),
        ("jobTitle", json!("a".repeat(129))),
        ("employeeId", json!("a".repeat(17))),
        ("businessPhones", json!(["1", "2"])),
        ("employeeHireDate", json!("yesterday")),
        ("showInAddressList", json!("yes")),
        ("employeeOrgData", json!({"division": {"deep": [1]}})),
        ("employeeOrgData", json!({"nosuch": "x"})),
        ("onPremisesExtensionAttributes", json!({"extensionAttribute16": "x"})),
        ("onPremisesExtensionAttributes", json!({"extensionAttribute1": 5})),
        ("identities", json!([])),
    ] {
        let refused = change(&graph, &json!({ name: value }));
        assert!(matches!(refused.status, 400 | 501), "{name} {value}: {refused:?}");
    }
    assert_eq!(change(&graph, &json!({"jobTitle": "a".repeat(128)})).status, 204);
}

#[test]
fn the_members_of_an_object_are_written_one_by_one() {
    let graph = with_zed();
    for (name, value) in [("extensionAttribute1", "a"), ("extensionAttribute2", "b")] {
        let body = json!({"onPremisesExtensionAttributes": { name: value }});
        assert_eq!(change(&graph, &body).status, 204);
    }
    let both = json!({"extensionAttribute1": "a", "extensionAttribute2": "b"});
    assert_eq!(shown(&graph, "onPremisesExtensionAttributes"), both);
    assert_eq!(change(&graph, &json!({"onPremisesExtensionAttributes": null})).status, 204);
    assert_eq!(shown(&graph, "onPremisesExtensionAttributes"), Value::Null);
}

#[test]
fn an_anchor_belongs_to_one_user() {
    let graph = with_zed();
    assert_eq!(change(&graph, &json!({"onPremisesImmutableId": "anchor"})).status, 204);
    assert_eq!(change(&graph, &json!({"onPremisesImmutableId": "anchor"})).status, 204);
    let mut other = zed();
    other["userPrincipalName"] = "zoe@contoso.onmicrosoft.com".into();
    other["onPremisesImmutableId"] = "anchor".into();
    let taken = graph.post("/users", &other);
    assert_eq!(taken.body["error"]["details"][0]["target"], "onPremisesImmutableId");
}

#[test]
fn a_body_that_does_not_say_that_it_is_json_is_refused() {
    let graph = with_zed();
    let body = json!({"jobTitle": "Engineer"}).to_string();
    for kind in ["application/x-www-form-urlencoded", "text/plain", "application/xml", ""] {
        let refused = graph.send("PATCH", ZED, &[("Content-Type", kind)], &body);
        let (status, code, text) = refused.refusal();
        assert_eq!((status, code), (400, "BadRequest"), "{kind}");
        assert!(text.contains("ensure Content-Type header is set"), "{text}");
    }
    let json = "application/json;odata.metadata=none; charset=utf-8";
    assert_eq!(graph.send("PATCH", ZED, &[("Content-Type", json)], &body).status, 204);
}

#[test]
fn parameters_that_an_operation_does_not_have_are_refused() {
    let graph = with_zed();
    let licenses = json!({"addLicenses": [], "removeLicenses": [], "z": 1});
    let mail = json!({"message": {}, "z": 1});
    let odd = json!({"message": {"body": "text", "toRecipients": [
        {"emailAddress": {"address": "anna@fabrikam.com"}},
    ]}});
    let sender = "/users/noreply@contoso.onmicrosoft.com/sendMail".to_owned();
    for (path, body) in [
        (format!("{ZED}/assignLicense"), licenses),
        (sender.clone(), mail),
        (sender, odd),
        ("/directoryObjects/getByIds".to_owned(), json!({"ids": [], "z": 1})),
    ] {
        assert_eq!(graph.post(&path, &body).status, 400, "{path} {body}");
    }
}
