//! The outside as WASI gives it, on whatever host the component runs.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `http` | a small blocking HTTP client |
//! | `code` | what each error code of `wasi:http` means, by what hosts do |

mod code;
mod http;

use alloc::string::String;
use core::time::Duration;

use crate::bindings::connector::office365::connections::{self, Connection};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::graph::{Clock, Connections, Host};
use http::WasiHttp;

/// Runs `action` with the component's own outside.
pub fn with_host<T>(action: impl FnOnce(Host<'_>) -> T) -> T {
    action(Host {
        transport: &mut WasiHttp,
        clock: &mut MonotonicClock,
        connections: &mut HostConnections,
    })
}

/// The host's connections.
struct HostConnections;

impl Connections for HostConnections {
    fn describe(&mut self, id: &str) -> Result<Connection, String> {
        connections::describe(id)
    }

    fn authorization(&mut self, id: &str) -> Result<Option<String>, String> {
        connections::authorization(id)
    }
}

/// `wasi:clocks/monotonic-clock`.
struct MonotonicClock;

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }

    fn sleep(&mut self, wait: Duration) {
        monotonic_clock::subscribe_duration(nanoseconds(wait)).block();
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
