//! What is known of the servers that a client talks to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Uri;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::connector::Stream;

/// How many HTTP/1.1 connections to one server may be in use at once. As many again can be
/// open for a moment, while one is being made and another becomes free.
pub(super) const HTTP1_CONNECTIONS: usize = 8;

/// How long a server is taken to speak nothing newer than HTTP/1.1, before it is asked again.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// How long a connection stays usable that was made for HTTP/2 and turned out not to speak it.
const FRESH: Duration = Duration::from_secs(5);

/// How long an HTTP/1.1 connection is given to come back to the pool, before a further one is
/// made: its answer is read to the end a little earlier than it is known to be free.
const COMES_BACK: Duration = Duration::from_millis(2);

tokio::task_local! {
    /// Set where a request is sent, and not where the pool goes on in the background.
    static WAITS: ();
}

/// Sends a request, which waits for its connection.
pub(super) fn waits<F: Future>(sending: F) -> impl Future<Output = F::Output> {
    WAITS.scope((), sending)
}

/// Scheme and authority.
type Key = (Option<String>, Option<String>);

/// The servers by their address.
#[derive(Default)]
pub(super) struct Origins(Mutex<HashMap<Key, Arc<Origin>>>);

impl Origins {
    /// The server of `uri`.
    pub fn of(&self, uri: &Uri) -> Arc<Origin> {
        let scheme = uri.scheme_str().map(str::to_ascii_lowercase);
        let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase());
        let mut origins = lock(&self.0);
        Arc::clone(origins.entry((scheme, authority)).or_default())
    }
}

/// One server.
pub(super) struct Origin {
    /// Since when it is known to speak only HTTP/1.1.
    http1: Mutex<Option<Instant>>,
    /// The connection that showed it, until it is used.
    spare: Mutex<Option<(Stream, Instant)>>,
    /// One permit for each HTTP/1.1 connection that is in use.
    pub slots: Arc<Semaphore>,
    /// How many requests wait for a connection.
    waiting: Arc<AtomicUsize>,
    /// How many HTTP/1.1 connections are being made.
    dialing: Arc<AtomicUsize>,
    /// Whether an HTTP/1.1 connection was ever made.
    dialed: AtomicBool,
}

/// One of those that are counted, while the value lives.
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
    /// Whether it is known to speak only HTTP/1.1.
    pub fn speaks_http1(&self) -> bool {
        lock(&self.http1).is_some_and(|since| since.elapsed() < REMEMBERED)
    }

    /// Notes that it speaks only HTTP/1.1, as `stream` shows.
    pub fn learn_http1(&self, stream: Stream) {
        let now = Instant::now();
        *lock(&self.http1) = Some(now);
        *lock(&self.spare) = Some((stream, now));
    }

    /// The connection that showed it, if it is still there and fresh.
    pub fn take_spare(&self) -> Option<Stream> {
        let (stream, since) = lock(&self.spare).take()?;
        self.dialed.store(true, Ordering::SeqCst);
        (since.elapsed() < FRESH).then_some(stream)
    }

    /// Counts a request as one that waits for a connection. It is to be sent within
    /// [`waits`].
    pub fn wait(&self) -> Counted {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&self.waiting))
    }

    /// Waits until a further HTTP/1.1 connection is wanted, and counts it; none when the
    /// request that it is for has got another one.
    ///
    /// The pool asks for a connection for each request that does not find one at once, and
    /// goes on asking in the background when another one is free in the meantime. So only
    /// requests that still wait are listened to, and no more connections are made at a time
    /// than there are such requests.
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
