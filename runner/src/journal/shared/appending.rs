//! Appends to the journal of one run.

use std::time::Duration;

use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::RawMessageErrorKind;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use super::SharedJournals;
use super::messages::{Head, parts, subject};
use crate::journal::error::JournalError;
use crate::journal::run::{Appended, Records};
use crate::store::StoreError;

/// The time for which a run waits for its store, such as one that starts again.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time between attempts.
const AGAIN: Duration = Duration::from_millis(100);

/// Records that wait for the store.
pub(super) struct Queued {
    records: Records,
    outcome: oneshot::Sender<Result<(), JournalError>>,
}

/// The journal of one run, while this process holds it.
pub(super) struct Appending {
    journals: SharedJournals,
    run: Uuid,
    /// The sequence of the last message; 0 if there is none.
    last: u64,
}

/// How an attempt to append has ended.
enum Attempt {
    /// The message has this sequence.
    Appended(u64),
    /// Another message came first.
    Late,
    /// Nobody knows.
    Failed(StoreError),
}

impl Queued {
    pub fn new(records: Records) -> (Self, Appended) {
        let (outcome, appended) = oneshot::channel();
        (Self { records, outcome }, appended)
    }
}

impl Appending {
    pub fn new(journals: SharedJournals, run: Uuid, last: u64) -> Self {
        Self { journals, run, last }
    }

    /// Appends what comes, until the run has ended or is no longer held.
    pub async fn write(mut self, mut queue: mpsc::UnboundedReceiver<Queued>) {
        while let Some(Queued { records, outcome }) = queue.recv().await {
            let ended = records.ended;
            let appended = match records {
                // Without records, the run has ended for everybody.
                Records { ended: true, .. } => self.remove().await,
                Records { offers: true, .. } => self.offer().await,
                Records { lines, .. } => self.append(&lines).await,
            };
            let failed = appended.is_err();
            let _ = outcome.send(appended);
            if ended || failed {
                break;
            }
        }
        self.journals.let_go(self.run);
    }

    /// Appends records, or a claim without any.
    pub async fn append(&mut self, lines: &[u8]) -> Result<(), JournalError> {
        let parts = parts(lines);
        let count = parts.len();
        for (number, part) in (1..).zip(parts) {
            self.append_part(part, Head { part: (number, count), ..self.head() }).await?;
        }
        Ok(())
    }

    /// Lets any process take the run.
    async fn offer(&mut self) -> Result<(), JournalError> {
        self.append_part(&[], self.head().offered()).await
    }

    /// Closes a journal without records for good: no process can begin it any more.
    pub async fn close(&mut self) -> Result<(), JournalError> {
        self.append_part(&[], Head { is_closed: true, ..self.head() }).await
    }

    /// Returns the head of the next message.
    fn head(&self) -> Head {
        let holder = self.journals.0.process.id().to_owned();
        Head { holder, after: self.last, part: (1, 1), is_closed: false }
    }

    /// Returns the sequence of the last message.
    pub fn last(&self) -> u64 {
        self.last
    }

    async fn append_part(&mut self, part: &[u8], head: Head) -> Result<(), JournalError> {
        let sealed = self.journals.0.key.seal(self.run.as_bytes(), part)?;
        let began = Instant::now();
        loop {
            let attempt = match self.attempt(&head, sealed.clone()).await {
                // An earlier attempt may have arrived without an acknowledgement.
                Attempt::Late => self.find(&head).await,
                attempt => attempt,
            };
            match attempt {
                Attempt::Appended(sequence) => {
                    self.last = sequence;
                    return Ok(());
                }
                Attempt::Late => return Err(JournalError::Taken),
                Attempt::Failed(_) if began.elapsed() < PATIENCE => tokio::time::sleep(AGAIN).await,
                Attempt::Failed(error) => return Err(error.into()),
            }
        }
    }

    async fn attempt(&self, head: &Head, payload: Bytes) -> Attempt {
        let store = &self.journals.0.store;
        if let Err(error) = store.connected() {
            return Attempt::Failed(error);
        }
        let mut message = PublishMessage::build()
            .payload(payload)
            .headers(head.headers())
            .expected_last_subject_sequence(self.last);
        if head.is_closed {
            message = message.ttl(super::orphans::CLOSED_FOR);
        }
        let sent = store.context().send_publish(subject(self.run), message).await;
        let acknowledged = match sent {
            Ok(acknowledged) => acknowledged.await,
            Err(error) => Err(error),
        };
        match acknowledged {
            Ok(acknowledged) => Attempt::Appended(acknowledged.sequence),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Attempt::Late,
            Err(error) => Attempt::Failed(store.failed(error)),
        }
    }

    /// Looks for a message that was appended before.
    async fn find(&self, head: &Head) -> Attempt {
        let store = &self.journals.0.store;
        match store.journals().get_last_raw_message_by_subject(&subject(self.run)).await {
            Ok(last) if Head::read(&last.headers).as_ref() == Some(head) => {
                Attempt::Appended(last.sequence)
            }
            Ok(_) => Attempt::Late,
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Attempt::Late,
            Err(error) => Attempt::Failed(store.failed(error)),
        }
    }

    /// Removes the journal of a run that has ended.
    async fn remove(&self) -> Result<(), JournalError> {
        let store = &self.journals.0.store;
        let began = Instant::now();
        loop {
            let purged = store
                .journals()
                .purge()
                .filter(subject(self.run))
                .sequence(self.last.saturating_add(1));
            match purged.await {
                Ok(_) => return Ok(()),
                Err(_) if began.elapsed() < PATIENCE => tokio::time::sleep(AGAIN).await,
                Err(error) => return Err(store.failed(error).into()),
            }
        }
    }
}
