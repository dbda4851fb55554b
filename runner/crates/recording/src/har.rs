//! HAR 1.2: what a reader must find in a recording, and what a replay needs of one. Everything
//! else is ignored. What other programs write is read by `foreign`, which asks for less.
//! Source: "HTTP Archive 1.2 Specification", Jan Odvarko.

mod read;
pub mod text;

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use contract::Connection;

pub use read::{ContentError, HarError, MAX_TEXT};

/// A HAR file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Har {
    /// Its only member.
    pub log: Log,
}

/// The log: the exchanges, and the run that made them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Log {
    /// The version of the format.
    #[serde(default = "version")]
    pub version: String,
    /// The program that wrote the file.
    #[serde(default)]
    pub creator: Creator,
    /// The exchanges in the order of their requests.
    pub entries: Vec<Entry>,
    /// The run, which a file of another program lacks.
    #[serde(rename = "_o365", default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

/// The program that wrote a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Creator {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
}

impl Default for Creator {
    /// This one.
    fn default() -> Self {
        Self { name: "o365".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// The run that a recording was made of.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The action's name.
    pub action: String,
    /// The input, its secrets as references such as `{"$secret": "password"}`.
    pub input: Value,
    /// What the action returned, `null` where that is nothing; this or `error`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What the action failed with; this or `result`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// What `describe` answered, for an action that uses a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// The component that ran: its SHA-256, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The version of the runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// How long the run took by its own clock, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// Which clock that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockKind>,
}

/// The clock of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// One that runs as clocks do: it counts what the machine took as well.
    Real,
    /// One that stands still while anything goes on: the same run takes the same time.
    Virtual,
}

/// One exchange.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When the request was sent, as ISO 8601.
    #[serde(default)]
    pub started_date_time: String,
    /// How long the exchange took, in milliseconds.
    #[serde(default, serialize_with = "number")]
    pub time: f64,
    /// The request.
    pub request: Request,
    /// The answer, or that there was none.
    pub response: Response,
    /// Nothing is known of caches.
    #[serde(default)]
    pub cache: Cache,
    /// How `time` was spent.
    #[serde(default)]
    pub timings: Timings,
}

/// What HAR has to say of caches: nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cache {}

/// How the time of an exchange was spent, in milliseconds; -1 where that is not known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Timings {
    /// Sending the request.
    #[serde(default, serialize_with = "number")]
    pub send: f64,
    /// Waiting for the head of the answer.
    #[serde(default, serialize_with = "number")]
    pub wait: f64,
    /// Reading its body.
    #[serde(default, serialize_with = "number")]
    pub receive: f64,
}

/// A recorded request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The protocol, such as `HTTP/2`.
    #[serde(default, deserialize_with = "or_default")]
    pub http_version: String,
    /// The cookies: none, whatever a file says.
    #[serde(default, skip_deserializing)]
    pub cookies: [Header; 0],
    /// The headers.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The parameters of the address, decoded.
    #[serde(default)]
    pub query_string: Vec<Header>,
    /// The size of the headers in bytes; -1, as nobody measured it.
    #[serde(default = "unknown")]
    pub headers_size: i64,
    /// The size of the body in bytes, or -1.
    #[serde(default = "unknown")]
    pub body_size: i64,
    /// The body, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: String::new(),
            url: String::new(),
            http_version: String::new(),
            cookies: [],
            headers: Vec::new(),
            query_string: Vec::new(),
            headers_size: unknown(),
            body_size: unknown(),
            post_data: None,
        }
    }
}

/// A recorded request's body.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostData {
    /// Its media type.
    #[serde(default, deserialize_with = "or_default")]
    pub mime_type: String,
    /// The body, its secrets as references.
    #[serde(default, deserialize_with = "or_default")]
    pub text: String,
}

/// A header, or a parameter of an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A recorded answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status; 0 when there was no answer.
    pub status: u16,
    /// What the status means.
    #[serde(default, deserialize_with = "or_default")]
    pub status_text: String,
    /// The protocol, such as `HTTP/2`.
    #[serde(default, deserialize_with = "or_default")]
    pub http_version: String,
    /// The cookies: none, whatever a file says.
    #[serde(default, skip_deserializing)]
    pub cookies: [Header; 0],
    /// The headers.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The body.
    #[serde(default)]
    pub content: Content,
    /// The header `location`.
    #[serde(default, rename = "redirectURL", deserialize_with = "or_default")]
    pub redirect_url: String,
    /// The size of the headers in bytes; -1, as nobody measured it.
    #[serde(default = "unknown")]
    pub headers_size: i64,
    /// The size of the body in bytes, or -1.
    #[serde(default = "unknown")]
    pub body_size: i64,
    /// Why there was no answer, or why its body broke off behind what is there: a case of
    /// `wasi:http`'s `error-code`. Browsers use the same field for words of their own.
    #[serde(rename = "_error", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the host said beside it.
    #[serde(rename = "_errorWords", default, skip_serializing_if = "Option::is_none")]
    pub error_words: Option<String>,
}

impl Default for Response {
    /// No answer.
    fn default() -> Self {
        Self {
            status: 0,
            status_text: String::new(),
            http_version: String::new(),
            cookies: [],
            headers: Vec::new(),
            content: Content::default(),
            redirect_url: String::new(),
            headers_size: unknown(),
            body_size: unknown(),
            error: None,
            error_words: None,
        }
    }
}

/// A recorded answer's body.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// How long it is, in bytes.
    #[serde(default)]
    pub size: i64,
    /// Its media type.
    #[serde(default, deserialize_with = "or_default")]
    pub mime_type: String,
    /// The body, as text or encoded.
    #[serde(default, deserialize_with = "or_default")]
    pub text: String,
    /// `base64` when the text is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Some programs write `null` for what they do not know.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn version() -> String {
    "1.2".to_owned()
}

fn unknown() -> i64 {
    -1
}

/// Milliseconds as HAR has them, to the microsecond.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// A number without a fraction that is none: `120`, not `120.0`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let number: Result<serde_json::Number, _> = value.to_string().parse();
    number.unwrap_or_else(|_| 0.into()).serialize(serializer)
}

/// A value that is there, be it `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
