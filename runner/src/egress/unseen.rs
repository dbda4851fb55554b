//! Stops a virtual clock until the guest has seen how its request ended.
//!
//! A guest waits for a response with a deadline beside it. The task of the request ends shortly
//! before its guest learns of it, on another thread perhaps; if the clock went on in between, it
//! would jump to the deadline, and the guest would take a response that is there for a late one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Response;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::sleep;
use wasmtime_wasi_http::WasiBody;

use super::hooks::Io;
use crate::context::{Busy, Clock};

/// How long the clock stops for a guest that does not look at a response, in real time: longer than
/// a busy machine keeps a guest from looking.
const LONGEST: Duration = Duration::from_secs(5);

/// How long it stops after a request without a response, of which nothing tells that the guest
/// has seen it. A simulated run may have many of these.
const ERROR: Duration = Duration::from_millis(5);

/// The same in a run that repeats its past, which a guest that comes late would leave.
const PAST_ERROR: Duration = Duration::from_millis(200);

/// A guard of a virtual clock, which ends with the first of its clones.
#[derive(Clone)]
pub(super) struct Unseen {
    guard: Option<Arc<Mutex<Option<Busy>>>>,
    error: Duration,
}

impl Unseen {
    /// Stops `clock`, if it is a virtual one.
    pub fn new(clock: &Clock) -> Self {
        let guard = clock.is_virtual_now().then(|| Arc::new(Mutex::new(Some(clock.busy()))));
        Self { guard, error: if clock.is_simulated() { ERROR } else { PAST_ERROR } }
    }

    /// Returns the response, which holds the guard until the guest takes it.
    pub fn with(self, mut response: Response<WasiBody>) -> (Response<WasiBody>, Io) {
        // The client below drives the connection.
        let mut io: Io = Box::new(async { Ok(()) });
        if self.guard.is_some() {
            // The host drops the extensions when it gives the response to the guest.
            response.extensions_mut().insert(self.clone());
            io = Box::new(async move {
                sleep(LONGEST).await;
                drop(self);
                Ok(())
            });
        }
        (response, io)
    }

    /// Ends the guard a moment after the request has ended with an error. On one thread, the
    /// guest has seen it before the clock can go on.
    pub fn fade(self) {
        let handle = Handle::current();
        if self.guard.is_some() && handle.runtime_flavor() != RuntimeFlavor::CurrentThread {
            handle.spawn(async move {
                sleep(self.error).await;
                drop(self);
            });
        }
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Some(guard) = &self.guard {
            guard.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}
