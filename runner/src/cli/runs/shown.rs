//! What is printed of a run that has not ended.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::contract::Policy;
use crate::journal::Unfinished;
use crate::recording::redaction::{Redaction, Writer};
use crate::run::host;

/// A run in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub run: Uuid,
    pub tenant: String,
    pub action: String,
    pub connection: String,
    pub started_at: Timestamp,
    /// The requests to Graph so far.
    pub requests: usize,
    /// Those of them that change something.
    pub writes: usize,
    /// Why it cannot go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// A run with its input and its requests.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Detailed {
    #[serde(flatten)]
    row: Row,
    component: String,
    input: Map<String, Value>,
    exchanges: Vec<Exchange>,
}

/// A request and its response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub sent_at: Timestamp,
    /// The HTTP status; `None` without a response.
    pub status: Option<u16>,
    /// Why there is no response, as `wasi:http` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Row {
    pub fn of(unfinished: &Unfinished) -> Self {
        let Unfinished { begun, past, damage, .. } = unfinished;
        Self {
            run: begun.run,
            tenant: begun.tenant.clone(),
            action: begun.action.clone(),
            connection: begun.connection_id.clone(),
            started_at: begun.started_at,
            requests: past.len(),
            writes: past.iter().filter(|exchange| exchange.request.write.is_some()).count(),
            damage: damage.clone(),
        }
    }
}

impl Detailed {
    /// Returns a run without the secrets of its input, which references replace.
    pub fn of(unfinished: &Unfinished, policy: &Policy) -> Self {
        let begun = &unfinished.begun;
        let mut input = begun.input.clone();
        let policy = policy.action(&begun.action);
        let secrets = policy.map(|policy| host::secrets(policy, &input)).unwrap_or_default();
        let redaction = Redaction::new(&secrets);
        if let Some(policy) = policy {
            policy.take_secrets(&mut input);
        }
        let exchange = |past: &crate::journal::PastExchange| {
            let mut url = past.request.message.url.clone();
            redaction.clean_text(&mut url, Writer::Guest);
            let response = past.response.as_ref();
            Exchange {
                method: past.request.message.method.clone(),
                url,
                sent_at: past.request.sent_at,
                status: response.and_then(|response| Some(response.message.as_ref()?.status)),
                error: response.and_then(|response| Some(response.error.as_ref()?.name.clone())),
            }
        };
        Self {
            row: Row::of(unfinished),
            component: begun.component.clone(),
            exchanges: unfinished.past.iter().map(exchange).collect(),
            input,
        }
    }

    /// Returns the requests.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }
}
