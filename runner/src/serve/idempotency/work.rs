//! What the thread does with a batch of commands: it writes them in one transaction.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use disk::group::Commit;
use http::StatusCode;
use tokio::sync::oneshot;

use super::command::{Command, Decision, DigestKey, PendingAttempt, StoreResult};
use super::file::{self, Opened};
use super::in_flight::InFlight;
use super::tables::{Tables, damaged};
use super::{Options, StoreError, StoredResponse};

/// How many commands are written at once, and how many bytes of answers: together they say
/// how long the next one waits. So many with small answers take some 20 ms in a debug build.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 16 << 20;

/// How many keys of the past go with each transaction; more than may come with one.
const SWEPT: usize = 2 * BATCH;

/// How long old answers may stay where nothing else happens.
const IDLE: Duration = Duration::from_secs(60);

/// What the thread has.
pub struct Work {
    pub path: PathBuf,
    pub secret: DigestKey,
    /// None after an error, for redb wants to be opened again then.
    pub database: Option<redb::Database>,
    pub in_flight: InFlight,
    pub options: Options,
    pub commits: Arc<AtomicU64>,
}

/// What is told when it is on the disk.
enum Reply {
    Begun(PendingAttempt, Decision),
    Finished {
        waiting: Vec<PendingAttempt>,
        answer: StoredResponse,
        done: oneshot::Sender<StoreResult>,
    },
    Released(Option<oneshot::Sender<StoreResult>>),
}

impl Work {
    /// The same without the keys that are too old, before any of them is asked for.
    pub fn swept(mut self) -> Self {
        while self.write(VecDeque::new()) == SWEPT {}
        self
    }

    /// Does all of it or nothing, and tells. How many old keys went with it.
    fn write(&mut self, mut batch: VecDeque<Command>) -> usize {
        let mut told = Vec::new();
        let done = self.transact(&mut batch, &mut told);
        if let Err(error) = &done {
            tracing::error!(%error, fix = error.fix(), "answers are not kept");
            self.database = None;
            while let Some(command) = batch.pop_front() {
                match command {
                    Command::Begin(asking) => asking.tell(Err(error.clone())),
                    other => self.settle(other, &mut batch, &mut told),
                }
            }
        }
        let (kept, swept) = match done {
            Ok(swept) => (Ok(()), swept),
            Err(error) => (Err(error), 0),
        };
        told.into_iter().for_each(|told| self.tell(told, &kept));
        swept
    }

    fn transact(
        &mut self,
        batch: &mut VecDeque<Command>,
        told: &mut Vec<Reply>,
    ) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let fail = |error| file::failed(&path, error);
        let transaction = file::transaction(self.database()?).map_err(fail)?;
        let mut tables = Tables::open(&transaction).map_err(fail)?;
        let swept = self.handle(&mut tables, batch, told).map_err(fail)?;
        let changed = tables.changed();
        drop(tables);
        // What was only read needs no disk.
        if changed {
            transaction.commit().map_err(|error| fail(error.into()))?;
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(swept)
    }

    /// The file; opened again after an error.
    fn database(&mut self) -> Result<&redb::Database, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let Opened { database, secret } = file::open(&self.path)?;
                if secret != self.secret {
                    let reason = "it was replaced while it was in use".to_owned();
                    return Err(StoreError::Damaged { path: self.path.clone(), reason });
                }
                database
            }
        };
        Ok(self.database.insert(database))
    }

    /// What cannot be written stays in the batch.
    fn handle(
        &mut self,
        tables: &mut Tables<'_>,
        batch: &mut VecDeque<Command>,
        told: &mut Vec<Reply>,
    ) -> Result<usize, redb::Error> {
        let now = now();
        while let Some(command) = batch.pop_front() {
            match command {
                Command::Begin(asking) => match self.decide(tables, &asking, now) {
                    Ok(None) => self.in_flight.wait(asking),
                    Ok(Some(decision)) => self.begun(asking, decision, told),
                    Err(error) => {
                        batch.push_front(Command::Begin(asking));
                        return Err(error);
                    }
                },
                other => {
                    let noted = self.note(tables, &other, now);
                    self.settle(other, batch, told);
                    noted?;
                }
            }
        }
        let before = now.saturating_sub(millis(self.options.kept)).saturating_add(1);
        tables.sweep(before, SWEPT, &self.in_flight)
    }

    /// What an attempt comes to; none if it has to wait for another.
    fn decide(
        &self,
        tables: &mut Tables<'_>,
        asking: &PendingAttempt,
        now: u64,
    ) -> Result<Option<Decision>, redb::Error> {
        if let Some(claim) = self.in_flight.get(&asking.name) {
            let same = claim.digest.is_same(&asking.digest);
            return Ok((!same).then_some(Decision::OtherBody));
        }
        let kept = millis(self.options.kept);
        let known = tables.find(&asking.name)?;
        if let Some(known) = known.filter(|known| now.saturating_sub(known.since) < kept) {
            if !known.digest.is_same(&asking.digest) {
                return Ok(Some(Decision::OtherBody));
            }
            let run = known.run;
            let lost = match known.answered {
                None => Decision::Interrupted(run),
                Some((place, status)) => {
                    let status = StatusCode::from_u16(status).map_err(|_| damaged("a status"))?;
                    match tables.answer(&asking.name, place, status)? {
                        Some(answer) => return Ok(Some(Decision::Again(answer))),
                        None => Decision::NotKept { status, run },
                    }
                }
            };
            if !asking.harmless {
                return Ok(Some(lost));
            }
        }
        tables.begin(&asking.name, asking.digest, asking.run, now)?;
        Ok(Some(Decision::First))
    }

    fn begun(&mut self, asking: PendingAttempt, decision: Decision, told: &mut Vec<Reply>) {
        match decision {
            Decision::First => self.in_flight.hold(&asking, asking.run, true),
            Decision::Interrupted(run) => self.in_flight.hold(&asking, run, false),
            _ => {}
        }
        told.push(Reply::Begun(asking, decision));
    }

    /// Writes the end of what is held.
    fn note(
        &self,
        tables: &mut Tables<'_>,
        command: &Command,
        now: u64,
    ) -> Result<(), redb::Error> {
        match command {
            Command::Finish { name, claim, answer, .. } => {
                let claim = self.in_flight.held(name, *claim);
                claim.map_or(Ok(()), |claim| tables.finish(name, claim, answer, now, &self.options))
            }
            Command::Release { name, claim, forgotten: true, .. } => {
                let running = self.in_flight.held(name, *claim).filter(|claim| claim.running);
                running.map_or(Ok(()), |_| tables.remove(name))
            }
            _ => Ok(()),
        }
    }

    /// Ends what is held; who waits for it is next, or has the answer.
    fn settle(&mut self, command: Command, batch: &mut VecDeque<Command>, told: &mut Vec<Reply>) {
        match command {
            Command::Finish { name, claim, answer, done } => {
                let claim = self.in_flight.release(&name, claim);
                let waiting = claim.map(|claim| claim.waiting).unwrap_or_default();
                told.push(Reply::Finished { waiting, answer, done });
            }
            Command::Release { name, claim, done, .. } => {
                let claim = self.in_flight.release(&name, claim);
                let waiting = claim.map(|claim| claim.waiting).unwrap_or_default();
                for asking in waiting.into_iter().rev() {
                    batch.push_front(Command::Begin(asking));
                }
                told.push(Reply::Released(done));
            }
            Command::Begin(_) => {}
        }
    }

    fn tell(&mut self, told: Reply, kept: &StoreResult) {
        match told {
            Reply::Begun(asking, decision) => match kept {
                Ok(()) => asking.tell(Ok(decision)),
                Err(error) => {
                    let claim = self.in_flight.release(&asking.name, asking.claim);
                    let waiting = claim.map(|claim| claim.waiting).unwrap_or_default();
                    for asking in waiting.into_iter().chain([asking]) {
                        asking.tell(Err(error.clone()));
                    }
                }
            },
            Reply::Finished { waiting, answer, done } => {
                let _ = done.send(kept.clone());
                // The run was done, whether or not its answer is on the disk.
                for asking in waiting {
                    asking.tell(Ok(Decision::Again(answer.clone())));
                }
            }
            Reply::Released(done) => {
                let _ = done.map(|done| done.send(kept.clone()));
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
            Command::Finish { answer, .. } => usize::try_from(answer.size()).unwrap_or(usize::MAX),
            Command::Begin(_) | Command::Release { .. } => 0,
        }
    }

    fn patience(&self) -> Option<Duration> {
        Some(IDLE)
    }

    fn commit(&mut self, batch: Vec<Command>) {
        self.write(batch.into());
    }
}

/// Milliseconds of Unix time.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
