//! The register of a run's writes: what error texts, the audit log and warnings say of them
//! comes from here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Uri};

/// The writes of one run, in order. Clones are of the same run.
#[derive(Clone, Debug, Default)]
pub struct Writes(Arc<Mutex<Vec<Write>>>);

/// Which of a run's writes it is, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteNumber(pub u32);

/// One write.
#[derive(Clone, Debug)]
pub struct Write {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Uri,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on its way.
    Underway,
    /// A layer refused it or answered in Graph's place: Graph never saw it.
    NotSent,
    /// It was sent, and its response was lost.
    Lost,
    /// It was answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Graph's `request-id`.
        request_id: Option<String>,
    },
}

impl Writes {
    /// Registers a request before it is sent; none for one that only reads.
    pub fn begin(&self, method: &Method, url: &Uri) -> Option<WriteNumber> {
        if method.is_safe() {
            return None;
        }
        let mut writes = self.lock();
        let (method, url) = (method.clone(), url.clone());
        writes.push(Write { method, url, fate: Fate::Underway });
        Some(WriteNumber(u32::try_from(writes.len()).unwrap_or(u32::MAX)))
    }

    /// Notes what became of a write.
    pub fn end(&self, WriteNumber(number): WriteNumber, fate: Fate) {
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        if let Some(write) = self.lock().get_mut(index) {
            write.fate = fate;
        }
    }

    /// All of them, with their numbers.
    pub fn list(&self) -> Vec<(WriteNumber, Write)> {
        (1..).map(WriteNumber).zip(self.lock().iter().cloned()).collect()
    }

    /// Each write that went out, in words.
    pub fn in_words(&self) -> Vec<String> {
        let in_words = |Write { method, url, fate }: &Write| match fate {
            Fate::NotSent => None,
            Fate::Answered { status, .. } => Some(format!("{method} {url} was answered {status}")),
            Fate::Underway | Fate::Lost => {
                Some(format!("{method} {url} was sent, and its answer is not known"))
            }
        };
        self.lock().iter().filter_map(in_words).collect()
    }

    /// The writes to which every answer was that there is no such object. Where another
    /// attempt was answered otherwise, that may have been the one that removed it.
    pub fn absent(&self) -> Vec<(Method, Uri)> {
        let writes = self.lock();
        let sent = || writes.iter().filter(|write| write.fate != Fate::NotSent);
        let mut calls: Vec<(Method, Uri)> = Vec::new();
        for Write { method, url, .. } in sent() {
            let mut attempts = sent().filter(|one| one.method == *method && one.url == *url);
            let call = (method.clone(), url.clone());
            if attempts.all(Write::is_absent) && !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Write>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write {
    fn is_absent(&self) -> bool {
        matches!(self.fate, Fate::Answered { status: 404, .. })
    }
}
