//! Compares the journals that an earlier process has left with its audit log. The journal of a run
//! is on the disk before the audit log, so after a crash of the machine the log may lack writes,
//! which are added. If the journal lacks writes that the log has, it was cut, and its run must not
//! go on.

use std::collections::HashMap;
use std::io;

use uuid::Uuid;

use super::Platform;
use crate::audit::{AuditError, AuditLog, Durability, Line, Lines, Run, Runs, WriteLine, Written};
use crate::journal::{Begun, RequestRecord, Unfinished};
use crate::recording::redaction::{Redaction, Writer};
use crate::run::host;

/// Why journals cannot be compared with the audit log.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The audit log cannot be read.
    #[error("the audit log cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The audit log cannot be written.
    #[error(transparent)]
    Write(#[from] AuditError),
}

/// What the audit log has of a run.
#[derive(Default)]
struct Logged {
    writes: Vec<Written>,
    is_finished: bool,
}

impl Platform {
    /// Compares the journals of runs with the audit log, and completes the log.
    ///
    /// # Errors
    /// Fails when the log cannot be read or written. No run may go on then.
    pub async fn reconcile(&self, unfinished: &mut [Unfinished]) -> Result<(), ReconcileError> {
        let Some(audit) = self.0.audit.clone().filter(|_| !unfinished.is_empty()) else {
            return Ok(());
        };
        let mut logged = logged(&audit, unfinished)?;
        for run in unfinished {
            let Logged { writes, is_finished } = logged.remove(&run.begun.run).unwrap_or_default();
            let known = || run.past.iter().filter_map(|exchange| exchange.request.write);
            let is_lost = |write: &&Written| known().all(|number| number != write.number);
            if let Some(Written { number, .. }) = writes.iter().find(is_lost) {
                let damage = format!("write {number} is in the audit log, and not in the journal");
                run.damage.get_or_insert(damage);
            }
            let redaction = self.redaction(&run.begun);
            for exchange in run.past.iter().filter(|_| !is_finished) {
                let Some(number) = exchange.request.write else { continue };
                if writes.iter().all(|write| write.number != number) {
                    let line = line(&run.begun, number, &exchange.request, &redaction);
                    audit.write(Line::Write(line), Durability::Synced).await?;
                }
            }
            run.is_logged = is_finished;
            run.logged = writes;
        }
        Ok(())
    }

    fn redaction(&self, begun: &Begun) -> Redaction {
        let policy = self.host().policy(&begun.action);
        Redaction::new(&host::secrets(&policy, &begun.input))
    }
}

/// Returns what the audit log has of the runs.
fn logged(audit: &AuditLog, unfinished: &[Unfinished]) -> io::Result<HashMap<Uuid, Logged>> {
    let mut logged: HashMap<Uuid, Logged> =
        unfinished.iter().map(|run| (run.begun.run, Logged::default())).collect();
    let mut note = |run: Uuid, writes: &[Written], is_finished: bool| {
        if let Some(logged) = logged.get_mut(&run) {
            logged.writes.extend_from_slice(writes);
            logged.is_finished |= is_finished;
        }
    };
    let mut runs = Runs::default();
    for numbered in Lines::open(audit.path())? {
        // A line that cannot be read belongs to no run, and `o365 audit` tells of it.
        let Ok(line) = numbered?.line else { continue };
        if let Some(Run::Finished(run)) = runs.take(line) {
            note(run.run, &run.writes, true);
        }
    }
    for run in runs.unfinished() {
        if let Run::Unfinished(run) = run {
            note(run.run, &run.writes, false);
        }
    }
    Ok(logged)
}

fn line(begun: &Begun, number: u32, request: &RequestRecord, redaction: &Redaction) -> WriteLine {
    let mut url = request.message.url.clone();
    redaction.clean_text(&mut url, Writer::Guest);
    WriteLine {
        run: begun.run,
        tenant: begun.tenant.clone(),
        action: begun.action.clone(),
        connection: begun.connection_id.clone(),
        number,
        method: request.message.method.clone(),
        url,
        at: request.sent_at,
    }
}
