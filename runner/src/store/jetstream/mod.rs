//! NATS JetStream: a store that many processes share.
//!
//! All entries are in one key-value bucket, whose revisions are the sequences of its stream. The
//! journals of runs are in a stream of their own; see [`crate::journal`].
//!
//! - [`options`]: where the store is, and how to sign in
//! - `connection`: the connection, and what must exist on the server
//! - `entries`: the entries
//! - `reading`: all messages of a stream that match a filter

mod connection;
mod entries;
pub mod options;
mod reading;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use async_nats::jetstream::{Context, kv, stream::Stream};

use super::StoreError;

/// The time after which a request to the server has failed.
const REQUEST_TIME: Duration = Duration::from_secs(3);

/// A store on NATS JetStream. Clones share a connection, which is made again when it is lost.
#[derive(Clone)]
pub struct JetStream(Arc<Connected>);

struct Connected {
    /// The URL, without a password.
    place: Arc<str>,
    client: Client,
    context: Context,
    bucket: kv::Store,
    journals: Stream,
    components: async_nats::jetstream::object_store::ObjectStore,
}

impl JetStream {
    /// Returns the URL of the store, without a password.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// Returns the context for requests to JetStream.
    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    /// Returns the stream of journals.
    pub(crate) fn journals(&self) -> &Stream {
        &self.0.journals
    }

    /// Returns the components that runs need after a crash.
    pub(crate) fn components(&self) -> &async_nats::jetstream::object_store::ObjectStore {
        &self.0.components
    }

    /// Returns whether the server can be reached. Without it, the client would keep messages, and
    /// send them when nobody expects them any more.
    pub fn is_connected(&self) -> bool {
        self.0.client.connection_state() == State::Connected
    }

    /// Returns the error of a failed request.
    pub(crate) fn failed(&self, reason: impl fmt::Display) -> StoreError {
        StoreError::Unavailable { place: Arc::clone(&self.0.place), reason: reason.to_string() }
    }

    /// Fails when the server cannot be reached.
    pub(crate) fn connected(&self) -> Result<(), StoreError> {
        if self.is_connected() { Ok(()) } else { Err(self.failed("it is not connected")) }
    }
}

impl fmt::Debug for JetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStream").field("place", &self.0.place).finish_non_exhaustive()
    }
}
