//! Logs every write in the audit log: before it is sent, so that a killed process loses no write
//! that Graph accepted, and after its response. A write that cannot be logged is not sent.

use jiff::Timestamp;
use tower::{Layer, ServiceExt};

use super::register::status_of;
use super::{EgressError, EgressStack, Request, Response, wrap};
use crate::audit::{AuditLog, Durability, Line, ResponseLine, WriteLine, Written};
use crate::context::{RunContext, Stop, Write, WriteNumber, WriteStatus};
use crate::recording::redaction::{Redaction, Writer};

/// The layer that logs the writes of one run.
#[derive(Clone)]
pub struct Journal {
    /// The audit log.
    pub log: AuditLog,
    /// The tenant of the platform.
    pub tenant: String,
    /// The id of the connection.
    pub connection: String,
    /// The run.
    pub context: RunContext,
}

impl Layer<EgressStack> for Journal {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Journal {
    async fn send(self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        if request.method().is_safe() {
            return inner.oneshot(request).await;
        }
        let number = request.extensions().get().copied();
        let number = number.ok_or_else(|| Stop::Audit("the write is not registered".to_owned()))?;
        self.log_request(number, &request).await?;
        let response = inner.oneshot(request).await;
        // No borrow of the response may live across an await: its body is not `Sync`.
        let status = status_of(&response);
        self.log_response(number, status).await;
        response
    }

    async fn log_request(
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
        let logged = self.log.write(Line::Write(line), Durability::Synced).await;
        logged.map_err(|error| Stop::Audit(error.to_string()).into())
    }

    /// Logs the response. A failure changes nothing about it, and is ignored.
    async fn log_response(&self, WriteNumber(number): WriteNumber, status: WriteStatus) {
        let (sent, status, request_id) = fields(status);
        let (run, at) = (self.context.id, Timestamp::now());
        let line = ResponseLine { run, number, status, sent, request_id, at };
        let _ = self.log.write(Line::Response(line), Durability::Written).await;
    }
}

/// Returns the writes of a run as the audit log contains them.
pub fn written(context: &RunContext) -> Vec<Written> {
    let writes = context.writes.list().into_iter();
    let written = writes.map(|(WriteNumber(number), Write { method, url, status })| {
        let (sent, status, request_id) = fields(status);
        let url = clean(&url, &context.redaction);
        Written { number, method: method.to_string(), url, status, sent, request_id }
    });
    written.collect()
}

/// Returns whether a write was sent, its HTTP status and its `request-id`.
fn fields(status: WriteStatus) -> (bool, Option<u16>, Option<String>) {
    match status {
        WriteStatus::NotSent => (false, None, None),
        WriteStatus::InFlight | WriteStatus::Lost => (true, None, None),
        WriteStatus::Responded { status, request_id } => (true, Some(status), request_id),
    }
}

fn clean(url: &http::Uri, redaction: &Redaction) -> String {
    let mut url = url.to_string();
    redaction.clean_text(&mut url, Writer::Guest);
    url
}
