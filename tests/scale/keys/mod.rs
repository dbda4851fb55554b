//! The first answers to idempotency keys, in processes that share a store.
//!
//! - `first`: who is the first, and what the others get
//! - `death`: what becomes of a key whose process dies
//! - `outage`: a store that is gone for a while
//! - `lossy`: a store whose acknowledgement is lost on its way

mod death;
mod first;
mod lossy;
mod outage;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use runner::serve::idempotency::{Begun, Options, Reservation, ResponseStore};
use runner::store::jetstream::JetStream;
use runner::store::process::Process;
use runner::store::{Orphans, Pending, Store};
use support::nats::Nats;
use support::responses::Store as Responses;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use super::PATIENCE;

/// Longer than the longest pause between two looks at a key.
const A_LOOK: Duration = Duration::from_millis(700);

/// A process, with its store of responses.
struct Node {
    process: Process,
    store: Responses,
}

impl Node {
    async fn start(nats: &Nats, journals: &Arc<Journals>) -> Self {
        Self::with(nats, journals, Options::default()).await
    }

    async fn with(nats: &Nats, journals: &Arc<Journals>, options: Options) -> Self {
        let store = JetStream::open(&nats.options()).await.unwrap();
        Self::on(Arc::new(store), journals, options).await
    }

    async fn on(store: Arc<dyn Store>, journals: &Arc<Journals>, options: Options) -> Self {
        let process = Process::join(store).await.unwrap();
        let journals: Arc<dyn Orphans> = Arc::<Journals>::clone(journals);
        let store = ResponseStore::shared(process.clone(), journals, options).await.unwrap();
        Self { process, store: Responses(store) }
    }

    /// Begins in a task.
    fn begins(&self, key: &'static str, request: &'static str) -> JoinHandle<Begun> {
        let store = self.store.clone();
        tokio::spawn(async move { store.begin(key, request).await })
    }
}

impl Deref for Node {
    type Target = Responses;

    fn deref(&self) -> &Responses {
        &self.store
    }
}

/// What the journals of the processes say of runs that have lost theirs.
#[derive(Default)]
struct Journals {
    /// Whether they have sent a write, so that somebody resumes them.
    wrote: AtomicBool,
}

impl Journals {
    fn wrote() -> Arc<Self> {
        Arc::new(Self { wrote: true.into() })
    }
}

impl Orphans for Journals {
    fn closed(&self, _: Uuid) -> Pending<'_, bool> {
        Box::pin(async { Ok(!self.wrote.load(Ordering::SeqCst)) })
    }
}

/// Two processes on one store, whose runs have sent no write when they die.
async fn two(nats: &Nats) -> [Node; 2] {
    let journals = Arc::default();
    [Node::start(nats, &journals).await, Node::start(nats, &journals).await]
}

/// What a task returns, which waits for nothing else.
async fn soon<T>(task: JoinHandle<T>) -> T {
    tokio::time::timeout(PATIENCE, task).await.expect("it waits").unwrap()
}

/// Begins with one key many times at once in all processes, and returns the only first one, which
/// has `after` found every other attempt waiting.
async fn race(nodes: &[Node], key: &'static str) -> (Reservation, JoinSet<Begun>) {
    let mut attempts = JoinSet::new();
    for node in nodes.iter().cycle().take(40) {
        let store = node.store.clone();
        attempts.spawn(async move { store.begin(key, "create anna").await });
    }
    let first = tokio::time::timeout(PATIENCE, attempts.join_next()).await.expect("none is first");
    let Begun::First(reservation) = first.unwrap().unwrap() else { panic!("not the first") };
    tokio::time::sleep(A_LOOK).await;
    assert!(attempts.try_join_next().is_none(), "a second one does not wait");
    (reservation, attempts)
}
