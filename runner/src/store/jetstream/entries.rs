//! The entries, in a key-value bucket.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::kv::Operation;
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::JetStream;
use crate::store::{Change, Entry, Expected, Group, Key, Pending, Revision, Store, StoreError};

/// The changes that a receiver may leave unread before it is cut off.
const UNREAD: usize = 1_024;

/// The headers of an entry that is gone, and the prefix of the values that are none.
const OPERATION: &str = "KV-Operation";
const MARKER: &str = "Nats-Marker-Reason";

/// What an entry is now.
enum Current {
    /// It has this value.
    Present(Entry),
    /// It was removed, at this revision.
    Removed(u64),
    /// It never was.
    Never,
}

impl Store for JetStream {
    fn get<'a>(&'a self, key: &'a Key) -> Pending<'a, Option<Entry>> {
        Box::pin(async move {
            Ok(match self.current(key).await? {
                Current::Present(entry) => Some(entry),
                Current::Removed(_) | Current::Never => None,
            })
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Bytes,
        expected: Expected,
        lifetime: Option<Duration>,
    ) -> Pending<'a, Option<Revision>> {
        Box::pin(async move {
            let revision = match expected {
                Expected::Absent => Some(0),
                Expected::Is(Revision(revision)) => Some(revision),
                Expected::Any => None,
            };
            let put = self.publish(key, value.clone(), revision, lifetime).await?;
            if put.is_some() || expected != Expected::Absent {
                return Ok(put);
            }
            // What was removed leaves a marker, which has a revision.
            match self.current(key).await? {
                Current::Removed(revision) => {
                    self.publish(key, value, Some(revision), lifetime).await
                }
                Current::Present(_) | Current::Never => Ok(None),
            }
        })
    }

    fn remove<'a>(&'a self, key: &'a Key, expected: Revision) -> Pending<'a, bool> {
        Box::pin(async move {
            self.connected()?;
            let Revision(revision) = expected;
            match self.0.bucket.purge_expect_revision(key.as_str(), Some(revision)).await {
                Ok(()) => Ok(true),
                Err(error) => match self.current(key).await? {
                    Current::Present(entry) if entry.revision == expected => {
                        Err(self.failed(error))
                    }
                    Current::Present(_) | Current::Removed(_) | Current::Never => Ok(false),
                },
            }
        })
    }

    fn list<'a>(&'a self, group: Group, parts: &'a [&'a str]) -> Pending<'a, Vec<(Key, Entry)>> {
        Box::pin(async move {
            let prefix = Key::new(group, parts);
            let filter = format!("{}{}.>", self.0.bucket.prefix, prefix.as_str());
            let stream = &self.0.bucket.stream;
            let messages = self.messages(stream, filter, DeliverPolicy::LastPerSubject).await?;
            let mut entries = Vec::with_capacity(messages.len());
            for message in messages.iter().filter(|message| !is_marker(message)) {
                entries.push((self.key(message), self.entry(message)?));
            }
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            Ok(entries)
        })
    }

    fn watch(&self, group: Group) -> Pending<'_, mpsc::Receiver<Change>> {
        Box::pin(async move {
            self.connected()?;
            let keys = format!("{}.>", group.name());
            let watch = self.0.bucket.watch(keys).await.map_err(|error| self.failed(error))?;
            let (sender, receiver) = mpsc::channel(UNREAD);
            tokio::spawn(forward(watch, sender));
            Ok(receiver)
        })
    }

    fn is_healthy(&self) -> bool {
        self.is_connected()
    }
}

impl JetStream {
    async fn current(&self, key: &Key) -> Result<Current, StoreError> {
        self.connected()?;
        let found = self.0.bucket.entry(key.as_str()).await.map_err(|error| self.failed(error))?;
        Ok(match found {
            None => Current::Never,
            Some(entry) => match entry.operation {
                Operation::Put => Current::Present(Entry {
                    value: entry.value,
                    revision: Revision(entry.revision),
                }),
                Operation::Delete | Operation::Purge => Current::Removed(entry.revision),
            },
        })
    }

    /// Writes a value; `None` if the last sequence of its subject is not `expected`.
    async fn publish(
        &self,
        key: &Key,
        value: Bytes,
        expected: Option<u64>,
        lifetime: Option<Duration>,
    ) -> Result<Option<Revision>, StoreError> {
        self.connected()?;
        let mut message = PublishMessage::build().payload(value.clone());
        if let Some(sequence) = expected {
            message = message.expected_last_subject_sequence(sequence);
        }
        if let Some(lifetime) = lifetime {
            message = message.ttl(whole_seconds(lifetime));
        }
        let bucket = &self.0.bucket;
        let prefix = bucket.put_prefix.as_ref().unwrap_or(&bucket.prefix);
        let subject = format!("{prefix}{}", key.as_str());
        let sent = self.context().send_publish(subject, message).await;
        let acknowledged = match sent {
            Ok(acknowledged) => acknowledged.await,
            Err(error) => Err(error),
        };
        match acknowledged {
            Ok(acknowledged) => Ok(Some(Revision(acknowledged.sequence))),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(None),
            Err(error) => match self.current(key).await {
                // The acknowledgement was lost.
                Ok(Current::Present(entry))
                    if entry.value == value && expected.is_none_or(|it| entry.revision.0 > it) =>
                {
                    Ok(Some(entry.revision))
                }
                _ => Err(self.failed(error)),
            },
        }
    }

    fn key(&self, message: &Message) -> Key {
        let subject = message.subject.as_str();
        Key::of(subject.strip_prefix(&self.0.bucket.prefix).unwrap_or(subject).to_owned())
    }

    fn entry(&self, message: &Message) -> Result<Entry, StoreError> {
        let info = message.info().map_err(|error| self.failed(error))?;
        let revision = Revision(info.stream_sequence);
        Ok(Entry { value: message.payload.clone(), revision })
    }
}

/// Returns whether a message says that its entry is gone.
fn is_marker(message: &Message) -> bool {
    let headers = message.headers.as_ref();
    headers.is_some_and(|headers| {
        headers.get(OPERATION).is_some_and(|operation| operation.as_str() != "PUT")
            || headers.get(MARKER).is_some()
    })
}

/// Returns a lifetime as the server takes it: at least a second.
fn whole_seconds(lifetime: Duration) -> Duration {
    let more = u64::from(lifetime.subsec_nanos() > 0);
    Duration::from_secs(lifetime.as_secs().saturating_add(more).max(1))
}

/// Forwards changes until one side ends, or the receiver is too slow.
async fn forward(mut watch: async_nats::jetstream::kv::Watch, sender: mpsc::Sender<Change>) {
    loop {
        let next = tokio::select! {
            next = watch.next() => next,
            () = sender.closed() => return,
        };
        let Some(Ok(entry)) = next else { return };
        let key = Key::of(entry.key);
        let revision = Revision(entry.revision);
        let entry =
            (entry.operation == Operation::Put).then_some(Entry { value: entry.value, revision });
        if sender.try_send(Change { key, entry }).is_err() {
            return;
        }
    }
}
