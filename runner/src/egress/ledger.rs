//! Which writes of a run went out, for whoever has to know when the run does not end by
//! itself and cannot say so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Uri};

/// The writes of one run, in order.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Vec<Write>>>);

#[derive(Debug)]
struct Write {
    method: Method,
    url: Uri,
    /// The status of the answer, once there is one.
    status: Option<u16>,
    /// Whether a layer refused it, so that it never went out.
    refused: bool,
}

/// A write that is on its way.
pub struct Pending {
    ledger: Ledger,
    index: usize,
}

impl Ledger {
    /// Notes a request before it is sent; none for one that only reads.
    pub fn begin(&self, method: &Method, url: &Uri) -> Option<Pending> {
        if method.is_safe() {
            return None;
        }
        let mut writes = self.writes();
        let (method, url) = (method.clone(), url.clone());
        writes.push(Write { method, url, status: None, refused: false });
        Some(Pending { ledger: self.clone(), index: writes.len().saturating_sub(1) })
    }

    /// Each write in words.
    pub fn in_words(&self) -> Vec<String> {
        self.writes()
            .iter()
            .filter(|write| !write.refused)
            .map(|Write { method, url, status, .. }| match status {
                Some(status) => format!("{method} {url} was answered {status}"),
                None => format!("{method} {url} was sent, and its answer is not known"),
            })
            .collect()
    }

    /// The writes to which every answer was that there is no such object. Where another
    /// attempt was answered otherwise, that may have been the one that removed it.
    pub fn absent(&self) -> Vec<(Method, Uri)> {
        let writes = self.writes();
        let mut calls: Vec<(Method, Uri)> = Vec::new();
        for Write { method, url, .. } in writes.iter().filter(|write| !write.refused) {
            let same = |one: &&Write| one.method == *method && one.url == *url && !one.refused;
            let mut attempts = writes.iter().filter(same);
            let call = (method.clone(), url.clone());
            if attempts.all(|one| one.status == Some(404)) && !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }

    fn writes(&self) -> MutexGuard<'_, Vec<Write>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    /// Notes the answer.
    pub fn answered(self, status: u16) {
        self.note(|write| write.status = Some(status));
    }

    /// Takes the note back: a layer refused the request, so it never went out. Those that
    /// began after it may have.
    pub fn refused(self) {
        self.note(|write| write.refused = true);
    }

    fn note(self, note: impl FnOnce(&mut Write)) {
        if let Some(write) = self.ledger.writes().get_mut(self.index) {
            note(write);
        }
    }
}
