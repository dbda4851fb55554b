//! The writer thread, which commits commands in batches of one transaction.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use disk::group::Commit;
use http::StatusCode;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::super::{Options, StoreError, StoredResponse};
use super::command::{Command, Decision, PendingAttempt, Recovery, StoreResult, TenantKey};
use super::file;
use super::in_flight::InFlight;
use super::tables::{Tables, damaged};
use crate::store::file::DatabaseFile;

/// The size of a batch, in commands and in bytes of responses, which determines how long the next
/// command waits. A batch with small responses takes some 20 ms in a debug build.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 16 << 20;

/// The number of expired keys that a transaction removes: more than it can add.
const SWEPT: usize = 2 * BATCH;

/// The interval at which an idle thread removes expired keys.
const IDLE: Duration = Duration::from_secs(60);

/// The interval at which an idle thread tries to write again after an error.
const RETRY: Duration = Duration::from_secs(1);

/// The state of the thread.
pub struct Work {
    pub file: DatabaseFile,
    pub in_flight: InFlight,
    pub options: Options,
    pub commits: Arc<AtomicU64>,
    /// The number of responses that were dropped to keep to the limits.
    pub dropped: Arc<AtomicU64>,
    /// Whether the last write succeeded.
    pub healthy: Arc<AtomicBool>,
}

/// A reply to send when its command is on the disk.
enum Reply {
    Begun(PendingAttempt, Decision),
    Finished {
        waiting: Vec<PendingAttempt>,
        response: StoredResponse,
        done: oneshot::Sender<StoreResult>,
    },
    Released(Option<oneshot::Sender<StoreResult>>),
    Recovered(Recovery, Vec<(Uuid, TenantKey)>),
}

impl Work {
    /// Removes the expired keys.
    pub fn swept(mut self) -> Self {
        while self.write(VecDeque::new()) == SWEPT {}
        self
    }

    /// Commits a batch, in whole or not at all, and sends the replies. Returns the number of expired
    /// keys that it removed.
    fn write(&mut self, mut batch: VecDeque<Command>) -> usize {
        let mut replies = Vec::new();
        let done = self.transact(&mut batch, &mut replies);
        self.healthy.store(done.is_ok(), Ordering::Relaxed);
        if let Err(error) = &done {
            tracing::error!(%error, fix = error.fix(), "responses cannot be stored");
            self.file.close();
            while let Some(command) = batch.pop_front() {
                match command {
                    Command::Begin(attempt) => attempt.reply(Err(error.clone())),
                    Command::Recover(recovery) => {
                        let _ = recovery.reply.send(Err(error.clone()));
                    }
                    other => self.end(other, &mut batch, &mut replies),
                }
            }
        }
        let (stored, swept) = match done {
            Ok(swept) => (Ok(()), swept),
            Err(error) => (Err(error), 0),
        };
        replies.into_iter().for_each(|reply| self.send(reply, &stored));
        swept
    }

    fn transact(
        &mut self,
        batch: &mut VecDeque<Command>,
        replies: &mut Vec<Reply>,
    ) -> Result<usize, StoreError> {
        let path = self.file.path().to_owned();
        let fail = |error: redb::Error| file::failed(&path, error.into());
        let transaction = self.file.begin().map_err(|error| file::failed(&path, error))?;
        let mut tables = Tables::open(&transaction).map_err(fail)?;
        let swept = self.handle(&mut tables, batch, replies).map_err(fail)?;
        if !self.healthy.load(Ordering::Relaxed) {
            tables.probe().map_err(fail)?;
        }
        let (changed, dropped) = (tables.changed(), tables.dropped());
        drop(tables);
        // Reads need no commit.
        if changed {
            transaction.commit().map_err(|error| fail(error.into()))?;
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
        Ok(swept)
    }

    /// Handles the commands of a batch. On an error, the rest stays in it.
    fn handle(
        &mut self,
        tables: &mut Tables<'_>,
        batch: &mut VecDeque<Command>,
        replies: &mut Vec<Reply>,
    ) -> Result<usize, redb::Error> {
        let now = now();
        while let Some(command) = batch.pop_front() {
            match command {
                Command::Begin(attempt) => match self.decide(tables, &attempt, now) {
                    Ok(None) => self.in_flight.wait(attempt),
                    Ok(Some(decision)) => self.decided(attempt, decision, replies),
                    Err(error) => {
                        batch.push_front(Command::Begin(attempt));
                        return Err(error);
                    }
                },
                Command::Recover(recovery) => match self.recover(tables, &recovery) {
                    Ok(held) => replies.push(Reply::Recovered(recovery, held)),
                    Err(error) => {
                        batch.push_front(Command::Recover(recovery));
                        return Err(error);
                    }
                },
                other => {
                    let written = self.write_end(tables, &other, now);
                    self.end(other, batch, replies);
                    written?;
                }
            }
        }
        let before = now.saturating_sub(millis(self.options.kept)).saturating_add(1);
        tables.sweep(before, SWEPT, &self.in_flight)
    }

    /// Holds the keys of the runs that go on, and removes those of runs that did nothing.
    fn recover(
        &mut self,
        tables: &mut Tables<'_>,
        recovery: &Recovery,
    ) -> Result<Vec<(Uuid, TenantKey)>, redb::Error> {
        let mut held = Vec::new();
        for (name, known) in tables.interrupted()? {
            match recovery.runs.get(&known.run) {
                Some(claim) => {
                    self.in_flight.recover(&name, known.digest, known.run, *claim);
                    held.push((known.run, name));
                }
                None if known.since >= recovery.since => tables.remove(&name)?,
                None => {}
            }
        }
        Ok(held)
    }

    /// Decides on an attempt; `None` if it must wait for another one.
    fn decide(
        &self,
        tables: &mut Tables<'_>,
        attempt: &PendingAttempt,
        now: u64,
    ) -> Result<Option<Decision>, redb::Error> {
        if let Some(claim) = self.in_flight.get(&attempt.name) {
            let same = claim.digest.is_same(&attempt.digest);
            return Ok((!same).then_some(Decision::OtherBody));
        }
        let kept = millis(self.options.kept);
        let known = tables.find(&attempt.name)?;
        if let Some(known) = known.filter(|known| now.saturating_sub(known.since) < kept) {
            if !known.digest.is_same(&attempt.digest) {
                return Ok(Some(Decision::OtherBody));
            }
            let run = known.run;
            let lost = match known.finished {
                None => Decision::Interrupted(run),
                Some((sequence, status)) => {
                    let status = StatusCode::from_u16(status).map_err(|_| damaged("a status"))?;
                    match tables.response(&attempt.name, sequence, status)? {
                        Some(response) => return Ok(Some(Decision::Again(response))),
                        None => Decision::NotKept { status, run },
                    }
                }
            };
            if !attempt.harmless {
                return Ok(Some(lost));
            }
        } else if tables.is_full(&attempt.name, &self.options)? {
            return Ok(Some(Decision::Full));
        }
        tables.begin(&attempt.name, attempt.digest, attempt.run, now)?;
        Ok(Some(Decision::First))
    }

    fn decided(&mut self, attempt: PendingAttempt, decision: Decision, replies: &mut Vec<Reply>) {
        match decision {
            Decision::First => self.in_flight.hold(&attempt, attempt.run, true),
            Decision::Interrupted(run) => self.in_flight.hold(&attempt, run, false),
            _ => {}
        }
        replies.push(Reply::Begun(attempt, decision));
    }

    /// Writes the end of a claim.
    fn write_end(
        &self,
        tables: &mut Tables<'_>,
        command: &Command,
        now: u64,
    ) -> Result<(), redb::Error> {
        match command {
            Command::Finish { name, claim, response, .. } => {
                let claim = self.in_flight.held(name, *claim);
                claim.map_or(Ok(()), |claim| {
                    tables.finish(name, claim, response, now, &self.options)
                })
            }
            Command::Release { name, claim, forgotten: true, .. } => {
                let running = self.in_flight.held(name, *claim).filter(|claim| claim.running);
                running.map_or(Ok(()), |_| tables.remove(name))
            }
            _ => Ok(()),
        }
    }

    /// Ends a claim. The waiting attempts get its response, or come next.
    fn end(&mut self, command: Command, batch: &mut VecDeque<Command>, replies: &mut Vec<Reply>) {
        match command {
            Command::Finish { name, claim, response, done } => {
                let waiting = self.in_flight.release(&name, claim);
                replies.push(Reply::Finished { waiting, response, done });
            }
            Command::Release { name, claim, done, .. } => {
                let waiting = self.in_flight.release(&name, claim);
                for attempt in waiting.into_iter().rev() {
                    batch.push_front(Command::Begin(attempt));
                }
                replies.push(Reply::Released(done));
            }
            Command::Begin(_) | Command::Recover(_) => {}
        }
    }

    fn send(&mut self, reply: Reply, stored: &StoreResult) {
        match reply {
            Reply::Begun(attempt, decision) => match stored {
                Ok(()) => attempt.reply(Ok(decision)),
                Err(error) => {
                    let waiting = self.in_flight.release(&attempt.name, attempt.claim);
                    for attempt in waiting.into_iter().chain([attempt]) {
                        attempt.reply(Err(error.clone()));
                    }
                }
            },
            Reply::Finished { waiting, response, done } => {
                let _ = done.send(stored.clone());
                // The run was made, even if its response is not on the disk.
                for attempt in waiting {
                    attempt.reply(Ok(Decision::Again(response.clone())));
                }
            }
            Reply::Released(done) => {
                let _ = done.map(|done| done.send(stored.clone()));
            }
            Reply::Recovered(recovery, held) => {
                if stored.is_err() {
                    for (run, name) in &held {
                        let claim = recovery.runs.get(run).copied().unwrap_or_default();
                        self.in_flight.release(name, claim);
                    }
                }
                let _ = recovery.reply.send(stored.clone().map(|()| held));
            }
        }
    }
}

impl Commit for Work {
    type Request = Command;

    const MOST: usize = BATCH;
    const FULL: usize = BATCH_BYTES;

    fn size(command: &Command) -> usize {
        match command {
            Command::Finish { response, .. } => {
                usize::try_from(response.size()).unwrap_or(usize::MAX)
            }
            Command::Begin(_) | Command::Release { .. } | Command::Recover(_) => 0,
        }
    }

    fn patience(&self) -> Option<Duration> {
        Some(if self.healthy.load(Ordering::Relaxed) { IDLE } else { RETRY })
    }

    fn commit(&mut self, batch: Vec<Command>) {
        self.write(batch.into());
    }
}

/// Returns the Unix time in milliseconds.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
