//! Makes the recording of a run that has ended.

use aho_corasick::BuildError;
use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

use super::exchange::{self, Exchanges};
use super::har::{Content, Creator, Entry, Har, Log, PostData, Request, Response, Run};
use super::own_words::OwnWords;
use super::placeholders;
use super::redaction::{Redaction, SHORTEST, Writer};
use super::scan::{FoundSecret, OtherSecret, Scan};
use super::secrets::{self, Secrets};
use contract::Connection;

/// A run that has ended.
pub struct Finished<'a> {
    /// The action's name.
    pub action: &'a str,
    /// The input, with its secrets.
    pub input: &'a Map<String, Value>,
    /// The result, or the error of the action or of its end.
    pub outcome: Result<&'a Value, &'a Value>,
    /// The granted connection.
    pub connection: Option<&'a Connection>,
    /// The SHA-256 of the component.
    pub component: &'a str,
    /// The sentences of the component, which stay.
    pub own_words: &'a OwnWords,
    /// The secret inputs.
    pub secrets: &'a Secrets,
    /// Other secrets, such as those of the connection.
    pub others: &'a [OtherSecret],
    /// The exchanges with Graph.
    pub exchanges: &'a Exchanges,
}

/// Why a run has no recording.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The exchanges exceed the size of a recording.
    #[error("the run exchanged more than the 256 MiB that a recording holds")]
    TooLarge,
    /// A secret input is so short that it occurs by chance.
    #[error(
        "the secret input {0} has fewer than {SHORTEST} characters, so it cannot be kept out of a recording"
    )]
    Short(String),
    /// The recording would hold a secret.
    #[error("{} would stand in the recording at {}, so it was not written", .0.name, .0.pointer)]
    Secret(FoundSecret),
    /// The secrets are too many to search for.
    #[error("the recording cannot be searched for secrets: {0}")]
    Scan(#[from] BuildError),
    /// The recording cannot be serialized.
    #[error("the recording cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Finished<'_> {
    /// Returns the recording, with references in place of secrets.
    pub fn har(&self) -> Har {
        let redaction = Redaction::new(self.secrets).beside(self.own_words.clone());
        let Exchanges { list, begun, elapsed, clock, .. } = self.exchanges;
        let entries =
            list.iter().map(|exchange| clean(&redaction, exchange.entry(*begun, *elapsed)));
        let said = |value: &Value| {
            let mut value = value.clone();
            redaction.clean_value(&mut value, Writer::Outcome);
            value
        };
        let run = Run {
            action: self.action.to_owned(),
            input: self.input(&redaction),
            result: self.outcome.ok().map(said),
            error: self.outcome.err().map(said),
            connection: self.connection.cloned(),
            component: Some(self.component.to_owned()),
            runner: Some(env!("CARGO_PKG_VERSION").to_owned()),
            elapsed_ms: Some(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
            clock: Some(*clock),
        };
        let log = Log {
            version: "1.2".to_owned(),
            creator: Creator::default(),
            entries: entries.collect(),
            run: Some(run),
        };
        Har { log }
    }

    /// Returns the content of the file. Fails when the recording is incomplete or holds a secret.
    pub fn bytes(&self, har: &Har) -> Result<Vec<u8>, RecordError> {
        if self.exchanges.too_large {
            return Err(RecordError::TooLarge);
        }
        if let Some(name) = short(self.secrets) {
            return Err(RecordError::Short(name.to_owned()));
        }
        let mut bytes = serde_json::to_vec_pretty(har)?;
        bytes.push(b'\n');
        let scan = Scan::new(self.secrets, self.others)?;
        // The scan reads the bytes that are written.
        match scan.find(&serde_json::from_slice(&bytes)?) {
            Some(found) => Err(RecordError::Secret(found)),
            None => Ok(bytes),
        }
    }

    fn input(&self, redaction: &Redaction) -> Value {
        let refused = self.refusal();
        let mut input = self.input.clone();
        for (_, value) in input.iter_mut() {
            let text = value.as_str().unwrap_or_default();
            match placeholders::reference(text, self.secrets, refused.as_deref()) {
                Some(reference) => *value = reference,
                None => {
                    redaction.apply_to_json(value);
                }
            }
        }
        Value::Object(input)
    }

    /// Returns the error of an action that refused its input before it sent anything.
    fn refusal(&self) -> Option<String> {
        let error = self.outcome.err()?;
        let refused = self.exchanges.list.is_empty() && error.get("kind")? == "invalid-input";
        refused.then(|| error.to_string())
    }
}

/// Returns the first secret that is too short to be searched for.
pub fn short(secrets: &Secrets) -> Option<&str> {
    let is_short = |secret: &str| !secret.is_empty() && secret.len() < SHORTEST;
    secrets.iter().find(|(_, secret)| is_short(secret)).map(|(name, _)| name.as_str())
}

/// Removes the secrets of an entry.
pub fn clean(redaction: &Redaction, mut entry: Entry) -> Entry {
    clean_request(redaction, &mut entry.request);
    clean_response(redaction, &mut entry.response);
    entry.measure();
    entry
}

fn clean_request(redaction: &Redaction, request: &mut Request) {
    redaction.clean_text(&mut request.url, Writer::Guest);
    request.query_string = exchange::query(&request.url);
    for header in &mut request.headers {
        redaction.clean_text(&mut header.value, Writer::Guest);
    }
    if let Some(PostData { text, .. }) = &mut request.post_data {
        match serde_json::from_str::<Value>(text) {
            Ok(before) => {
                let mut after = before.clone();
                redaction.clean_value(&mut after, Writer::Guest);
                if after != before {
                    secrets::promote(&mut after);
                    *text = after.to_string();
                }
            }
            Err(_) => redaction.clean_text(text, Writer::Guest),
        }
    }
}

fn clean_response(redaction: &Redaction, response: &mut Response) {
    for header in &mut response.headers {
        redaction.clean_text(&mut header.value, Writer::Server);
    }
    redaction.clean_text(&mut response.redirect_url, Writer::Server);
    redaction.clean_text(&mut response.status_text, Writer::Server);
    if let Some(words) = &mut response.error_words {
        redaction.clean_text(words, Writer::Server);
    }
    let content = &mut response.content;
    if content.encoding.is_none() {
        redaction.clean_text(&mut content.text, Writer::Server);
    } else if let Some(name) =
        content.bytes().ok().and_then(|bytes| redaction.found_in_bytes(&bytes))
    {
        // A reference needs text.
        let text = format!("(a body that held the secret {name})");
        *content = Content { text, mime_type: content.mime_type.clone(), ..Content::default() };
    }
}

/// The start of every run on a virtual clock, so that its recordings are equal.
pub const VIRTUAL_EPOCH: Timestamp = Timestamp::constant(1_767_225_600, 0);
