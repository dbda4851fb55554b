//! Notes every write in the audit log: before it is sent, so that no kill loses one that
//! Graph accepted, and after it is answered. What cannot be noted is not sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use jiff::Timestamp;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};
use uuid::Uuid;

use super::throttle::NotSent;
use super::{EgressError, Request, Response, WayOut};
use crate::audit::{AnswerLine, AuditError, AuditLog, Durability, Line, WriteLine, Written};
use crate::recording::redaction::{Redaction, Writer};
use crate::sandbox::Stop;

/// The writes of one run, as its audit log has them. Clones are of the same run.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    log: AuditLog,
    of: Of,
    redaction: Redaction,
    writes: Mutex<Vec<Written>>,
}

/// Whose writes they are.
#[derive(Clone, Debug)]
pub struct Of {
    /// The run.
    pub run: Uuid,
    /// The tenant.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection.
    pub connection: String,
}

impl Journal {
    /// The journal of a run in `log`. Addresses are noted without what `redaction` knows.
    pub fn new(log: AuditLog, of: Of, redaction: Redaction) -> Self {
        Self(Arc::new(Inner { log, of, redaction, writes: Mutex::default() }))
    }

    /// The writes until now, in order.
    pub fn writes(&self) -> Vec<Written> {
        self.0.writes().clone()
    }

    /// This layer in front of `inner`.
    pub fn in_front_of(&self, inner: WayOut) -> WayOut {
        let journal = Arc::clone(&self.0);
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            let (journal, inner) = (Arc::clone(&journal), inner.clone());
            async move {
                if request.method().is_safe() {
                    return inner.oneshot(request).await;
                }
                let number = journal.begin(&request).await?;
                let answer = inner.oneshot(request).await;
                // Whether or not it can be noted, this is what Graph answered.
                let ending = journal.end(number, &answer);
                let _ = ending.await;
                answer
            }
        }))
    }
}

impl Inner {
    fn writes(&self) -> MutexGuard<'_, Vec<Written>> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a write that is about to be sent.
    async fn begin(&self, request: &Request) -> Result<u32, EgressError> {
        let mut url = request.uri().to_string();
        self.redaction.clean_text(&mut url, Writer::Guest);
        let method = request.method().to_string();
        let number = {
            let mut writes = self.writes();
            let number = u32::try_from(writes.len()).unwrap_or(u32::MAX).saturating_add(1);
            let (method, url) = (method.clone(), url.clone());
            let (status, request_id) = (None, None);
            writes.push(Written { number, method, url, status, sent: true, request_id });
            number
        };
        let Of { run, tenant, action, connection } = self.of.clone();
        let at = Timestamp::now();
        let line = WriteLine { run, tenant, action, connection, number, method, url, at };
        let noted = self.log.write(Line::Write(line), Durability::Synced).await;
        noted.map(|()| number).map_err(|error| {
            self.learn(number, |write| write.sent = false);
            Stop::Audit { reason: error.to_string() }.into()
        })
    }

    /// Notes what came of a write. The future is of the noting alone: an answer's body cannot
    /// be lent to what may go on in another thread.
    fn end(
        &self,
        number: u32,
        answer: &Result<Response, EgressError>,
    ) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        let (status, request_id, sent) = match answer {
            Ok(response) if NotSent::marks(response) => (None, None, false),
            Ok(response) => {
                (Some(response.status().as_u16()), request_id(response.headers()), true)
            }
            // A layer further down refused it.
            Err(EgressError::Stop(_)) => (None, None, false),
            Err(EgressError::Http(_)) => (None, None, true),
        };
        self.learn(number, |write| {
            write.status = status;
            write.request_id.clone_from(&request_id);
            write.sent = sent;
        });
        let (run, at) = (self.of.run, Timestamp::now());
        let line = AnswerLine { run, number, status, sent, request_id, at };
        self.log.write(Line::Answer(line), Durability::Written)
    }

    fn learn(&self, number: u32, learn: impl FnOnce(&mut Written)) {
        if let Some(write) = self.writes().iter_mut().find(|write| write.number == number) {
            learn(write);
        }
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("request-id")?.to_str().ok()?.to_owned())
}
