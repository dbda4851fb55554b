//! A plan answers random requests, one after another, as the tenant itself would: what was
//! planned before shows in what is asked after.

use std::cell::Cell;
use std::time::Instant;

use http::{Method, Uri};
use http_body_util::BodyExt;
use proptest::collection::vec;
use proptest::prelude::*;
use runner::context::Clock;
use runner::egress::plan::Plan;
use runner::egress::{EgressStack, simulated};
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, ServiceExt};

use crate::plans::ran::ROOT;
use crate::plans::tenants::{license, name, plans, sku, sku_id, tenant};
use crate::plans::{TENANTS, hold};
use support::say;

/// What is compared of a user, apart from the id, which is made up for a new one.
const SELECT: &str = "$select=id,userPrincipalName,displayName,usageLocation,assignedLicenses";

/// A request.
#[derive(Clone, Debug)]
enum Ask {
    Create { name: String, location: Option<&'static str>, password: &'static str },
    Delete(String),
    Assign { name: String, add: Vec<(usize, usize)>, remove: Vec<usize> },
    User(String),
    Users { top: usize },
    Skus,
}

fn ask() -> impl Strategy<Value = Ask> {
    let location = prop::option::weighted(0.8, Just("AM"));
    let password = prop_oneof![6 => Just("Any-passw0rd"), 1 => Just("abcdefghAB")];
    prop_oneof![
        3 => (name(), location, password)
            .prop_map(|(name, location, password)| Ask::Create { name, location, password }),
        2 => name().prop_map(Ask::Delete),
        4 => (name(), vec(license(), 0..3), vec(sku(), 0..2))
            .prop_map(|(name, add, remove)| Ask::Assign { name, add, remove }),
        2 => name().prop_map(Ask::User),
        2 => (1..4_usize).prop_map(|top| Ask::Users { top }),
        2 => Just(Ask::Skus),
    ]
}

#[test]
fn a_plan_answers_as_the_tenant_would() {
    let begun = Instant::now();
    let runtime = Builder::new_current_thread().build().unwrap();
    let (asked, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    hold(TENANTS, &(tenant(), vec(ask(), 1..12)), |(tenant, asks)| {
        // What no read tells, and what passes with time, is none of this.
        let tenant = Tenant { lag: 0, exclusive_plans: Vec::new(), ..tenant };
        let real = Simulator::new(tenant.clone());
        let way = |simulator: &Simulator| {
            simulated::egress(simulator, Caller::application(), Clock::simulated())
        };
        let plan = Plan::new(&Uri::from_static(ROOT)).layer(way(&Simulator::new(tenant)));
        for (number, ask) in asks.iter().enumerate() {
            let [wanted, given] =
                [way(&real), plan.clone()].map(|egress| ask.answered(&runtime, &egress));
            asked.set(asked.get() + 1);
            refused.set(refused.get() + u32::from(wanted.0 >= 400));
            assert_eq!(given, wanted, "request {} of {asks:#?}", number + 1);
        }
    });
    say(&format!(
        "{TENANTS} random tenants, {} requests answered by plans as by the tenant, {} of them refused, in {:.1?}",
        asked.get(),
        refused.get(),
        begun.elapsed(),
    ));
}

#[test]
fn a_body_that_does_not_say_that_it_is_json_is_refused_as_the_tenant_refuses_it() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let tenant = Simulator::new(Tenant::built_in().unwrap());
    let way = simulated::egress(&tenant, Caller::application(), Clock::simulated());
    let plan = Plan::new(&Uri::from_static(ROOT)).layer(way.clone());
    let body = json!({"accountEnabled": true, "displayName": "Zoe", "mailNickname": "zoe",
        "userPrincipalName": "zoe@contoso.com", "passwordProfile": {"password": "Any-passw0rd"}});
    for (kind, expected) in
        [("text/plain", 400), ("", 400), ("Application/JSON;charset=utf-8", 201)]
    {
        for egress in [plan.clone(), way.clone()] {
            let address = format!("{ROOT}/users");
            let sent = send_as(kind, egress, Method::POST, address, body.clone());
            assert_eq!(runtime.block_on(sent).0, expected, "{kind}");
        }
    }
}

impl Ask {
    /// The status of the answer, and what is compared of it.
    fn answered(&self, runtime: &Runtime, egress: &EgressStack) -> (u16, Value) {
        let send = |method: Method, address: String, body: Value| {
            runtime.block_on(send(egress.clone(), method, address, body))
        };
        match self {
            Self::Create { name, location, password } => {
                let nickname = name.split('@').next().unwrap();
                let body = json!({"accountEnabled": true, "displayName": name,
                    "mailNickname": nickname, "userPrincipalName": name,
                    "usageLocation": location, "passwordProfile": {"password": password}});
                written(send(Method::POST, format!("{ROOT}/users"), body))
            }
            Self::Delete(name) => written(send(Method::DELETE, user(name), Value::Null)),
            Self::Assign { name, add, remove } => {
                let add: Vec<Value> = add
                    .iter()
                    .map(|(sku, off)| {
                        json!({"skuId": sku_id(*sku), "disabledPlans": plans(*sku, *off)})
                    })
                    .collect();
                let remove: Vec<Value> = remove.iter().map(|sku| json!(sku_id(*sku))).collect();
                let body = json!({"addLicenses": add, "removeLicenses": remove});
                written(send(Method::POST, format!("{}/assignLicense", user(name)), body))
            }
            Self::User(name) => {
                let (status, answer) =
                    send(Method::GET, format!("{}?{SELECT}", user(name)), Value::Null);
                if status == 200 { (status, shown(answer)) } else { written((status, answer)) }
            }
            Self::Users { top } => {
                let mut next = Some(format!("{ROOT}/users?{SELECT}&$top={top}"));
                let mut users = Vec::new();
                while let Some(address) = next {
                    let (status, mut page) = send(Method::GET, address, Value::Null);
                    assert_eq!(status, 200, "{page}");
                    next = page["@odata.nextLink"].as_str().map(str::to_owned);
                    users.extend(page["value"].as_array_mut().unwrap().drain(..).map(shown));
                }
                users.sort_by_key(|user| user["userPrincipalName"].as_str().map(str::to_owned));
                (200, users.into())
            }
            Self::Skus => {
                let address = format!("{ROOT}/subscribedSkus?$select=skuId,consumedUnits");
                let (status, answer) = send(Method::GET, address, Value::Null);
                (status, answer["value"].clone())
            }
        }
    }
}

pub async fn send(
    egress: EgressStack,
    method: Method,
    address: String,
    body: Value,
) -> (u16, Value) {
    send_as("application/json", egress, method, address, body).await
}

/// The same with a body that claims to be of the media type `kind`.
async fn send_as(
    kind: &str,
    egress: EgressStack,
    method: Method,
    address: String,
    body: Value,
) -> (u16, Value) {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = http::Request::builder()
        .method(method)
        .uri(address)
        .header("content-type", kind)
        .body(body.into())
        .unwrap();
    let (head, body) = egress.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default())
}

fn user(name: &str) -> String {
    format!("{ROOT}/users/{}", name.replace('\'', "%27"))
}

/// Of the answer to a write, Graph's words; the rest is none of a plan's knowledge.
fn written((status, answer): (u16, Value)) -> (u16, Value) {
    let mut error = answer["error"].clone();
    if let Some(error) = error.as_object_mut() {
        error.remove("innerError");
    }
    (status, error)
}

/// What is compared of a user.
fn shown(mut user: Value) -> Value {
    let fields = user.as_object_mut().unwrap();
    fields.remove("id");
    fields.remove("@odata.context");
    if let Some(licenses) = fields.get_mut("assignedLicenses").and_then(Value::as_array_mut) {
        licenses.sort_by_key(|license| license["skuId"].to_string());
    }
    user
}
