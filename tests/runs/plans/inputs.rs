//! Random inputs: such as are right, such as meet what is there, and such as are wrong.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use runner::recording::placeholders;
use serde_json::{Map, Value, json};

use crate::plans::tenants::{NAMES, name, sku, sku_id};

/// The choices of an input.
#[derive(Clone, Debug)]
pub struct Choices {
    sku: Option<usize>,
    name: String,
    nickname: &'static str,
    password: &'static str,
    location: &'static str,
    recipient: &'static str,
    /// Which of the actions of a kind it is.
    pub which: Index,
}

pub fn choices() -> impl Strategy<Value = Choices> {
    // Of each what is right, and more rarely what is wrong.
    let nickname = prop_oneof![8 => select(&NAMES[..]), 1 => select(&["a b", ""][..])];
    // Weaker than Entra takes, but not than the seed's rule; too weak for both.
    let weak = select(&["abcdefghAB", "short"][..]);
    let password = prop_oneof![8 => Just("Any-passw0rd"), 1 => weak];
    let location = prop_oneof![8 => select(&["AM", "DE"][..]), 1 => select(&["XX", "am", ""][..])];
    let bad = select(&["anna", "a@b@c", ""][..]);
    let recipient = prop_oneof![8 => Just("anna@fabrikam.com"), 1 => bad];
    (
        prop::option::weighted(0.9, sku()),
        name(),
        nickname,
        password,
        location,
        recipient,
        any::<Index>(),
    )
        .prop_map(|(sku, name, nickname, password, location, recipient, which)| Choices {
            sku,
            name,
            nickname,
            password,
            location,
            recipient,
            which,
        })
}

impl Choices {
    /// The input of `action`.
    pub fn input(&self, action: &str) -> Map<String, Value> {
        let unknown = || "00000000-1a2b-4c3d-8e4f-5a6b7c8d9e0f".to_owned();
        let sku = self.sku.map_or_else(unknown, |number| sku_id(number).to_string());
        let recipient = self.recipient;
        let mut input = match action {
            "create-user" => json!({"serviceId": sku, "displayName": "Allen Allbrook",
                "mailNickname": self.nickname, "password": self.password,
                "usageLocation": self.location}),
            "assign-license-to-existing-user" => {
                json!({"serviceId": sku, "userPrincipalName": self.name})
            }
            "delete-user" => json!({"userPrincipalName": self.name}),
            "is-license-available" | "get-available-license-count" => json!({"serviceId": sku}),
            "send-created-user-email-notification" => {
                json!({"recipient": recipient, "userEmail": self.name})
            }
            "send-aws-instance-creation-email" => json!({"recipient": recipient, "login": "admin",
                "privateKey": {"$secret": "privateKey"}, "connectionDetails": "ssh 198.51.100.7"}),
            "send-virtual-machine-creation-email" => json!({"recipient": recipient,
                "ip": "10.1.2.3", "login": "admin", "password": self.password}),
            "send-status-virtual-machine-email" => {
                json!({"recipient": recipient, "ip": "10.1.2.3", "status": "stopped"})
            }
            mail if mail.starts_with("send-") => json!({"recipient": recipient,
                "storageAccount": "contosofiles", "key1": {"$secret": "key1"},
                "key2": {"$secret": "key2"}}),
            page if page.ends_with("-page") => json!({"pageSize": 2}),
            _ => json!({}),
        };
        if action != "country-codes" {
            input["connectionId"] = "contoso".into();
        }
        placeholders::input(&input).unwrap()
    }
}
