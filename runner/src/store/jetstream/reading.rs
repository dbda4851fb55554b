//! All messages of a stream that match a filter.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;

use super::JetStream;
use crate::store::StoreError;

/// The longest wait for the next message.
const NEXT: Duration = Duration::from_secs(5);

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
        let config =
            pull::OrderedConfig { filter_subject: filter, deliver_policy, ..Default::default() };
        let consumer = stream.create_consumer(config).await.map_err(|error| self.failed(error))?;
        let mut messages = Vec::new();
        if consumer.cached_info().num_pending == 0 {
            return Ok(messages);
        }
        let stream = consumer.messages().await;
        let mut stream = stream.map_err(|error| self.failed(error))?;
        loop {
            let next = tokio::time::timeout(NEXT, stream.next()).await;
            let next = next.map_err(|_| self.failed("it does not send its messages"))?;
            let next = next.ok_or_else(|| self.failed("it has ended the messages"))?;
            let message = next.map_err(|error| self.failed(error))?;
            let pending = message.info().map_err(|error| self.failed(error))?.pending;
            messages.push(message);
            if pending == 0 {
                return Ok(messages);
            }
        }
    }
}
