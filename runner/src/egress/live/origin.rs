//! What is known of the servers that a client talks to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Uri;
use tokio::sync::Semaphore;

use super::connector::Stream;

/// How many HTTP/1.1 connections to one server may be in use at once. As many again can be
/// open for a moment, while one is being made and another becomes free.
pub(super) const HTTP1_CONNECTIONS: usize = 8;

/// How long a server is taken to speak nothing newer than HTTP/1.1, before it is asked again.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// How long a connection stays usable that was made for HTTP/2 and turned out not to speak it.
const FRESH: Duration = Duration::from_secs(5);

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
}

impl Default for Origin {
    fn default() -> Self {
        Self {
            http1: Mutex::default(),
            spare: Mutex::default(),
            slots: Arc::new(Semaphore::new(HTTP1_CONNECTIONS)),
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
        (since.elapsed() < FRESH).then_some(stream)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
