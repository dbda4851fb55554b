//! Every recorded exchange, put to the simulator in the state that it assumes: what comes
//! back is what was recorded. So the two cannot drift apart.

use std::collections::{BTreeMap, BTreeSet};

use runner::recording::{Secrets, secrets};
use serde_json::{Map, Value};

use crate::assumed;
use crate::graph::{Graph, ROOT, Reply};
use support::{Fixture, fixtures};

/// Fixtures with exchanges that no tenant decides on: lost answers, throttling, gateways,
/// expired sign-ins and page tokens, and copies of the directory that lag behind. These
/// exchanges are passed over, and the others of the same fixtures are not.
const WITH_FAULTS: [&str; 24] = [
    "create-user/answer-of-create-lost",
    "create-user/answer-of-licence-lost",
    "create-user/gateway-timeout-of-create-and-other-user",
    "create-user/licence-failed-and-delete-sees-lag",
    "create-user/replication-before-licence",
    "create-user/sign-in-expired",
    "create-user/throttled-for-too-long",
    "create-user/throttled-with-fractional-retry-after",
    "create-user/throttled-without-retry-after",
    "delete-user/answer-lost",
    "send-azure-storage-creation-email/answer-lost",
    "send-created-user-email-notification/throttled-then-sent",
    "send-regenerated-keys-for-azure-storage-email/gateway-timeout",
    "send-status-virtual-machine-email/answer-lost",
    "send-status-virtual-machine-email/mailbox-over-its-daily-limit",
    "send-status-virtual-machine-email/throttled-for-too-long",
    "users-with-licenses-page/page-token-expired",
    "users-with-licenses-report/page-token-expired",
    "users-with-licenses-report/page-token-expired-twice",
    "users-without-licenses-page/page-token-expired",
    "users-without-licenses-report/page-token-expired",
    "users-without-licenses-report/page-token-expired-twice",
    "verify-connection/sign-in-refused",
    "verify-connection/throttled-for-too-long",
];

/// Fixtures that the simulator answers in another way, and why.
const OTHERWISE: [(&str, &str); 11] = [
    ("import-catalog/nulls", "Graph may leave any property null; the simulator fills all"),
    (
        "send-created-user-email-notification/recipient-refused",
        "Exchange refuses an address that is well-formed; the simulator takes those",
    ),
    (
        "create-user/address-of-another-object",
        "no other object than users has an address there, and a user's is found by its name",
    ),
    ("create-user/federated-domain", "no domain is federated there"),
    ("create-user/directory-full", "the directory has no quota there"),
    ("delete-user/page-of-a-proxy", "the answer is not Graph's"),
    (
        "send-status-virtual-machine-email/mailbox-over-its-limit",
        "the limits of a mailbox are Exchange's own",
    ),
    ("send-status-virtual-machine-email/mailbox-blocked", "a block is Exchange's own"),
    (
        "users-with-licenses-report/licences-not-shown",
        "an application has every permission there, and sees all that was asked for",
    ),
    ("verify-connection/federated-domain", "no domain is federated there"),
    (
        "send-status-virtual-machine-email/may-not-send-as",
        "a right to send is taken away in Exchange, and the mail names no other sender",
    ),
];

/// Errors that Microsoft uses for the same thing "interchangeably over time".
const SAME: [(&str, &str); 1] = [("ResourceNotFound", "MailboxNotEnabledForRESTAPI")];

fn name(fixture: &Fixture) -> String {
    format!("{}/{}", fixture.action, fixture.path.file_stem().unwrap().display())
}

#[test]
fn the_simulator_answers_as_every_fixture() {
    let mut wrong = Vec::new();
    let mut faulty = BTreeSet::new();
    let mut otherwise = BTreeSet::new();
    for fixture in fixtures() {
        let name = name(&fixture);
        if assumed::faults(&fixture).iter().any(|fault| *fault) {
            faulty.insert(name.clone());
        }
        if let Err(difference) = Walk::new(&fixture).run() {
            if OTHERWISE.iter().any(|(other, _)| *other == name) {
                otherwise.insert(name);
            } else {
                wrong.push(format!("{name}: {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed = WITH_FAULTS.iter().map(|name| (*name).to_owned());
    assert_eq!(faulty, listed.collect(), "the fixtures with faults");
    let listed = OTHERWISE.iter().map(|(name, _)| (*name).to_owned());
    assert_eq!(otherwise, listed.collect(), "the fixtures that are answered otherwise");
}

/// One fixture on its way through a simulator.
struct Walk<'a> {
    fixture: &'a Fixture,
    graph: Graph,
    /// The fixture's ids of users, and the simulator's.
    ids: BTreeMap<String, String>,
    /// Whether a licence was assigned on the way.
    licensed: bool,
    secrets: Secrets,
}

impl<'a> Walk<'a> {
    fn new(fixture: &'a Fixture) -> Self {
        let weak = fixture.entries.iter().any(|entry| {
            assumed::body(entry)["error"]["message"]
                .as_str()
                .is_some_and(|m| m.contains("complexity"))
        });
        // Whatever else is in the input is no reference, and so is looked up by nobody.
        let secrets = fixture
            .input()
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
            .map(|(name, value)| (name, if weak { "aaaaaaaa".to_owned() } else { value }))
            .collect();
        Self {
            fixture,
            graph: assumed::graph(fixture),
            ids: BTreeMap::new(),
            licensed: false,
            secrets,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        let faults = assumed::faults(self.fixture);
        let mut listed = false;
        for (entry, fault) in self.fixture.entries.iter().zip(faults) {
            let url = entry["request"]["url"].as_str().unwrap();
            if url.starts_with(&format!("{ROOT}/users?")) {
                // All pages count as one: where Graph divides them is its own affair.
                if !fault && !std::mem::replace(&mut listed, true) {
                    self.list(entry)?;
                }
                continue;
            }
            if !fault {
                self.exchange(entry)?;
            }
        }
        Ok(())
    }

    fn exchange(&mut self, entry: &Value) -> Result<(), String> {
        assumed::before(&self.graph, entry);
        let request = &entry["request"];
        let method = request["method"].as_str().unwrap();
        let mut url = request["url"].as_str().unwrap().to_owned();
        for (from, to) in &self.ids {
            url = url.replace(from, to);
        }
        let reply = self.graph.send(method, &url, &[], &self.request_body(request));
        let recorded = assumed::body(entry);
        let status = entry["response"]["status"].as_u64().unwrap();
        if u64::from(reply.status) != status {
            return Err(format!(
                "{method} {url}: {} and not {status}: {}",
                reply.status, reply.body
            ));
        }
        self.licensed |= url.ends_with("/assignLicense") && reply.status == 200;
        if let (201, Some(from), Some(to)) =
            (reply.status, recorded["id"].as_str(), reply.body["id"].as_str())
        {
            self.ids.insert(from.to_owned(), to.to_owned());
        }
        self.same(&recorded, &reply, "").map_err(|what| format!("{method} {url}: {what}"))
    }

    fn list(&mut self, entry: &Value) -> Result<(), String> {
        let url = entry["request"]["url"].as_str().unwrap();
        let mut next = Some(url.split("&$skiptoken=").next().unwrap().to_owned());
        let mut given = Vec::new();
        while let Some(url) = next.take() {
            let reply = self.graph.get(&url);
            if reply.status != 200 {
                let recorded = assumed::body(entry);
                return self.same(&recorded, &reply, "");
            }
            given.extend(reply.body["value"].as_array().unwrap().clone());
            next = reply.body["@odata.nextLink"].as_str().map(ToOwned::to_owned);
        }
        for user in assumed::listed(self.fixture) {
            let own = given.iter().find(|own| own["id"] == user["id"]);
            let own = own.ok_or_else(|| format!("the user {} is not listed", user["id"]))?;
            self.same_value(&user, own, "")?;
        }
        Ok(())
    }

    fn request_body(&self, request: &Value) -> String {
        let text = request["postData"]["text"].as_str().unwrap_or_default();
        match serde_json::from_str::<Value>(text) {
            Ok(mut body) => {
                self.fill(&mut body);
                body.to_string()
            }
            Err(_) => text.to_owned(),
        }
    }

    /// Puts secrets where the recording refers to them.
    fn fill(&self, value: &mut Value) {
        if let Some(reference) = secrets::reference(value) {
            *value = reference.resolve(&self.secrets).unwrap().into_owned().into();
            return;
        }
        match value {
            Value::Object(object) => object.values_mut().for_each(|value| self.fill(value)),
            Value::Array(items) => items.iter_mut().for_each(|value| self.fill(value)),
            _ => {}
        }
    }

    fn same(&self, recorded: &Value, reply: &Reply, at: &str) -> Result<(), String> {
        let Some(error) = recorded.get("error") else {
            return self.same_value(recorded, &reply.body, at);
        };
        let code = error["code"].as_str().unwrap();
        let (_, own, _) = reply.refusal();
        if SAME.contains(&(code, own)) {
            return Ok(());
        }
        for member in ["code", "message", "details"] {
            self.same_value(&error[member], &reply.body["error"][member], member)?;
        }
        Ok(())
    }

    /// Compares by value, save for ids that the simulator made up and for times.
    fn same_value(&self, recorded: &Value, given: &Value, at: &str) -> Result<(), String> {
        let differs = || Err(format!("{at} is {given}, and was recorded as {recorded}"));
        match (recorded, given) {
            (Value::Null, Value::String(empty)) if empty.is_empty() => Ok(()),
            (Value::Object(recorded), Value::Object(given)) => {
                let keys =
                    |of: &Map<String, Value>| -> BTreeSet<String> { of.keys().cloned().collect() };
                if keys(recorded) != keys(given) {
                    return Err(format!(
                        "{at} has {:?}, and {:?} recorded",
                        keys(given),
                        keys(recorded)
                    ));
                }
                recorded.iter().try_for_each(|(key, value)| {
                    let at = format!("{at}/{key}");
                    match key.as_str() {
                        // Which plans a new licence has set up yet is up to the services.
                        "assignedPlans" | "provisionedPlans" if self.licensed => {
                            assumed::same_shape(value, &given[key], &at)
                        }
                        _ => self.same_value(value, &given[key], &at),
                    }
                })
            }
            (Value::Array(recorded), Value::Array(given)) if recorded.len() == given.len() => {
                recorded.iter().zip(given).enumerate().try_for_each(|(index, (recorded, given))| {
                    self.same_value(recorded, given, &format!("{at}/{index}"))
                })
            }
            (Value::String(recorded), Value::String(given)) => {
                let mut expected = recorded.clone();
                for (from, to) in &self.ids {
                    expected = expected.replace(from, to);
                }
                let is_time =
                    |text: &str| text.ends_with('Z') && text.contains("T") && text.len() == 20;
                if expected == *given || (is_time(recorded) && is_time(given)) {
                    Ok(())
                } else {
                    differs()
                }
            }
            _ if recorded == given => Ok(()),
            _ => differs(),
        }
    }
}
