//! Input that would do harm somewhere: every field of every action is given what it must
//! refuse, and what looks harmful and is not goes out encoded, to the byte.

use std::sync::{Arc, Mutex};

use runner::egress::{EgressError, EgressStack, Request, whole};
use serde_json::{Map, Value, json};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use support::library::Outcome;
use support::library::{Host, ROOT};

const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
const ID: &str = "5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d";
const UPN: &str = "allen@contoso.onmicrosoft.com";
const PEM: &str =
    "-----BEGIN RSA PRIVATE KEY-----\nbm8ga2V5IGF0IGFsbA==\n-----END RSA PRIVATE KEY-----\n";
const MEMORY: usize = 64 << 20;

/// Good input of every action that takes text, without the connection.
fn good() -> Vec<(&'static str, Value)> {
    let storage =
        json!({"recipient": UPN, "storageAccount": "contosofiles", "key1": "a==", "key2": "b=="});
    vec![
        (
            "create-user",
            json!({"serviceId": SKU, "displayName": "Allen Allbrook", "mailNickname": "allen", "password": "Tr4il-mix", "usageLocation": "AM"}),
        ),
        ("assign-license-to-existing-user", json!({"serviceId": SKU, "userPrincipalName": UPN})),
        ("delete-user", json!({"userPrincipalName": UPN})),
        ("is-license-available", json!({"serviceId": SKU})),
        ("get-available-license-count", json!({"serviceId": SKU})),
        ("send-created-user-email-notification", json!({"recipient": UPN, "userEmail": UPN})),
        ("send-azure-storage-creation-email", storage.clone()),
        ("send-keys-for-azure-storage-email", storage.clone()),
        ("send-regenerated-keys-for-azure-storage-email", storage),
        (
            "send-aws-instance-creation-email",
            json!({"recipient": UPN, "login": "ec2-user", "privateKey": PEM, "connectionDetails": "ssh"}),
        ),
        (
            "send-virtual-machine-creation-email",
            json!({"recipient": UPN, "ip": "10.1.2.3", "login": "azureuser", "password": "Tr4il-mix"}),
        ),
        (
            "send-status-virtual-machine-email",
            json!({"recipient": UPN, "ip": "10.1.2.3", "status": "running"}),
        ),
    ]
}

/// What went out: method, address and body.
type Sent = Arc<Mutex<Vec<String>>>;

/// A Graph that says yes to everything and keeps what it was asked.
fn obliging(sent: &Sent) -> EgressStack {
    let sent = Arc::clone(sent);
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        let path = request.uri().to_string().replacen(ROOT, "", 1);
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        sent.lock().unwrap().push(format!("{} {path} {body}", request.method()));
        let (status, answer) = answer(request.method().as_str(), &path);
        let body = if answer.is_null() { String::new() } else { answer.to_string() };
        let response = http::Response::builder().status(status).body(whole(body)).unwrap();
        async move { Ok::<_, EgressError>(response) }
    }))
}

fn answer(method: &str, path: &str) -> (u16, Value) {
    let user = json!({"id": ID, "userPrincipalName": UPN, "usageLocation": "AM",
        "assignedLicenses": [{"skuId": SKU, "disabledPlans": []}]});
    match (method, path) {
        ("GET", path) if path.starts_with("/subscribedSkus") => (
            200,
            json!({"value": [{"skuId": SKU, "skuPartNumber": "SPE_E5", "appliesTo": "User",
                "capabilityStatus": "Enabled", "consumedUnits": 1, "prepaidUnits": {"enabled": 9}}]}),
        ),
        ("POST", "/users") => (201, user),
        ("POST", path) if path.ends_with("/sendMail") => (202, Value::Null),
        ("DELETE", _) => (204, Value::Null),
        _ => (200, user),
    }
}

/// Runs `action` with `value` in `field`; the outcome, and what went out.
fn give(
    host: &Host,
    action: &str,
    input: &Value,
    field: &str,
    value: &str,
) -> (Outcome, Vec<String>) {
    let mut input: Map<String, Value> = input.as_object().unwrap().clone();
    input.insert("connectionId".to_owned(), "contoso".into());
    input.insert(field.to_owned(), value.into());
    let sent = Sent::default();
    let ended = host.run(action, &Value::Object(input), obliging(&sent), MEMORY);
    let sent = sent.lock().unwrap().clone();
    (ended.outcome.unwrap_or_else(|stop| panic!("{action} {field}: {stop}")), sent)
}

#[track_caller]
fn assert_refused(host: &Host, action: &str, input: &Value, field: &str, value: &str) {
    let (outcome, sent) = give(host, action, input, field, value);
    let shown: String = value.chars().take(40).collect();
    let Outcome::Failed(error) = outcome else {
        panic!("{action} takes {shown:?} as {field} and sends {sent:?}")
    };
    assert_eq!(error["kind"], "invalid-input", "{action} {field} {shown:?}");
    let pointer = format!("/{field}");
    let problems = error["problems"].as_array().unwrap();
    assert!(problems.iter().any(|problem| problem["pointer"] == *pointer), "{problems:?}");
    assert_eq!(sent, Vec::<String>::new(), "{action} {field} {shown:?}: nothing is sent");
}

#[test]
fn every_field_refuses_what_is_empty_endless_or_breaks_a_line() {
    let host = Host::compiled();
    let endless = "x".repeat(100_000);
    let mut checked = 0;
    for (action, input) in good() {
        for field in input.as_object().unwrap().keys() {
            for value in ["", &endless, "a\u{0}b"] {
                assert_refused(&host, action, &input, field, value);
            }
            // These two have lines of their own.
            if !["connectionDetails", "privateKey"].contains(&field.as_str()) {
                for value in ["a\r\nBcc: mallory@fabrikam.com", "a\nb", "\r\n"] {
                    assert_refused(&host, action, &input, field, value);
                }
            }
            checked += 1;
        }
        assert_refused(&host, action, &input, "connectionId", "fabrikam");
    }
    assert_eq!(checked, 35, "fields of all actions");
}

#[test]
fn names_addresses_and_codes_of_the_wrong_form_are_refused() {
    let host = Host::compiled();
    let input = |action: &str| good().into_iter().find(|(name, _)| *name == action).unwrap().1;
    let table = [
        ("delete-user", "userPrincipalName", "allen"),
        ("delete-user", "userPrincipalName", "@contoso.onmicrosoft.com"),
        ("delete-user", "userPrincipalName", "a@b@contoso.onmicrosoft.com"),
        ("delete-user", "userPrincipalName", "a%b@contoso.onmicrosoft.com"),
        ("delete-user", "userPrincipalName", "a/b@contoso.onmicrosoft.com"),
        ("delete-user", "userPrincipalName", "../me@contoso.onmicrosoft.com"),
        ("create-user", "mailNickname", "al len"),
        ("create-user", "mailNickname", "allen@contoso.com"),
        ("create-user", "mailNickname", "a/b"),
        ("create-user", "password", "p\u{e4}ssw\u{f6}rd-1"),
        ("create-user", "usageLocation", "am"),
        ("create-user", "usageLocation", "XX"),
        ("create-user", "serviceId", "{06ebc4ee-1bb5-47dd-8120-11324bc54e06}"),
        ("send-status-virtual-machine-email", "recipient", "Allen <allen@contoso.com>"),
        ("send-status-virtual-machine-email", "recipient", "a@contoso.com, b@contoso.com"),
        ("send-status-virtual-machine-email", "recipient", "a@contoso.com;b@contoso.com"),
        ("send-status-virtual-machine-email", "ip", "10.1.2.256"),
        ("send-status-virtual-machine-email", "ip", "<script>"),
        ("send-azure-storage-creation-email", "storageAccount", "Contoso_Files"),
        ("send-aws-instance-creation-email", "privateKey", "no key"),
    ];
    for (action, field, value) in table {
        assert_refused(&host, action, &input(action), field, value);
    }
}

/// An action, one of its inputs and a value of it, and what goes out for that.
type Encoded = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn what_only_looks_harmful_goes_out_encoded() {
    gives(&[
        (
            "delete-user",
            "userPrincipalName",
            "o'neil@contoso.onmicrosoft.com",
            "DELETE /users/o%27neil@contoso.onmicrosoft.com ",
        ),
        (
            "delete-user",
            "userPrincipalName",
            "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "DELETE /users/anna_fabrikam.com%23EXT%23@contoso.onmicrosoft.com ",
        ),
        (
            "delete-user",
            "userPrincipalName",
            "$allen@contoso.onmicrosoft.com",
            "DELETE /users('$allen@contoso.onmicrosoft.com') ",
        ),
        (
            "delete-user",
            "userPrincipalName",
            "$o'neil@contoso.onmicrosoft.com",
            "DELETE /users('$o%27%27neil@contoso.onmicrosoft.com') ",
        ),
        (
            "create-user",
            "displayName",
            "<b>\"Al\"</b> & \u{1f600}",
            r#""displayName":"<b>\"Al\"</b> & 😀""#,
        ),
        (
            "create-user",
            "mailNickname",
            "o'neil",
            r#""userPrincipalName":"o'neil@contoso.onmicrosoft.com""#,
        ),
        ("create-user", "password", "a\"b\\c<d>&1", r#""password":"a\"b\\c<d>&1""#),
    ]);
}

#[test]
fn what_only_looks_harmful_is_text_in_a_mail() {
    gives(&[
        (
            "send-created-user-email-notification",
            "userEmail",
            "a_b.com#EXT#@contoso.onmicrosoft.com",
            "a_b.com#EXT#@contoso.onmicrosoft.com",
        ),
        (
            "send-azure-storage-creation-email",
            "key1",
            "<i>&\"1\"</i>",
            "&lt;i&gt;&amp;&quot;1&quot;&lt;/i&gt;",
        ),
        ("send-azure-storage-creation-email", "key2", "<i>", "&lt;i&gt;"),
        ("send-aws-instance-creation-email", "login", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        (
            "send-aws-instance-creation-email",
            "connectionDetails",
            "<a href=x>\r\n2",
            "&lt;a href=x&gt;",
        ),
        ("send-virtual-machine-creation-email", "login", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("send-virtual-machine-creation-email", "password", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        (
            "send-status-virtual-machine-email",
            "status",
            "<script>1</script>",
            "&lt;script&gt;1&lt;/script&gt;",
        ),
    ]);
}

/// Holds the bytes that go out against a table.
fn gives(table: &[Encoded]) {
    let host = Host::compiled();
    let input = |action: &str| good().into_iter().find(|(name, _)| *name == action).unwrap().1;
    for &(action, field, value, expected) in table {
        let (outcome, sent) = give(&host, action, &input(action), field, value);
        assert!(matches!(outcome, Outcome::Done(_)), "{action} {field} {value:?}: {outcome:?}");
        assert!(sent.iter().any(|sent| sent.contains(expected)), "{expected} is not in {sent:#?}");
        let raw = sent.iter().filter(|sent| sent.contains("/sendMail"));
        for mail in raw.filter(|_| value.starts_with('<')) {
            let content: Value = serde_json::from_str(mail.splitn(3, ' ').nth(2).unwrap()).unwrap();
            let html = content["message"]["body"]["content"].as_str().unwrap();
            assert!(!html.contains(value), "{action} {field}: not escaped");
        }
    }
}
