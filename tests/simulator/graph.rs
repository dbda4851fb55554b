//! Requests to a simulator; every answer is checked against Graph's schemas.

use bytes::Bytes;
use http::HeaderMap;
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::Value;

use crate::schemas;

/// Graph's version root.
pub const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// `SPE_E5`, of which the built-in tenant has free seats.
pub const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// A simulated Graph and who asks it.
pub struct Graph {
    pub simulator: Simulator,
    pub caller: Caller,
    /// Seconds that have passed.
    pub seconds: u64,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Graph {
    /// Of the built-in tenant, asked by an application that may do everything.
    pub fn new() -> Self {
        Self::of(Tenant::built_in().unwrap())
    }

    pub fn of(tenant: Tenant) -> Self {
        Self { simulator: Simulator::new(tenant), caller: Caller::application(), seconds: 0 }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    /// A `GET` as advanced queries need it.
    pub fn get_eventually(&self, path: &str) -> Reply {
        self.send("GET", path, &[("ConsistencyLevel", "eventual")], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[], &body.to_string())
    }

    /// Sends a request to `path` below the version root, or to a whole address.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let url =
            if path.starts_with("https:") { path.to_owned() } else { format!("{ROOT}{path}") };
        // As clients do with what an address cannot have.
        let url = url.replace(' ', "%20").replace('"', "%22");
        let mut request = http::Request::builder().method(method).uri(url);
        let has_kind = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !body.is_empty() && !has_kind {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        let start = self.simulator.look(|tenant| tenant.time);
        let at = start.after(std::time::Duration::from_secs(self.seconds));
        let response = self.simulator.respond(&request, &self.caller, at);
        let (head, body) = response.into_parts();
        let reply = Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap_or_else(|_| {
                String::from_utf8(body.to_vec()).map_or(Value::Null, Value::from)
            }),
        };
        if let Err(problem) = schemas::check(method, request.uri().path(), &reply) {
            panic!("{method} {path}: {problem}\n{:#}", reply.body);
        }
        reply
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status, code and text of a refusal.
    pub fn refusal(&self) -> (u16, &str, &str) {
        let text = |name: &str| self.body["error"][name].as_str().unwrap_or_default();
        (self.status, text("code"), text("message"))
    }

    /// One property of every item of a collection.
    pub fn each(&self, property: &str) -> Vec<&str> {
        let items = self.body["value"].as_array().unwrap_or_else(|| panic!("{:#}", self.body));
        items.iter().map(|item| item[property].as_str().unwrap()).collect()
    }
}
