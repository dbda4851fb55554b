//! The tenant behind a proxy: a simulator, and the token endpoint that `o365 run` asks.

use std::fmt::Write as _;

use bytes::Bytes;
use runner::simulator::{Caller, Simulator, Tenant, Time};
use serde_json::{Value, json};

use super::wire::Request;
use crate::cases::{CREATED, DELETED, SENDER};

/// The token of every connection.
pub const TOKEN: &str = "simulated-token";

/// An answer, before a fault is done to it.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(value: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status: 200, headers, body: value.to_string().into_bytes() }
    }

    /// The head, with these headers in addition.
    pub fn head(&self, more: &[(&str, &str)]) -> String {
        let mut head = format!("HTTP/1.1 {} Simulated\r\n", self.status);
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(more.iter().copied()) {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head + "\r\n"
    }
}

/// A tenant of its own for a case.
pub struct Directory(Simulator);

impl Directory {
    pub fn new() -> Self {
        let simulator = Simulator::new(Tenant::built_in().unwrap());
        assert!(simulator.look(|tenant| tenant.users.find(DELETED).is_some()));
        assert!(simulator.look(|tenant| tenant.users.find(SENDER).is_some()));
        Self(simulator)
    }

    pub fn answer(&self, request: &Request) -> Answer {
        if request.path().ends_with("/oauth2/v2.0/token") {
            let token =
                json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN });
            return Answer::json(&token);
        }
        let url = format!("https://graph.microsoft.com{}", request.target);
        let mut asked = http::Request::builder().method(request.method.as_str()).uri(url);
        for (name, value) in &request.headers {
            asked = asked.header(name, value);
        }
        let asked = asked.body(Bytes::from(request.body.clone())).unwrap();
        let response = self.0.respond(&asked, &Caller::application(), Time::now());
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        // The connection writes the length itself.
        let headers = headers.filter(|(name, _)| name != "content-length").collect();
        Answer { status: response.status().as_u16(), headers, body: response.into_body().to_vec() }
    }

    /// Whether the user to create is there.
    pub fn has_created(&self) -> bool {
        let name = format!("{CREATED}@{}", support::simulate::TENANT);
        self.0.look(|tenant| tenant.users.find(&name).is_some())
    }

    /// Whether the user to delete is gone.
    pub fn has_deleted(&self) -> bool {
        self.0.look(|tenant| tenant.users.find(DELETED).is_none())
    }

    pub fn mails(&self) -> usize {
        self.0.look(|tenant| tenant.mail.len())
    }
}
