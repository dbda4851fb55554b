//! Creating, reading, changing and deleting users.

use serde_json::{Value, json};

use crate::graph::{E5, Graph, ROOT};

/// A user as Microsoft's clients create one.
pub fn zed() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.user",
        "accountEnabled": true,
        "displayName": "Zed Zimmer",
        "mailNickName": "zed",
        "userPrincipalName": "zed@contoso.onmicrosoft.com",
        "usageLocation": "DE",
        "jobTitle": "Tester",
        "passwordProfile": {"forceChangePasswordNextSignIn": true, "password": "xWwvJ]6NMw+bWH-d"},
    })
}

#[test]
fn a_new_user_is_answered_with_the_default_properties_alone() {
    let graph = Graph::new();
    let created = graph.post("/users", &zed());
    assert_eq!(created.status, 201);
    let id = created.body["id"].as_str().unwrap();
    let location = created.header("location").unwrap();
    assert_eq!(location, format!("{ROOT}/directoryObjects/{id}/Microsoft.DirectoryServices.User"));
    for absent in ["usageLocation", "assignedLicenses", "mailNickname"] {
        assert!(created.body.get(absent).is_none(), "{absent}: {}", created.body);
    }
    assert_eq!(created.body["jobTitle"], "Tester");
    for key in [id, "zed@contoso.onmicrosoft.com", "ZED%40contoso.onmicrosoft.com"] {
        let user = graph.get(&format!("/users/{key}?$select=usageLocation,mailNickname"));
        assert_eq!(user.body["usageLocation"], "DE", "{key}");
        assert_eq!(user.body["mailNickname"], "zed", "{key}");
        assert!(user.body.get("id").is_none(), "only what was selected");
    }
}

#[test]
fn what_is_wrong_with_a_new_user_is_refused_in_graphs_words() {
    const TAKEN: &str =
        "Another object with the same value for property userPrincipalName already exists.";
    const DOMAIN: &str = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.";
    const PASSWORD: &str = "The specified password does not comply with password complexity requirements. Please provide a different password.";
    let long = "x".repeat(257);
    let table = [
        ("userPrincipalName", json!("ANNA@contoso.onmicrosoft.com"), TAKEN, "ObjectConflict"),
        ("userPrincipalName", json!("zed@fabrikam.com"), DOMAIN, "InvalidValue"),
        ("userPrincipalName", json!("zed@contoso.net"), DOMAIN, "InvalidValue"),
        (
            "userPrincipalName",
            json!("zed"),
            "Property userPrincipalName is invalid.",
            "InvalidValue",
        ),
        (
            "userPrincipalName",
            json!("z.@contoso.com"),
            "Property userPrincipalName is invalid.",
            "InvalidValue",
        ),
        (
            "userPrincipalName",
            json!("anna.berg@contoso.com"),
            "Another object with the same value for property proxyAddresses already exists.",
            "ObjectConflict",
        ),
        ("passwordProfile", json!({"password": "onlysmall"}), PASSWORD, ""),
        ("passwordProfile", json!({"password": "Aa1!"}), PASSWORD, ""),
        ("passwordProfile", json!({"password": "Pässwörd-1"}), PASSWORD, ""),
        (
            "passwordProfile",
            json!({}),
            "A password must be specified to create a new user.",
            "PasswordRequired",
        ),
        (
            "usageLocation",
            json!("Germany"),
            "Invalid value specified for property 'usageLocation' of resource 'User'.",
            "InvalidValue",
        ),
        (
            "displayName",
            json!(long),
            "Invalid value specified for property 'displayName' of resource 'User'.",
            "InvalidValue",
        ),
        (
            "mailNickName",
            json!("zed zimmer"),
            "Invalid value specified for property 'mailNickname' of resource 'User'.",
            "InvalidValue",
        ),
        (
            "displayName",
            Value::Null,
            "A value is required for property 'displayName' of resource 'User'.",
            "PropertyRequired",
        ),
        (
            "assignedLicenses",
            json!([]),
            "Property 'assignedLicenses' is read-only and cannot be set.",
            "",
        ),
    ];
    let graph = Graph::new();
    for (property, value, message, detail) in table {
        let mut user = zed();
        user[property] = value;
        let refused = graph.post("/users", &user);
        assert_eq!(refused.refusal(), (400, "Request_BadRequest", message), "{user}");
        let code = refused.body["error"]["details"][0]["code"].as_str().unwrap_or_default();
        assert_eq!(code, detail, "{user}");
        let target = &refused.body["error"]["details"][0]["target"];
        let named = target.as_str().is_none_or(|name| name.eq_ignore_ascii_case(property))
            || message.contains("proxyAddresses");
        assert!(named, "{target}: {user}");
    }
    let refused = graph.send("POST", "/users", &[], "{\"accountEnabled\":");
    assert_eq!((refused.status, refused.refusal().1), (400, "BadRequest"));
    let mut large = zed();
    large["displayName"] = "x".repeat(5 << 20).into();
    assert_eq!(graph.post("/users", &large).status, 413);
    let users = graph.simulator.look(|tenant| tenant.users.len());
    assert_eq!(users, 14, "nothing was created");
}

#[test]
fn a_deleted_user_is_gone_and_its_name_and_seat_are_free() {
    let graph = Graph::new();
    let seats = || graph.simulator.look(|tenant| tenant.sku(E5.parse().unwrap()).unwrap().free());
    let before = seats();
    let anna = "/users/anna@contoso.onmicrosoft.com";
    assert_eq!(graph.send("DELETE", anna, &[], "").status, 204);
    assert_eq!(seats(), before + 1);
    let absent = graph.get(anna);
    assert_eq!(
        absent.refusal(),
        (
            404,
            "Request_ResourceNotFound",
            "Resource 'anna@contoso.onmicrosoft.com' does not exist or one of its queried reference-property objects are not present."
        )
    );
    assert_eq!(graph.send("DELETE", anna, &[], "").status, 404);
    let deleted = graph.get("/directory/deletedItems/microsoft.graph.user");
    assert!(deleted.each("userPrincipalName")[0].ends_with("anna@contoso.onmicrosoft.com"));
    let mut again = zed();
    again["userPrincipalName"] = "anna@contoso.onmicrosoft.com".into();
    assert_eq!(graph.post("/users", &again).status, 201);
}

#[test]
fn a_change_has_no_answer_and_takes_effect() {
    let graph = Graph::new();
    let change = |body: Value| {
        graph.send("PATCH", "/users/anna@contoso.onmicrosoft.com", &[], &body.to_string())
    };
    let changed =
        change(json!({"department": "Sales", "UsageLocation": "de", "accountEnabled": false}));
    assert_eq!((changed.status, changed.body), (204, "".into()));
    let path =
        "/users/anna@contoso.onmicrosoft.com?$select=department,usageLocation,accountEnabled";
    let user = graph.get(path).body;
    assert_eq!(user["department"], "Sales");
    assert_eq!(user["usageLocation"], "DE");
    assert_eq!(user["accountEnabled"], false);
    assert_eq!(change(json!({"id": "x"})).status, 400);
    assert_eq!(change(json!({"shoeSize": 7})).status, 400);
    assert_eq!(change(json!({"userPrincipalName": "bela@contoso.onmicrosoft.com"})).status, 400);
    assert_eq!(change(json!({"userPrincipalName": "ann@contoso.com"})).status, 204);
    assert_eq!(graph.get("/users/ann@contoso.com").body["displayName"], "Anna Berg");
    assert_eq!(graph.get(path).status, 404);
}

#[test]
fn me_is_the_signed_in_user_and_nobody_for_an_application() {
    let mut graph = Graph::new();
    let refused = graph.get("/me");
    assert_eq!(
        refused.refusal(),
        (400, "BadRequest", "/me request is only valid with delegated authentication flow.")
    );
    graph.caller = simulator::Caller::signed_in("bela@contoso.onmicrosoft.com");
    assert_eq!(graph.get("/me").body["displayName"], "Bela Costa");
    let details = graph.get("/me/licenseDetails");
    assert_eq!(details.each("skuPartNumber"), ["SPE_E3"]);
}

#[test]
fn the_directory_and_its_domains_are_told() {
    let graph = Graph::new();
    let organization = graph.get("/organization").body["value"][0].clone();
    assert_eq!(organization["displayName"], "Contoso");
    let verified = organization["verifiedDomains"].as_array().unwrap().len();
    assert_eq!(verified, 2, "contoso.net is not verified");
    assert_eq!(
        graph.get("/domains").each("id"),
        ["contoso.com", "contoso.onmicrosoft.com", "contoso.net"]
    );
    let skus = graph.get("//subscribedSkus");
    assert_eq!(
        skus.each("capabilityStatus").iter().filter(|status| **status == "Warning").count(),
        1
    );
}

#[test]
fn what_is_not_there_is_refused() {
    let graph = Graph::new();
    let table = [
        ("GET", "/robots", 400, "BadRequest"),
        ("GET", "/users/anna@contoso.onmicrosoft.com/robots", 400, "BadRequest"),
        ("PUT", "/users", 405, "Request_BadRequest"),
        ("DELETE", "/subscribedSkus", 405, "Request_BadRequest"),
        ("GET", "/users?$select=shoeSize", 400, "BadRequest"),
        ("GET", "/subscribedSkus?$filter=skuId eq 'x'", 400, "Request_UnsupportedQuery"),
        ("GET", "https://graph.microsoft.com/beta/users", 400, "BadRequest"),
    ];
    for (method, path, status, code) in table {
        let reply = graph.send(method, path, &[], "");
        assert_eq!((reply.status, reply.refusal().1), (status, code), "{method} {path}");
    }
}

#[test]
fn the_same_requests_have_the_same_answers() {
    let both: Vec<Value> = (0..2)
        .map(|_| {
            let graph = Graph::new();
            let created = graph.post("/users", &zed());
            let echoed = graph.send("GET", "/users", &[("client-request-id", "my-own")], "");
            assert_eq!(echoed.header("client-request-id"), Some("my-own"));
            assert_ne!(created.header("request-id"), echoed.header("request-id"));
            json!([created.body, created.header("request-id"), echoed.body])
        })
        .collect();
    assert_eq!(both[0], both[1]);
}

#[test]
fn a_user_of_a_federated_domain_needs_the_anchor_of_its_directory() {
    let graph = Graph::new();
    graph.simulator.change(|tenant| tenant.domains[0].is_federated = true);
    let domain = graph.get("/domains/contoso.com").body;
    assert_eq!(domain["authenticationType"], "Federated");
    let mut body = zed();
    body["userPrincipalName"] = "zed@contoso.com".into();
    let text = "SourceAnchor is a required property for creation of a federated user.";
    assert_eq!(graph.post("/users", &body).refusal(), (400, "Request_BadRequest", text));
    body["onPremisesImmutableId"] = "anchor".into();
    assert_eq!(graph.post("/users", &body).status, 201);
}
