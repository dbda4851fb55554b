//! The register of a run's writes, from which errors, warnings and the audit log report them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Uri};

/// The writes of one run, in order. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Writes(Arc<Mutex<Vec<Write>>>);

/// The number of a write in its run, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteNumber(pub u32);

/// One write.
#[derive(Clone, Debug)]
pub struct Write {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Uri,
    /// Whether it was sent, and its response.
    pub status: WriteStatus,
}

/// Whether a write was sent, and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteStatus {
    /// It was sent, and has no response yet.
    InFlight,
    /// A layer refused it or responded in Graph's place: Graph never received it.
    NotSent,
    /// It was sent, and its response was lost.
    Lost,
    /// It received a response.
    Responded {
        /// The HTTP status.
        status: u16,
        /// Graph's `request-id`.
        request_id: Option<String>,
    },
}

impl Writes {
    /// Registers a request before it is sent. Returns `None` for a request that only reads.
    pub fn begin(&self, method: &Method, url: &Uri) -> Option<WriteNumber> {
        if method.is_safe() {
            return None;
        }
        let mut writes = self.lock();
        let (method, url) = (method.clone(), url.clone());
        writes.push(Write { method, url, status: WriteStatus::InFlight });
        Some(WriteNumber(u32::try_from(writes.len()).unwrap_or(u32::MAX)))
    }

    /// Sets the status of a write.
    pub fn end(&self, WriteNumber(number): WriteNumber, status: WriteStatus) {
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        if let Some(write) = self.lock().get_mut(index) {
            write.status = status;
        }
    }

    /// Returns all writes with their numbers.
    pub fn list(&self) -> Vec<(WriteNumber, Write)> {
        (1..).map(WriteNumber).zip(self.lock().iter().cloned()).collect()
    }

    /// Describes each write that was sent.
    pub fn in_words(&self) -> Vec<String> {
        let in_words = |Write { method, url, status }: &Write| match status {
            WriteStatus::NotSent => None,
            WriteStatus::Responded { status, .. } => {
                Some(format!("{method} {url} returned {status}"))
            }
            WriteStatus::InFlight | WriteStatus::Lost => {
                Some(format!("{method} {url} was sent; its response is unknown"))
            }
        };
        self.lock().iter().filter_map(in_words).collect()
    }

    /// Returns the writes whose object did not exist: every response was 404. After any other
    /// response, an attempt may have removed the object.
    pub fn absent(&self) -> Vec<(Method, Uri)> {
        let writes = self.lock();
        let sent = || writes.iter().filter(|write| write.status != WriteStatus::NotSent);
        let is_absent =
            |write: &Write| matches!(write.status, WriteStatus::Responded { status: 404, .. });
        let mut calls: Vec<(Method, Uri)> = Vec::new();
        for Write { method, url, .. } in sent() {
            let mut attempts = sent().filter(|one| one.method == *method && one.url == *url);
            let call = (method.clone(), url.clone());
            if attempts.all(is_absent) && !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Write>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
