//! The entry of a run in the store.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::audit::DONE;
use crate::journal::Begun;
use crate::platform::{Accepted, RunHandle};
use crate::report::Kind;
use crate::serve::idempotency::StoredResponse;
use crate::store::Revision;

/// What is known of a run that nobody waits for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::serve) struct RunEntry {
    pub run: Uuid,
    pub tenant: String,
    pub action: String,
    pub accepted_at: Timestamp,
    /// Who writes the entry: one that holds the run, and no earlier one that only slept.
    pub holder: Uuid,
    /// The revision of the entry as the holder knows it.
    #[serde(skip)]
    pub revision: Option<Revision>,
    /// Whether the run has its permits.
    pub is_running: bool,
    /// Whether the run is to be cancelled, as far as this process knows.
    #[serde(skip)]
    pub is_cancelled: bool,
    /// The number of requests to Graph so far.
    pub graph_requests: u32,
    /// How the run ended; `None` while it waits or runs.
    pub ended: Option<RunEnd>,
}

/// How a run ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::serve) struct RunEnd {
    pub at: Timestamp,
    /// The kind of the error; `done` for a result.
    pub outcome: String,
    /// The status of the response.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The size of the response, in bytes.
    pub bytes: u64,
    /// The number of entries with its body; `None` if it is not kept.
    pub pieces: Option<usize>,
}

impl RunEntry {
    /// Returns the entry of a run that was accepted.
    pub fn of_accepted(accepted: &Accepted, tenant: &str, action: &str) -> Self {
        Self::new(accepted.run(), tenant, action, accepted.at())
    }

    /// Returns the entry of a run as its journal has it.
    pub fn of_begun(begun: &Begun) -> Self {
        Self::new(begun.run, &begun.tenant, &begun.action, begun.started_at)
    }

    /// Makes the caller the holder.
    pub fn held_anew(self) -> Self {
        Self { holder: Uuid::new_v4(), ..self }
    }

    fn new(run: Uuid, tenant: &str, action: &str, accepted_at: Timestamp) -> Self {
        Self {
            run,
            tenant: tenant.to_owned(),
            action: action.to_owned(),
            accepted_at,
            holder: Uuid::new_v4(),
            revision: None,
            is_running: false,
            is_cancelled: false,
            graph_requests: 0,
            ended: None,
        }
    }

    /// Takes over what is seen of the run. Returns whether that is news.
    pub fn update(&mut self, handle: &RunHandle) -> bool {
        let before = (self.is_running, self.graph_requests);
        (self.is_running, self.graph_requests) = (handle.is_running(), handle.graph_requests());
        self.is_cancelled = handle.is_cancelled();
        before != (self.is_running, self.graph_requests)
    }

    /// Returns the state as callers see it.
    pub fn state(&self) -> &'static str {
        match &self.ended {
            None if self.is_running => "running",
            None => "queued",
            Some(end) if end.outcome == DONE => "done",
            Some(end) if end.outcome == Kind::Cancelled.name() => "cancelled",
            Some(_) => "failed",
        }
    }

    /// Returns the run as callers see it.
    pub fn shown(&self) -> Value {
        let mut shown = Map::from_iter([
            ("run".to_owned(), json!(self.run)),
            ("state".to_owned(), self.state().into()),
            ("action".to_owned(), self.action.clone().into()),
            ("acceptedAt".to_owned(), json!(self.accepted_at)),
            ("graphRequests".to_owned(), self.graph_requests.into()),
        ]);
        if self.is_cancelled && self.ended.is_none() {
            shown.insert("cancelling".to_owned(), true.into());
        }
        if let Some(end) = &self.ended {
            shown.insert("endedAt".to_owned(), json!(end.at));
            shown.insert("status".to_owned(), end.status.into());
            if end.outcome != DONE {
                shown.insert("kind".to_owned(), end.outcome.clone().into());
            }
        }
        Value::Object(shown)
    }
}

impl RunEnd {
    /// Describes a response, whose body is in so many entries.
    pub fn of(response: &StoredResponse, kind: Option<&str>, pieces: Option<usize>) -> Self {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response.headers.iter();
        Self {
            at: Timestamp::now(),
            outcome: kind.unwrap_or(DONE).to_owned(),
            status: response.status.as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            bytes: response.size(),
            pieces,
        }
    }

    /// Returns the response with this body; `None` for an entry that no server has written.
    pub fn response(&self, body: Bytes) -> Option<StoredResponse> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        }
        Some(StoredResponse { status: StatusCode::from_u16(self.status).ok()?, headers, body })
    }
}
