//! The runs that an earlier process did not end.

use super::idempotency::{self, Reservation};
use super::runs;
use super::service::Service;
use crate::journal::{Recovered, Unfinished};
use crate::platform::{ReconcileError, RunHandle};
use crate::store::StoreError;

/// Why the runs of an earlier process cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// Their journals cannot be compared with the audit log.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The keys of their calls cannot be reserved.
    #[error(transparent)]
    Responses(#[from] idempotency::StoreError),
    /// What is known of runs that nobody waits for cannot be read or written.
    #[error(transparent)]
    Runs(#[from] StoreError),
}

impl ResumeError {
    /// Returns the fix.
    pub fn fix(&self) -> String {
        match self {
            Self::Reconcile(_) => "Let this user read and write the audit log.".to_owned(),
            Self::Responses(error) => error.fix(),
            Self::Runs(error) => error.fix().to_owned(),
        }
    }
}

impl Service {
    /// Continues the runs that an earlier process did not end. When this returns, repeats of their
    /// calls wait for their outcomes; the runs go on in tasks of their own, and so does the delivery
    /// of callbacks.
    ///
    /// # Errors
    /// Fails when the audit log or the stored responses cannot be read or written.
    pub async fn resume(&self, recovered: Recovered) -> Result<(), ResumeError> {
        let Recovered { mut unfinished, since } = recovered;
        self.0.platform.reconcile(&mut unfinished).await?;
        let runs = unfinished.iter().map(|run| run.begun.run);
        let mut reserved = self.0.responses.recover(runs, since).await?;
        for run in unfinished {
            let reservation = reserved.remove(&run.begun.run);
            if run.begun.unattended {
                self.accept_again(run, reservation).await?;
                continue;
            }
            let service = self.clone();
            self.0.calls.spawn(async move { service.go_on(run, reservation).await });
        }
        tokio::spawn(runs::deliver(self.clone()));
        Ok(())
    }

    async fn go_on(&self, unfinished: Unfinished, reservation: Option<Reservation>) {
        let (tenant, action) = (unfinished.begun.tenant.clone(), unfinished.begun.action.clone());
        let (run, handle) = (unfinished.begun.run, RunHandle::of(&unfinished));
        tracing::info!(%run, tenant, action, "an interrupted run goes on");
        let result = self.0.platform.resume(unfinished, handle).await;
        let result = self.counted(&tenant, &action, result);
        if let Some(reservation) = reservation {
            self.finish(result, reservation).await;
        }
    }
}
