//! The entries of keys.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::digest::Digest;
use super::super::{StoreError, StoredResponse, in_base64};
use crate::store::Key;

/// The version of the entries.
const VERSION: u32 = 1;

/// The entry of a key, as JSON.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    version: u32,
    /// The digests of the request.
    pub digest: Digest,
    /// The run of the response.
    pub run: Uuid,
    /// The process of the run; `None` once it has given the key up.
    pub process: Option<String>,
    /// The response, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response>,
}

/// A response, of which perhaps only the status is kept.
#[derive(Clone, Serialize, Deserialize)]
struct Response {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Content {
    headers: Vec<Header>,
    #[serde(with = "in_base64")]
    body: Bytes,
}

#[derive(Clone, Serialize, Deserialize)]
struct Header {
    name: String,
    #[serde(with = "in_base64")]
    value: Vec<u8>,
}

/// How far the run of a key is.
pub enum Progress {
    /// It has this response.
    Done(StoredResponse),
    /// It has a response with this status, which is not kept.
    NotKept(StatusCode),
    /// This process runs it.
    Running(String),
    /// Its process has given the key up.
    GivenUp,
}

impl Entry {
    /// Creates the entry of a run.
    pub fn new(digest: Digest, run: Uuid, process: &str) -> Self {
        Self { version: VERSION, digest, run, process: Some(process.to_owned()), response: None }
    }

    /// Returns the entry with another process, or none.
    pub fn of_process(&self, process: Option<&str>) -> Self {
        Self { process: process.map(ToOwned::to_owned), ..self.clone() }
    }

    /// Returns the entry with a response, whose content is `kept` or not.
    pub fn with_response(&self, response: &StoredResponse, kept: bool) -> Self {
        let content = kept.then(|| Content {
            headers: response.headers.iter().map(Header::of).collect(),
            body: response.body.clone(),
        });
        let response = Response { status: response.status.as_u16(), content };
        Self { response: Some(response), ..self.clone() }
    }

    /// Returns whether the run has a response.
    pub fn has_response(&self) -> bool {
        self.response.is_some()
    }

    /// Returns how far the run is.
    pub fn progress(self, key: &Key) -> Result<Progress, StoreError> {
        let Some(Response { status, content }) = self.response else {
            return Ok(self.process.map_or(Progress::GivenUp, Progress::Running));
        };
        let status = StatusCode::from_u16(status).map_err(|error| damaged(key, &error))?;
        let Some(Content { headers, body }) = content else {
            return Ok(Progress::NotKept(status));
        };
        let mut map = HeaderMap::with_capacity(headers.len());
        for Header { name, value } in headers {
            let name = HeaderName::try_from(name).map_err(|error| damaged(key, &error))?;
            let value = HeaderValue::try_from(value).map_err(|error| damaged(key, &error))?;
            map.append(name, value);
        }
        Ok(Progress::Done(StoredResponse { status, headers: map, body }))
    }

    /// Reads the value of an entry.
    pub fn read(key: &Key, value: &[u8]) -> Result<Self, StoreError> {
        let entry: Self = serde_json::from_slice(value).map_err(|error| damaged(key, &error))?;
        if entry.version == VERSION {
            return Ok(entry);
        }
        let reason = format!("it has version {}, not {VERSION}", entry.version);
        Err(damaged(key, &reason))
    }

    /// Returns the value.
    pub fn value(&self, key: &Key) -> Result<Bytes, StoreError> {
        serde_json::to_vec(self).map(Bytes::from).map_err(|error| damaged(key, &error))
    }
}

impl Header {
    fn of((name, value): (&HeaderName, &HeaderValue)) -> Self {
        Self { name: name.as_str().to_owned(), value: value.as_bytes().to_vec() }
    }
}

/// Returns the error of an invalid entry.
pub fn damaged(key: &Key, reason: &dyn ToString) -> StoreError {
    StoreError::Entry { key: key.as_str().to_owned(), reason: reason.to_string() }
}
