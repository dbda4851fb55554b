//! What is left of a run that cannot go on: its journal as a recording.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;

use super::Inner;
use super::call::digest;
use super::durable::writes;
use super::failure::Failure;
use crate::audit::{Durability, Line, RunLine, Written};
use crate::context::Receipt;
use crate::journal::{Begun, PastExchange, PlatformJournals, Unfinished};
use crate::recording::exchange::{Exchange, Exchanges, ResponseState, TransferError};
use crate::recording::finished::Finished;
use crate::recording::har::ClockKind;
use crate::recording::redaction::{Redaction, Writer};
use crate::recording::{HttpError, error_code};
use crate::run::{self, Host, host};
use crate::values::JsonText;

impl Inner {
    /// Writes the recording of a run that cannot go on, beside the journals.
    pub(super) fn leave(&self, unfinished: &Unfinished, failure: &Failure) {
        let Some(journals) = &self.journals else { return };
        let run = unfinished.begun.run;
        let recording = failed_recording(&self.host.load_full(), unfinished, failure);
        match recording.and_then(|bytes| kept(&**journals, unfinished, &bytes)) {
            Ok(path) => {
                tracing::warn!(%run, path = %path.display(), "a run could not go on; its recording is kept");
            }
            Err(reason) => {
                tracing::error!(%run, reason, "a run could not go on, and has no recording")
            }
        }
    }

    /// Logs a run that cannot go on in the audit log, and returns its outcome.
    pub(super) async fn log_lost(
        &self,
        unfinished: &Unfinished,
        failure: Failure,
    ) -> Result<JsonText, Failure> {
        let Some(log) = self.audit.as_ref().filter(|_| !unfinished.is_logged) else {
            return Err(failure);
        };
        let begun = &unfinished.begun;
        let policy = self.host.load().policy(&begun.action);
        let redaction = Redaction::new(&host::secrets(&policy, &begun.input));
        let mut writes = writes(unfinished);
        for write in &mut writes {
            redaction.clean_text(&mut write.url, Writer::Guest);
        }
        let report = failure.report();
        let line = RunLine {
            run: begun.run,
            tenant: begun.tenant.clone(),
            action: begun.action.clone(),
            connection: Some(begun.connection_id.clone()),
            plan: false,
            resumed: true,
            input_digest: digest(&begun.input, &policy),
            component: begun.component.clone(),
            started_at: begun.started_at,
            ended_at: Timestamp::now(),
            writes,
            writes_omitted: 0,
            outcome: report.kind_name().to_owned(),
            message: Some(report.message),
            warnings: Vec::new(),
            graph: None,
            receipt: Receipt::default(),
            idempotency_key: begun.idempotency_key.clone(),
        };
        match log.write(Line::Run(Box::new(line)), Durability::Synced).await {
            Ok(()) => Err(failure),
            Err(error) => {
                tracing::error!(run = %begun.run, %error, "a run that cannot go on is not logged");
                Err(failure)
            }
        }
    }
}

/// Returns the recording of a run so far, without its secrets.
///
/// # Errors
/// Fails with the reason when it cannot be written as JSON.
pub fn recording(host: &Host, unfinished: &Unfinished) -> Result<Vec<u8>, String> {
    let writes = writes(unfinished).iter().map(Written::in_words).collect();
    failed_recording(host, unfinished, &run::Failure::Interrupted { writes }.into())
}

fn failed_recording(
    host: &Host,
    unfinished: &Unfinished,
    failure: &Failure,
) -> Result<Vec<u8>, String> {
    let Unfinished { begun, past, .. } = unfinished;
    let secrets = host::secrets(&host.policy(&begun.action), &begun.input);
    let error = json!(failure.report().to_json());
    let exchanges = exchanges(begun, past);
    let finished = Finished {
        action: &begun.action,
        input: &begun.input,
        outcome: Err(&error),
        connection: Some(&begun.connection),
        component: &begun.component,
        own_words: host.guest().own_words(),
        secrets: &secrets,
        others: &[],
        exchanges: &exchanges,
    };
    finished.bytes(&finished.har()).map_err(|error| error.to_string())
}

fn kept(
    journals: &dyn PlatformJournals,
    unfinished: &Unfinished,
    bytes: &[u8],
) -> Result<PathBuf, String> {
    journals.keep_recording(unfinished.begun.run, bytes).map_err(|error| error.to_string())
}

/// Returns the exchanges of a journal as a recording has them.
fn exchanges(begun: &Begun, past: &[PastExchange]) -> Exchanges {
    let list: Vec<Exchange> = past.iter().filter_map(exchange).collect();
    let last = past.last().map(|last| last.response.as_ref().map_or(last.request.at, |it| it.at));
    Exchanges {
        list,
        begun: begun.started_at,
        elapsed: last.map(Into::into).unwrap_or_default(),
        clock: ClockKind::Real,
        too_large: false,
    }
}

fn exchange(PastExchange { request, response, .. }: &PastExchange) -> Option<Exchange> {
    let (method, uri) = request.message.target()?;
    let failed = |name: &str, words: Option<&str>| {
        let error = error_code::with_words(name, words);
        TransferError::from(&error.unwrap_or(HttpError::ConnectionTerminated))
    };
    let response = match response {
        None => ResponseState::Pending,
        Some(response) => {
            let at = response.at.into();
            let error = response.error.as_ref();
            let error = error.map(|error| failed(&error.name, error.words.as_deref()));
            match (&response.message, error) {
                (Some(message), error) => ResponseState::Received {
                    status: message.status()?,
                    version: message.version(),
                    headers: message.headers.0.clone(),
                    at,
                    body: message.body.0.to_vec(),
                    end: Some((error.map_or(Ok(()), Err), at)),
                },
                (None, Some(error)) => ResponseState::Failed { error, at },
                (None, None) => ResponseState::Pending,
            }
        }
    };
    Some(Exchange {
        method,
        uri,
        headers: request.message.headers.0.clone(),
        body: request.message.body.0.clone(),
        started: request.at.into(),
        response,
    })
}
