//! The records of a journal.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::contract::Connection;
use crate::limits::Limits;
use crate::recording::Request;
use crate::recording::exchange::TransferError;

/// A record of a run's journal. In JSON, `type` names the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Record {
    /// The run has begun.
    Begun(Box<Begun>),
    /// A request is about to be sent.
    Request(RequestRecord),
    /// The response to a request, or why there is none.
    Response(ResponseRecord),
    /// The run waits for its next request.
    Waited {
        /// The time, by the clock of the run.
        at: Nanoseconds,
    },
    /// The run has ended, and whoever waits for its outcome has it.
    Ended,
}

/// What a run needs to begin again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// The run.
    pub run: Uuid,
    /// The tenant.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The id of the connection.
    pub connection_id: String,
    /// The connection as the guest sees it.
    pub connection: Connection,
    /// The input, with its secrets.
    pub input: Map<String, Value>,
    /// The SHA-256 of the component, in hex.
    pub component: String,
    /// The time limit of the run, in milliseconds.
    pub time_limit_ms: u64,
    /// When the run began.
    pub started_at: Timestamp,
    /// Whether nobody waits for the run: it goes on after a crash even if it has sent nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unattended: bool,
    /// The SHA-256 of the caller's idempotency key, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

impl Begun {
    /// Returns what a run of this action needs that begins now: one of this process's own, without
    /// a tenant.
    pub fn now(
        run: Uuid,
        action: &str,
        limits: Limits,
        (connection_id, connection): (String, Connection),
        input: Map<String, Value>,
        component: &str,
    ) -> Self {
        Self {
            run,
            tenant: String::new(),
            action: action.to_owned(),
            connection_id,
            connection,
            input,
            component: component.to_owned(),
            time_limit_ms: u64::try_from(limits.time.as_millis()).unwrap_or(u64::MAX),
            started_at: Timestamp::now(),
            unattended: false,
            idempotency_key: None,
        }
    }
}

/// A request of the guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// The position of the request in the run, from 0.
    pub index: usize,
    /// The number of the write, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<u32>,
    /// The request.
    #[serde(flatten)]
    pub message: RequestMessage,
    /// When it was sent, by the clock of the run.
    pub at: Nanoseconds,
    /// What the guest has read from its clock since the request before; `None` if that was too
    /// much to note.
    pub readings: Option<Vec<Nanoseconds>>,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// The method, URL, headers and body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestMessage {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub body: Body,
}

/// The response to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseRecord {
    /// The position of the request.
    pub index: usize,
    /// When the response was complete, by the clock of the run.
    pub at: Nanoseconds,
    /// The head and the body, as far as they arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<ResponseMessage>,
    /// Why there is no response, or why it broke off: a case of `wasi:http`'s `error-code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failed>,
    /// Whether the request reached Graph.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub sent: bool,
}

/// The status, headers and body of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseMessage {
    /// The status.
    pub status: u16,
    /// Whether it came over HTTP/2.
    #[serde(default, skip_serializing_if = "is_false")]
    pub http2: bool,
    /// The headers.
    pub headers: Headers,
    /// The body.
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub body: Body,
}

/// Why a response is missing or incomplete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The case of `error-code`.
    pub name: String,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

impl From<TransferError> for Failed {
    fn from(TransferError { name, words }: TransferError) -> Self {
        Self { name: name.to_owned(), words }
    }
}

/// A time by the clock of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Nanoseconds(u64);

impl From<Duration> for Nanoseconds {
    fn from(time: Duration) -> Self {
        Self(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanoseconds> for Duration {
    fn from(Nanoseconds(time): Nanoseconds) -> Self {
        Self::from_nanos(time)
    }
}

/// The headers of a message, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub HeaderMap);

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |value: &HeaderValue| -> String {
            value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
        };
        serializer.collect_seq(self.0.iter().map(|(name, value)| (name.as_str(), text(value))))
    }
}

impl<'de> Deserialize<'de> for Headers {
    /// The bytes of a value are the characters up to U+00FF, as ISO 8859-1 has them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        let mut headers = HeaderMap::new();
        for (name, value) in Vec::<(String, String)>::deserialize(deserializer)? {
            let bytes: Result<Vec<u8>, _> = value.chars().map(u8::try_from).collect();
            let bytes = bytes.map_err(Error::custom)?;
            let name = HeaderName::try_from(name).map_err(Error::custom)?;
            headers.append(name, HeaderValue::from_bytes(&bytes).map_err(Error::custom)?);
        }
        Ok(Self(headers))
    }
}

/// The body of a message: its text, or base64 where it is not UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(pub Bytes);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Encoded {
    Text(String),
    Base64(String),
}

impl Body {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Encoded::Text(text.to_owned()),
            Err(_) => Encoded::Base64(STANDARD.encode(&self.0)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        Ok(Self(match Encoded::deserialize(deserializer)? {
            Encoded::Text(text) => text.into(),
            Encoded::Base64(text) => STANDARD.decode(text).map_err(Error::custom)?.into(),
        }))
    }
}

impl RequestMessage {
    /// Returns the message of a request.
    pub fn of(request: &Request) -> Self {
        Self {
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: Headers(request.headers().clone()),
            body: Body(request.body().clone()),
        }
    }

    /// Returns the method and the URL.
    pub fn target(&self) -> Option<(Method, Uri)> {
        Some((self.method.parse().ok()?, self.url.parse().ok()?))
    }
}

impl ResponseMessage {
    /// Returns the message of a response with this body.
    pub fn of(head: &http::response::Parts, body: Bytes) -> Self {
        Self {
            status: head.status.as_u16(),
            http2: head.version == Version::HTTP_2,
            headers: Headers(head.headers.clone()),
            body: Body(body),
        }
    }

    /// Returns the status.
    pub fn status(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.status).ok()
    }

    /// Returns the protocol.
    pub fn version(&self) -> Version {
        if self.http2 { Version::HTTP_2 } else { Version::HTTP_11 }
    }
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn is_false(value: &bool) -> bool {
    !value
}
