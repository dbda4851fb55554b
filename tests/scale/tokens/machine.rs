//! Servers with a state directory of their own, and processes that sleep.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use runner::connections::config::Grant;
use runner::connections::tokens::{AccessToken, Credentials, TokenCache};
use runner::report::Report;
use runner::store::jetstream::JetStream;
use runner::store::sealing::SealingKey;
use runner::store::{Change, Entry, Expected, Group, Key, Pending, Revision, Sealed, Store};
use serde_json::Value;
use support::nats::Nats;
use support::provider::Provider;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

/// A sealed store, with a connection of its own.
pub async fn sealed(nats: &Nats) -> Arc<dyn Store> {
    let key = base64::prelude::BASE64_STANDARD.encode([7; 32]);
    let key = SealingKey::parse(&key.into()).unwrap();
    let plain = JetStream::open(&nats.options()).await.unwrap();
    Arc::new(Sealed::new(Arc::new(plain), key, &nats.url()))
}

/// A machine with a server.
pub struct Machine {
    directory: TempDir,
    pub store: Arc<dyn Store>,
}

impl Machine {
    /// One that shares the store on this server.
    pub async fn on(nats: &Nats) -> Self {
        Self::with(sealed(nats).await)
    }

    pub fn with(store: Arc<dyn Store>) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), store }
    }

    /// Its state directory.
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// What a new process has.
    pub fn cache(&self) -> TokenCache {
        TokenCache::kept_in(self.state()).shared(Arc::clone(&self.store))
    }

    /// The credentials of a connection in a new process.
    pub fn credentials(&self, provider: &Provider, client: &str, grant: Grant) -> Credentials {
        let connection = provider.connection(client, grant);
        self.cache().credentials(&connection, provider.client().clone()).unwrap()
    }

    /// What a new process gets for the connection by code.
    pub async fn token(&self, provider: &Provider, code: &str) -> Result<AccessToken, Report> {
        self.credentials(provider, "confidential", provider.code(code)).token().await
    }

    /// What the store has of the only connection.
    pub async fn stored(&self) -> Value {
        let entries = self.store.list(Group::Tokens, &[]).await.unwrap();
        let mut tokens = entries.iter().filter(|(key, _)| !is_lock(key));
        let value = serde_json::from_slice(&tokens.next().unwrap().1.value).unwrap();
        assert!(tokens.next().is_none());
        value
    }

    /// Whether a process holds the lock of the only connection.
    pub async fn is_locked(&self) -> bool {
        let entries = self.store.list(Group::Tokens, &[]).await.unwrap();
        entries.iter().any(|(key, _)| is_lock(key))
    }
}

fn is_lock(key: &Key) -> bool {
    key.last_part().unwrap() == "renewing"
}

/// The one file of tokens in a state directory; none without one.
pub fn file(state: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(state).ok()?;
    let files = entries.map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.extension().is_some_and(|own| own == "json"));
    let file = files.next();
    assert_eq!(files.next(), None);
    file
}

/// The refresh tokens and codes that the sign-in host was sent, by their grants.
pub async fn grants(provider: &Provider) -> Vec<String> {
    let seen = provider.seen().await;
    seen.iter().map(|fields| fields["grant_type"].as_str().unwrap().to_owned()).collect()
}

/// The store as a process has it that falls asleep before it stores tokens: nothing that it does,
/// such as the renewal of a lock, comes through until it is woken.
#[derive(Debug)]
pub struct Sleepy {
    inner: Arc<dyn Store>,
    /// The tokens that it stores before.
    before: AtomicUsize,
    asleep: watch::Sender<bool>,
}

impl Sleepy {
    /// A process that stores tokens so many times before.
    pub fn after(inner: Arc<dyn Store>, before: usize) -> Arc<Self> {
        Arc::new(Self { inner, before: AtomicUsize::new(before), asleep: watch::channel(false).0 })
    }

    /// Waits until it is asleep.
    pub async fn fallen_asleep(&self) {
        let asleep = async { self.asleep.subscribe().wait_for(|asleep| *asleep).await.map(|_| ()) };
        tokio::time::timeout(Duration::from_secs(60), asleep).await.unwrap().unwrap();
    }

    pub fn wake(&self) {
        self.asleep.send_replace(false);
    }

    async fn awake(&self) {
        self.asleep.subscribe().wait_for(|asleep| !*asleep).await.unwrap();
    }
}

impl Store for Sleepy {
    fn get<'a>(&'a self, key: &'a Key) -> Pending<'a, Option<Entry>> {
        Box::pin(async move {
            self.awake().await;
            self.inner.get(key).await
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
            if !is_lock(key) && self.before.fetch_sub(1, Ordering::SeqCst) == 0 {
                self.asleep.send_replace(true);
            }
            self.awake().await;
            self.inner.put(key, value, expected, lifetime).await
        })
    }

    fn remove<'a>(&'a self, key: &'a Key, expected: Revision) -> Pending<'a, bool> {
        Box::pin(async move {
            self.awake().await;
            self.inner.remove(key, expected).await
        })
    }

    fn list<'a>(&'a self, group: Group, parts: &'a [&'a str]) -> Pending<'a, Vec<(Key, Entry)>> {
        self.inner.list(group, parts)
    }

    fn watch(&self, group: Group) -> Pending<'_, mpsc::Receiver<Change>> {
        self.inner.watch(group)
    }

    fn is_healthy(&self) -> bool {
        self.inner.is_healthy()
    }
}
