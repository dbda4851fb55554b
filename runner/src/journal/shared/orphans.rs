//! The runs of processes that have ended.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::stream::RawMessageErrorKind;
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::SharedJournals;
use super::appending::Appending;
use super::messages::{Head, records, run_of, subject};
use crate::journal::error::JournalError;
use crate::journal::reading::Unfinished;
use crate::store::{Orphans, Pending};

/// The subjects of all journals.
const ALL: &str = "o365.journals.*";

/// The time for which a journal stays closed: longer than any run, and than its key.
pub(super) const CLOSED_FOR: Duration = Duration::from_secs(2 * 24 * 60 * 60);

impl SharedJournals {
    /// Takes over the runs of processes that have ended, and at most `room` of those that wait for
    /// any process, and returns them.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    pub async fn take_orphans(&self, room: usize) -> Result<Vec<Unfinished>, JournalError> {
        let mut alive = HashMap::new();
        let mut orphans = Vec::new();
        for run in self.suspects().await? {
            let has_room = orphans.len() < room;
            match self.take_orphan(run, has_room, &mut alive).await {
                Ok(orphan) => orphans.extend(orphan),
                // The next search finds it again.
                Err(error) => tracing::debug!(%run, %error, "a run is not taken over"),
            }
        }
        Ok(orphans)
    }

    /// Takes over a run, if its process has ended, or if it waits for any that has room. `alive` is
    /// what is known of processes.
    async fn take_orphan(
        &self,
        run: Uuid,
        has_room: bool,
        alive: &mut HashMap<String, bool>,
    ) -> Result<Option<Unfinished>, JournalError> {
        let Some((head, last)) = self.last_message(run).await? else { return Ok(None) };
        if head.is_closed {
            self.seen().closed.insert(run);
            return Ok(None);
        }
        if head.is_offered() {
            return if has_room { self.take(run, last).await } else { Ok(None) };
        }
        let is_alive = match alive.get(&head.holder) {
            Some(is_alive) => *is_alive,
            None => {
                let is_alive = self.0.process.is_alive(&head.holder).await?;
                *alive.entry(head.holder.clone()).or_insert(is_alive)
            }
        };
        // A run of this process that it no longer holds has lost its store, and goes on.
        let is_own = head.holder == self.0.process.id();
        if is_alive && !is_own || self.held_runs().contains_key(&run) {
            return Ok(None);
        }
        self.take(run, last).await
    }

    /// Returns the runs of others that this and the search before have seen.
    async fn suspects(&self) -> Result<Vec<Uuid>, JournalError> {
        let runs = self.runs().await?;
        let held: HashSet<Uuid> = self.held_runs().keys().copied().collect();
        let mut seen = self.seen();
        seen.closed.retain(|run| runs.contains(run));
        let others: HashSet<Uuid> = runs
            .into_iter()
            .filter(|run| !held.contains(run) && !seen.closed.contains(run))
            .collect();
        let suspects = others.intersection(&seen.others).copied().collect();
        seen.others = others;
        Ok(suspects)
    }

    /// Returns the runs that have a journal, or a closed one.
    async fn runs(&self) -> Result<HashSet<Uuid>, JournalError> {
        let store = &self.0.store;
        store.connected()?;
        let info = store.journals().info_with_subjects(ALL).await;
        let info = info.map_err(|error| store.failed(error))?;
        let subjects: Vec<(String, usize)> =
            info.try_collect().await.map_err(|error| store.failed(error))?;
        Ok(subjects.iter().filter_map(|(subject, _)| run_of(subject)).collect())
    }

    /// Returns all runs that have not ended, without taking them over.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, JournalError> {
        let mut unfinished = Vec::new();
        for run in self.runs().await? {
            unfinished.extend(self.read(run).await?);
        }
        Ok(unfinished)
    }

    /// Takes over one run, if its process has ended.
    ///
    /// # Errors
    /// Fails when a process continues the run, or the store cannot be read.
    pub async fn take_one(&self, run: Uuid) -> Result<Option<Unfinished>, JournalError> {
        match self.last_message(run).await? {
            Some((head, last)) if !head.is_closed => {
                match head.is_offered() || !self.0.process.is_alive(&head.holder).await? {
                    true => self.take(run, last).await,
                    false => Err(JournalError::Taken),
                }
            }
            _ => Ok(None),
        }
    }

    async fn read(&self, run: Uuid) -> Result<Option<Unfinished>, JournalError> {
        let messages = self.messages(run).await?;
        let (lines, damage) = records(run, &messages, &self.0.key);
        let unfinished = Unfinished::read(&lines);
        Ok(unfinished.map(|unfinished| Unfinished {
            damage: unfinished.damage.clone().or(damage),
            ..unfinished
        }))
    }

    /// Takes a run over; `None` if another process was faster, or it has ended.
    async fn take(&self, run: Uuid, last: u64) -> Result<Option<Unfinished>, JournalError> {
        let mut appending = Appending::new(self.clone(), run, last);
        match appending.append(&[]).await {
            Ok(()) => {}
            Err(JournalError::Taken) => return Ok(None),
            Err(error) => return Err(error),
        }
        let Some(unfinished) = self.read(run).await? else {
            tracing::error!(%run, "an interrupted run cannot be read, and does not go on");
            self.seen().closed.insert(run);
            return Ok(None);
        };
        self.hold(run, appending.last());
        Ok(Some(unfinished))
    }

    /// Closes the journal of a run that has not begun it, so that it never does; returns whether
    /// it is closed. Otherwise the run has sent a write, and goes on or has ended.
    ///
    /// # Errors
    /// Fails when the journal is not, or perhaps not, closed.
    pub async fn close(&self, run: Uuid) -> Result<bool, JournalError> {
        match Appending::new(self.clone(), run, 0).close().await {
            Ok(()) => Ok(true),
            Err(JournalError::Taken) => {
                Ok(self.last_message(run).await?.is_some_and(|(head, _)| head.is_closed))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns all messages of a run.
    pub(super) async fn messages(&self, run: Uuid) -> Result<Vec<Message>, JournalError> {
        let store = &self.0.store;
        Ok(store.messages(store.journals(), subject(run), DeliverPolicy::All).await?)
    }

    async fn last_message(&self, run: Uuid) -> Result<Option<(Head, u64)>, JournalError> {
        let store = &self.0.store;
        match store.journals().get_last_raw_message_by_subject(&subject(run)).await {
            Ok(last) => Ok(Head::read(&last.headers).map(|head| (head, last.sequence))),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(store.failed(error).into()),
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, super::Seen> {
        self.0.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Orphans for SharedJournals {
    fn closed(&self, run: Uuid) -> Pending<'_, bool> {
        Box::pin(async move {
            self.close(run).await.map_err(|error| match error {
                JournalError::Store(error) => error,
                other => self.0.store.failed(other),
            })
        })
    }
}
