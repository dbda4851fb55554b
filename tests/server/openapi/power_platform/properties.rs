//! `apiProperties.json`: what the connector asks for when a connection is made, and where it sends
//! its calls.

use runner::base_url::BaseUrl;
use runner::serve::openapi::api_properties;
use serde_json::{Value, json};

use super::of;
use super::walk::members;

/// The fields that a connector's properties may have.
const FIELDS: [&str; 6] = [
    "connectionParameters",
    "iconBrandColor",
    "capabilities",
    "policyTemplateInstances",
    "publisher",
    "stackOwner",
];

/// The colours that the certification refuses: white, and the platform's own.
const REFUSED_COLORS: [&str; 2] = ["#ffffff", "#007ee5"];

/// What is wrong with the properties of the connector of a document.
pub fn faults(served: &Value, document: &Value) -> Vec<String> {
    let own = &served["properties"];
    let names = |it: &Value| members(it).map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    let known = names(own).iter().all(|it| FIELDS.contains(&it.as_str()));
    let parameters = &own["connectionParameters"];
    let keys = names(&document["securityDefinitions"]);
    let key = keys.first().map_or(&Value::Null, |key| &parameters[key]);
    let (policies, path) = (&own["policyTemplateInstances"], document["basePath"].as_str());
    let host = "://@connectionParameters('host')";
    let url = format!("{}{host}{}", text(&document["schemes"][0]), path.unwrap_or_default());
    let checks = [
        ("other fields", names(served) == ["properties"] && known),
        ("colour", is_color(text(&own["iconBrandColor"]))),
        ("capabilities", own["capabilities"] == json!([])),
        ("parameters", parameters.as_object().is_some_and(|it| it.len() == 2)),
        ("texts", members(parameters).all(|(_, it)| is_explained(it))),
        ("host", parameters["host"]["type"] == "string"),
        ("key", key["type"] == "securestring"),
        ("hidden key", key["uiDefinition"]["constraints"]["clearText"] == false),
        ("policies", policies.as_array().is_some_and(|it| it.len() == 1)),
        ("policy", policies[0]["templateId"] == "dynamichosturl"),
        ("policy's title", !text(&policies[0]["title"]).is_empty()),
        ("policy's URL", template(&policies[0]).trim_end_matches('/') == url.trim_end_matches('/')),
    ];
    checks.iter().filter(|(_, holds)| !holds).map(|(what, _)| (*what).to_owned()).collect()
}

/// The URL to which a policy sends the calls.
fn template(policy: &Value) -> &str {
    text(&policy["parameters"]["x-ms-apimTemplateParameter.urlTemplate"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_color(color: &str) -> bool {
    let digits = color.strip_prefix('#').unwrap_or_default();
    let hex = digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
    hex && !REFUSED_COLORS.contains(&color.to_lowercase().as_str())
}

/// Whether a person learns what to fill in, and must.
fn is_explained(parameter: &Value) -> bool {
    let shown = &parameter["uiDefinition"];
    let texts = ["displayName", "description", "tooltip"];
    texts.iter().all(|name| !text(&shown[*name]).is_empty())
        && shown["constraints"]["required"] == "true"
}

/// The properties for the document of [`of`].
fn written() -> Value {
    api_properties(BaseUrl::parse("https://o365.contoso.com/graph").as_ref())
}

#[test]
fn the_connector_asks_for_host_and_key_and_calls_that_host() {
    assert_eq!(faults(&written(), &of(&["contoso"])), Vec::<String>::new());
    let policy = written()["properties"]["policyTemplateInstances"][0].clone();
    assert_eq!(template(&policy), "https://@connectionParameters('host')/graph");
}

/// What is asked for without a URL is the host of any server.
#[test]
fn without_a_url_the_connector_calls_any_host_by_https() {
    let own = api_properties(None);
    let policy = &own["properties"]["policyTemplateInstances"][0];
    assert_eq!(template(policy), "https://@connectionParameters('host')");
}

#[test]
fn each_fault_of_the_properties_is_found() {
    const POLICY: &str = "/properties/policyTemplateInstances/0";
    const KEY: &str = "/properties/connectionParameters/api_key";
    let changes: [(&str, &str, Value); 12] = [
        ("other fields", "/properties/icon", json!("icon.png")),
        ("colour", "/properties/iconBrandColor", json!("#FFFFFF")),
        ("capabilities", "/properties/capabilities", json!(["cloud"])),
        ("parameters", "/properties/connectionParameters/other", json!({})),
        ("texts", &format!("{KEY}/uiDefinition/tooltip"), json!("")),
        ("host", "/properties/connectionParameters/host/type", json!("securestring")),
        ("key", &format!("{KEY}/type"), json!("string")),
        ("hidden key", &format!("{KEY}/uiDefinition/constraints/clearText"), json!(true)),
        ("policies", "/properties/policyTemplateInstances", json!([])),
        ("policy", &format!("{POLICY}/templateId"), json!("setheader")),
        ("policy's title", &format!("{POLICY}/title"), json!("")),
        (
            "policy's URL",
            &format!("{POLICY}/parameters/x-ms-apimTemplateParameter.urlTemplate"),
            json!("https://o365.contoso.com"),
        ),
    ];
    for (fault, place, value) in changes {
        let mut changed = written();
        let (object, name) = place.rsplit_once('/').unwrap();
        let object = changed.pointer_mut(object).unwrap().as_object_mut().unwrap();
        object.insert(name.to_owned(), value);
        let found = faults(&changed, &of(&["contoso"]));
        assert!(found.iter().any(|it| it == fault), "{fault}: {found:?}");
    }
}
