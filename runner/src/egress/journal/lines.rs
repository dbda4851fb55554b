//! The lines of the audit log about the writes of a run.

use jiff::Timestamp;

use crate::audit::{AuditLog, Durability, Line, ResponseLine, WriteLine, Written};
use crate::context::{RunContext, Stop, Write, WriteNumber, WriteStatus};
use crate::egress::{EgressError, Request};
use crate::recording::redaction::{Redaction, Writer};

/// The audit log of one run.
#[derive(Clone)]
pub struct AuditLines {
    /// The audit log.
    pub log: AuditLog,
    /// The tenant of the platform.
    pub tenant: String,
    /// The id of the connection.
    pub connection: String,
    /// The run.
    pub context: RunContext,
}

impl AuditLines {
    /// Logs a write that is about to be sent.
    pub(super) async fn request(
        &self,
        WriteNumber(number): WriteNumber,
        request: &Request,
        durability: Durability,
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
        let logged = self.log.write(Line::Write(line), durability).await;
        logged.map_err(|error| Stop::Audit(error.to_string()).into())
    }

    /// Logs the response. A failure changes nothing about it, and is ignored.
    pub(super) async fn response(&self, WriteNumber(number): WriteNumber, status: WriteStatus) {
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
