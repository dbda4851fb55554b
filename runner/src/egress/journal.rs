//! Notes every write in the audit log: before it is sent, so that no kill loses one that
//! Graph accepted, and after it is answered. What cannot be noted is not sent.

use jiff::Timestamp;
use tower::{Layer, ServiceExt};

use super::register::fate;
use super::{EgressError, EgressStack, Request, wrap};
use crate::audit::{AuditError, AuditLog, Durability, Line, ResponseLine, WriteLine, Written};
use crate::context::{Fate, RunContext, Stop, Write, WriteNumber};
use crate::recording::redaction::{Redaction, Writer};

/// The layer that notes the writes of one run.
#[derive(Clone)]
pub struct Journal {
    /// The log.
    pub log: AuditLog,
    /// The tenant of the platform.
    pub tenant: String,
    /// The connection.
    pub connection: String,
    /// The run.
    pub context: RunContext,
}

impl Layer<EgressStack> for Journal {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let journal = self.clone();
        wrap(inner, move |request, inner| {
            let journal = journal.clone();
            async move {
                let Some(number) = request.extensions().get().copied() else {
                    return inner.oneshot(request).await;
                };
                journal.begin(number, &request).await?;
                let response = inner.oneshot(request).await;
                // Whether or not it can be noted, this is what Graph answered. The future is of
                // the noting alone: a response's body cannot be granted to another thread.
                let noting = journal.end(number, fate(&response));
                let _ = noting.await;
                response
            }
        })
    }
}

impl Journal {
    /// Notes a write that is about to be sent.
    async fn begin(
        &self,
        WriteNumber(number): WriteNumber,
        request: &Request,
    ) -> Result<(), EgressError> {
        let line = WriteLine {
            run: self.context.id,
            tenant: self.tenant.clone(),
            action: self.context.action.to_string(),
            connection: self.connection.clone(),
            number,
            method: request.method().to_string(),
            url: clean(request.uri(), &self.context.redaction),
            at: Timestamp::now(),
        };
        let noted = self.log.write(Line::Write(line), Durability::Synced).await;
        noted.map_err(|error| Stop::Audit { reason: error.to_string() }.into())
    }

    /// Notes what came of a write.
    fn end(
        &self,
        WriteNumber(number): WriteNumber,
        fate: Fate,
    ) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        let (sent, status, request_id) = told(fate);
        let (run, at) = (self.context.id, Timestamp::now());
        let line = ResponseLine { run, number, status, sent, request_id, at };
        self.log.write(Line::Response(line), Durability::Written)
    }
}

/// The writes of a run as the audit log has them.
pub fn written(context: &RunContext) -> Vec<Written> {
    let writes = context.writes.list().into_iter();
    let written = writes.map(|(WriteNumber(number), Write { method, url, fate })| {
        let (sent, status, request_id) = told(fate);
        let url = clean(&url, &context.redaction);
        Written { number, method: method.to_string(), url, status, sent, request_id }
    });
    written.collect()
}

/// Whether a write was sent, its status and its `request-id`.
fn told(fate: Fate) -> (bool, Option<u16>, Option<String>) {
    match fate {
        Fate::NotSent => (false, None, None),
        Fate::Underway | Fate::Lost => (true, None, None),
        Fate::Answered { status, request_id } => (true, Some(status), request_id),
    }
}

fn clean(url: &http::Uri, redaction: &Redaction) -> String {
    let mut url = url.to_string();
    redaction.clean_text(&mut url, Writer::Guest);
    url
}
