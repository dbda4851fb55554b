//! The runs that an earlier process did not end.

use std::time::Duration;

use super::idempotency::{self, Reservation};
use super::service::Service;
use crate::journal::shared::SharedJournals;
use crate::journal::{Recovered, Unfinished};
use crate::platform::{ReconcileError, RunHandle};
use crate::store::StoreError;

/// The time between searches for interrupted runs.
const SEARCH: Duration = Duration::from_secs(2);

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
    /// calls wait for their outcomes; the runs go on in tasks of their own.
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
        Ok(())
    }

    /// Continues the runs of processes that have ended, until this one stops. A run goes on within
    /// some seconds after the lease of its process.
    pub async fn adopt(&self, journals: SharedJournals) {
        while !self.0.platform.is_stopping() {
            match journals.take_orphans().await {
                Ok(orphans) => self.adopt_all(orphans).await,
                Err(error) => tracing::debug!(%error, "interrupted runs cannot be searched"),
            }
            tokio::time::sleep(SEARCH).await;
        }
    }

    async fn adopt_all(&self, mut orphans: Vec<Unfinished>) {
        if let Err(error) = self.0.platform.reconcile(&mut orphans).await {
            // What the journals say is enough.
            tracing::warn!(%error, "interrupted runs are not compared with the audit log");
        }
        for run in orphans {
            let service = self.clone();
            self.0.calls.spawn(async move { service.adopt_one(run).await });
        }
    }

    async fn adopt_one(&self, orphan: Unfinished) {
        let (id, begun) = (orphan.begun.run, &orphan.begun);
        let reservation = match &begun.idempotency_key {
            Some(key) => self.0.responses.adopt(&begun.tenant, key, id).await,
            None => Ok(None),
        };
        let reservation = reservation.unwrap_or_else(|error| {
            tracing::warn!(run = %id, %error, "the key of an interrupted run is not found");
            None
        });
        if !begun.unattended {
            return self.go_on(orphan, reservation).await;
        }
        if let Err(error) = self.accept_again(orphan, reservation).await {
            tracing::error!(run = %id, %error, "an interrupted run goes on later");
        }
    }

    async fn go_on(&self, unfinished: Unfinished, reservation: Option<Reservation>) {
        let (tenant, action) = (unfinished.begun.tenant.clone(), unfinished.begun.action.clone());
        let run = unfinished.begun.run;
        tracing::info!(%run, tenant, action, "an interrupted run goes on");
        let result = self.0.platform.resume(unfinished, RunHandle::default()).await;
        let result = self.counted(&tenant, &action, result);
        if let Some(reservation) = reservation {
            self.finish(result, reservation).await;
        }
    }
}
