//! The runs that an earlier process did not end.

use std::time::Duration;

use uuid::Uuid;

use super::idempotency::{self, Reservation};
use super::runs::{self, Outcome};
use super::service::Service;
use crate::journal::shared::SharedJournals;
use crate::journal::{Recovered, Unfinished};
use crate::platform::{ReconcileError, RunHandle};
use crate::store::StoreError;

/// The time between searches for interrupted runs.
const SEARCH: Duration = Duration::from_secs(1);

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
            self.0.calls.spawn(async move { drop(service.go_on(run, reservation).await) });
        }
        tokio::spawn(runs::deliver(self.clone()));
        Ok(())
    }

    /// Continues one run of an earlier process to its end; `None` if its result was stored before.
    ///
    /// # Errors
    /// Fails when the audit log or the stored responses cannot be read or written.
    pub async fn resume_one(
        &self,
        unfinished: Unfinished,
        since: u64,
    ) -> Result<Option<Outcome>, ResumeError> {
        let mut one = [unfinished];
        self.0.platform.reconcile(&mut one).await?;
        let [unfinished] = one;
        let run = unfinished.begun.run;
        let mut reserved = self.0.responses.recover([run], since).await?;
        let reservation = match (reserved.remove(&run), &unfinished.begun.idempotency_key) {
            (None, Some(key)) => self.0.responses.adopt(&unfinished.begun.tenant, key, run).await?,
            (reservation, _) => reservation,
        };
        if !unfinished.begun.unattended {
            return Ok(Some(self.go_on(unfinished, reservation).await));
        }
        match self.accept_again(unfinished, reservation).await? {
            Some(outcome) => Ok(outcome.await.ok()),
            None => Ok(None),
        }
    }

    /// Continues the runs of processes that have ended, and of those that have no room for them,
    /// until this one stops. A run goes on within some seconds after the lease of its process.
    pub async fn adopt(&self, journals: SharedJournals) {
        tokio::spawn(runs::deliver(self.clone()));
        while !self.0.platform.is_stopping() {
            match journals.take_orphans(self.0.platform.free_permits()).await {
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
            Some(key) => self.key_of(&begun.tenant, key, id).await,
            None => None,
        };
        if !begun.unattended {
            // Its caller gets the outcome under its key.
            drop(self.go_on(orphan, reservation).await);
            return;
        }
        if let Err(error) = self.accept_again(orphan, reservation).await {
            tracing::error!(run = %id, %error, "an interrupted run goes on later");
        }
    }

    /// Reserves the key of a run. Without it, repeats of its call would wait for nothing, so the run
    /// waits for the store.
    async fn key_of(&self, tenant: &str, key: &str, run: Uuid) -> Option<Reservation> {
        loop {
            match self.0.responses.adopt(tenant, key, run).await {
                Ok(reservation) => return reservation,
                Err(error) => tracing::warn!(%run, %error, "an interrupted run waits for its key"),
            }
            tokio::time::sleep(SEARCH).await;
        }
    }

    async fn go_on(&self, unfinished: Unfinished, reservation: Option<Reservation>) -> Outcome {
        let (tenant, action) = (unfinished.begun.tenant.clone(), unfinished.begun.action.clone());
        let (run, handle) = (unfinished.begun.run, RunHandle::of(&unfinished));
        tracing::info!(%run, tenant, action, "an interrupted run goes on");
        let result = self.0.platform.resume(unfinished, handle).await;
        let result = self.counted(&tenant, &action, result);
        let outcome = result.outcome.clone();
        if let Some(reservation) = reservation {
            self.finish(result, reservation).await;
        }
        outcome
    }
}
