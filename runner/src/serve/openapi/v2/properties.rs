//! `apiProperties.json`: what the connector asks a person for when a connection is made.

use serde_json::{Value, json};

use super::KEY;
use crate::base_url::BaseUrl;

/// The name of the parameter with the host.
const HOST: &str = "host";

/// The colour behind the icon. Microsoft refuses its own default and white.
const BRAND_COLOR: &str = "#0b5cad";

/// Writes the properties of the connector for a server at this URL.
pub fn api_properties(base_url: Option<&BaseUrl>) -> Value {
    let (scheme, path) = base_url.map_or(("https", ""), |url| (url.scheme(), url.path()));
    let host = base_url.map_or("o365.contoso.com", BaseUrl::authority);
    json!({ "properties": {
        "connectionParameters": {
            HOST: {
                "type": "string",
                "uiDefinition": {
                    "displayName": "Host",
                    "description": format!("The host of the server, such as {host}"),
                    "tooltip": "The host of the server, with its port if that is not the usual one",
                    "constraints": { "required": "true", "tabIndex": 1 },
                },
            },
            KEY: {
                "type": "securestring",
                "uiDefinition": {
                    "displayName": "Key",
                    "description": "The key of the tenant, as o365 tenant add printed it",
                    "tooltip": "The key alone, without the word Bearer",
                    "constraints": { "required": "true", "clearText": false, "tabIndex": 2 },
                },
            },
        },
        "iconBrandColor": BRAND_COLOR,
        "capabilities": [],
        "policyTemplateInstances": [{
            "templateId": "dynamichosturl",
            "title": "Set the host",
            "parameters": {
                // The template takes the place of the base path, too.
                "x-ms-apimTemplateParameter.urlTemplate":
                    format!("{scheme}://@connectionParameters('{HOST}'){path}"),
            },
        }],
    } })
}
