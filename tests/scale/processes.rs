//! Processes that share a store.

use std::sync::Arc;

use runner::store::Store;
use runner::store::jetstream::JetStream;
use runner::store::process::Process;
use support::nats::Nats;

/// A process on this server, with a connection of its own.
pub async fn join(nats: &Nats) -> Process {
    let store: Arc<dyn Store> = Arc::new(JetStream::open(&nats.options()).await.unwrap());
    Process::join(store).await.unwrap()
}
