//! All messages of a stream that match a filter.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;

use super::JetStream;
use crate::store::StoreError;

/// The longest wait for the next message.
const NEXT: Duration = Duration::from_secs(5);

/// How long the server keeps a consumer that nobody has removed.
const LEFT_BEHIND: Duration = Duration::from_secs(10);

impl JetStream {
    /// Returns the messages of a stream that match a filter, oldest first.
    ///
    /// # Errors
    /// Fails when the server does not send all of them.
    pub(crate) async fn messages(
        &self,
        stream: &Stream,
        filter: String,
        deliver_policy: DeliverPolicy,
    ) -> Result<Vec<Message>, StoreError> {
        self.connected()?;
        let config = pull::Config {
            filter_subject: filter,
            deliver_policy,
            ack_policy: AckPolicy::None,
            inactive_threshold: LEFT_BEHIND,
            memory_storage: true,
            num_replicas: 1,
            ..Default::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(|error| self.failed(error))?;
        let messages = self.all(&consumer).await;
        let (stream, name) = (stream.clone(), consumer.cached_info().name.clone());
        // Hundreds of reads a second would otherwise leave thousands of consumers.
        tokio::spawn(async move { stream.delete_consumer(&name).await });
        messages
    }

    async fn all(&self, consumer: &PullConsumer) -> Result<Vec<Message>, StoreError> {
        let mut messages = Vec::new();
        if consumer.cached_info().num_pending == 0 {
            return Ok(messages);
        }
        let stream = consumer.messages().await;
        let mut stream = stream.map_err(|error| self.failed(error))?;
        for sequence in 1.. {
            let next = tokio::time::timeout(NEXT, stream.next()).await;
            let next = next.map_err(|_| self.failed("it does not send its messages"))?;
            let next = next.ok_or_else(|| self.failed("it has ended the messages"))?;
            let message = next.map_err(|error| self.failed(error))?;
            let info = message.info().map_err(|error| self.failed(error))?;
            let (pending, is_next) = (info.pending, info.consumer_sequence == sequence);
            if !is_next {
                return Err(self.failed("a message was lost on its way"));
            }
            messages.push(message);
            if pending == 0 {
                break;
            }
        }
        Ok(messages)
    }
}
