//! The subset of HAR 1.2 that recordings use. A reader ignores all other members. The module
//! `foreign` reads the files of other programs and requires less. Source: "HTTP Archive 1.2
//! Specification", Jan Odvarko.

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
    /// The log.
    pub log: Log,
}

/// The exchanges, and the run that made them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Log {
    /// The version of HAR.
    #[serde(default = "version")]
    pub version: String,
    /// The program that wrote the file.
    #[serde(default)]
    pub creator: Creator,
    /// The exchanges in the order of their requests.
    pub entries: Vec<Entry>,
    /// The run; absent from the files of other programs.
    #[serde(rename = "_o365", skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

/// The program that wrote a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Creator {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Default for Creator {
    fn default() -> Self {
        Self { name: "o365".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// The recorded run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The action's name.
    pub action: String,
    /// The input, with secrets as references such as `{"$secret": "password"}`.
    pub input: Value,
    /// The result of the action, which may be `null`. Either this or `error` is set.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// The error of the action. Either this or `result` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// The connection, as `describe` returned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// The SHA-256 of the component, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The version of the runner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// The duration of the run by its own clock, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// The clock of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockKind>,
}

/// The clock of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// The system clock: durations include computing time.
    Real,
    /// A clock that advances only in waits: a repeated run takes the same time.
    Virtual,
}

/// One exchange.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When the request was sent, as ISO 8601.
    #[serde(default)]
    pub started_date_time: String,
    /// The duration of the exchange, in milliseconds.
    #[serde(default, serialize_with = "number")]
    pub time: f64,
    /// The request.
    pub request: Request,
    /// The response, or the reason why there is none.
    pub response: Response,
    /// The use of caches, which is unknown.
    #[serde(default)]
    pub cache: Cache,
    /// The parts of `time`.
    #[serde(default)]
    pub timings: Timings,
}

impl Entry {
    /// Updates the sizes of the bodies.
    pub fn measure(&mut self) {
        if let Some(body) = &self.request.post_data {
            self.request.body_size = Size::of(&body.text);
        }
        let content = &mut self.response.content;
        let size = Size::of(content.bytes().unwrap_or_default());
        (content.size, self.response.body_size) = (size.0, size);
    }
}

/// The use of caches: an empty object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cache {}

/// The parts of an exchange's duration, in milliseconds; -1 where unknown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timings {
    /// Sending the request.
    #[serde(serialize_with = "number")]
    pub send: f64,
    /// Waiting for the head of the response.
    #[serde(serialize_with = "number")]
    pub wait: f64,
    /// Reading the body of the response.
    #[serde(serialize_with = "number")]
    pub receive: f64,
}

/// The size of a part of a message in bytes; -1 where it is unknown.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Size(pub i64);

impl Size {
    /// Returns the length of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(i64::try_from(bytes.as_ref().len()).unwrap_or(i64::MAX))
    }
}

impl Default for Size {
    fn default() -> Self {
        Self(-1)
    }
}

/// A recorded request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
    /// The decoded query parameters.
    #[serde(default)]
    pub query_string: Vec<Header>,
    /// The size of the headers in bytes; -1, as nobody measured it.
    #[serde(default)]
    pub headers_size: Size,
    /// The size of the body in bytes, or -1.
    #[serde(default)]
    pub body_size: Size,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
}

/// A recorded request's body.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PostData {
    /// Its media type.
    #[serde(deserialize_with = "or_default")]
    pub mime_type: String,
    /// The body, with secrets as references.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
}

/// A header or a query parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A recorded response.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status; 0 without a response.
    pub status: u16,
    /// The reason phrase.
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
    #[serde(default)]
    pub headers_size: Size,
    /// The size of the body in bytes, or -1.
    #[serde(default)]
    pub body_size: Size,
    /// Why there is no response, or why the body is incomplete: a case of `wasi:http`'s
    /// `error-code`. Browsers write other texts here.
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The message of the error.
    #[serde(rename = "_errorWords", skip_serializing_if = "Option::is_none")]
    pub error_words: Option<String>,
}

/// A recorded response's body.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Content {
    /// The length in bytes.
    pub size: i64,
    /// Its media type.
    #[serde(deserialize_with = "or_default")]
    pub mime_type: String,
    /// The body, as text or encoded.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
    /// `base64` where the text is encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Reads `null`, which some programs write, as the default.
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

/// Returns milliseconds with a resolution of a microsecond.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Writes `120` in place of `120.0`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let number: Result<serde_json::Number, _> = value.to_string().parse();
    number.unwrap_or_else(|_| 0.into()).serialize(serializer)
}

/// Reads `null` as a value and not as an absent member.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
