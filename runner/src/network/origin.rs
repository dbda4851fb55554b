//! The protocol and the connections of each server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Uri;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::connector::Stream;

/// The most HTTP/1.1 connections to one server in use at once. Twice as many can be open for a
/// moment, while some are being made and others become free.
pub(super) const HTTP1_CONNECTIONS: usize = 8;

/// How long a server counts as one for HTTP/1.1 only, before HTTP/2 is offered again.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// How long a connection that was made for HTTP/2 can be reused for HTTP/1.1.
const FRESH: Duration = Duration::from_secs(5);

/// The delay before a further HTTP/1.1 connection is made. The reader of a response finishes
/// slightly before the connection returns to the pool.
const COMES_BACK: Duration = Duration::from_millis(2);

tokio::task_local! {
    /// Set in the task of a request, and not in the background tasks of the pool.
    static WAITS: ();
}

/// Marks a future that sends a request, and so waits for a connection.
pub(super) fn waits<F: Future>(sending: F) -> impl Future<Output = F::Output> {
    WAITS.scope((), sending)
}

/// Scheme and authority.
type Key = (Option<String>, Option<String>);

/// The servers by their address.
#[derive(Default)]
pub(super) struct Origins(Mutex<HashMap<Key, Arc<Origin>>>);

impl Origins {
    /// Returns the server of `uri`.
    pub fn of(&self, uri: &Uri) -> Arc<Origin> {
        let scheme = uri.scheme_str().map(str::to_ascii_lowercase);
        let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase());
        let mut origins = lock(&self.0);
        Arc::clone(origins.entry((scheme, authority)).or_default())
    }
}

/// One server.
pub(super) struct Origin {
    /// When the server was found to speak only HTTP/1.1.
    http1: Mutex<Option<Instant>>,
    /// The connection that showed this, until it is used.
    spare: Mutex<Option<(Stream, Instant)>>,
    /// The permits for HTTP/1.1 connections.
    pub slots: Arc<Semaphore>,
    /// The number of requests that wait for a connection.
    waiting: Arc<AtomicUsize>,
    /// The number of HTTP/1.1 connections that are being made.
    dialing: Arc<AtomicUsize>,
    /// Whether an HTTP/1.1 connection was ever made.
    dialed: AtomicBool,
}

/// Adds one to a counter while it lives.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self {
            http1: Mutex::default(),
            spare: Mutex::default(),
            slots: Arc::new(Semaphore::new(HTTP1_CONNECTIONS)),
            waiting: Arc::default(),
            dialing: Arc::default(),
            dialed: AtomicBool::default(),
        }
    }
}

impl Origin {
    /// Returns whether the server is known to speak only HTTP/1.1.
    pub fn speaks_http1(&self) -> bool {
        lock(&self.http1).is_some_and(|since| since.elapsed() < REMEMBERED)
    }

    /// Records that the server speaks only HTTP/1.1, as `stream` shows.
    pub fn learn_http1(&self, stream: Stream) {
        let now = Instant::now();
        *lock(&self.http1) = Some(now);
        *lock(&self.spare) = Some((stream, now));
    }

    /// Takes the connection that showed this, if it can be reused.
    pub fn take_spare(&self) -> Option<Stream> {
        let (stream, since) = lock(&self.spare).take()?;
        self.dialed.store(true, Ordering::SeqCst);
        (since.elapsed() < FRESH).then_some(stream)
    }

    /// Counts a request that waits for a connection, and is sent within [`waits`].
    pub fn wait(&self) -> Counted {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&self.waiting))
    }

    /// Waits until a further HTTP/1.1 connection is needed, and counts it; returns `None` when
    /// the request has another connection by then.
    ///
    /// The pool asks for a connection for each request that does not find one at once, and
    /// continues in the background when the request then uses another one. Connections are
    /// therefore made only for requests that still wait, and at most one for each at a time.
    pub async fn dial(&self) -> Option<Counted> {
        if self.dialed.swap(true, Ordering::SeqCst) {
            sleep(COMES_BACK).await;
        }
        while WAITS.try_with(|()| ()).is_ok() {
            let waiting = self.waiting.load(Ordering::SeqCst);
            let more = |dialing| (dialing < waiting).then_some(dialing + 1);
            if self.dialing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).is_ok() {
                return Some(Counted(Arc::clone(&self.dialing)));
            }
            sleep(COMES_BACK).await;
        }
        None
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
