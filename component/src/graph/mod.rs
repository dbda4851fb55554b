//! The Microsoft Graph client.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `transport` | the traits to the outside, and plain requests and responses |
//! | `path` | user keys as path segments |
//! | `operation` | the calls that the actions make: what each does, and what its success is |
//! | `request` | a call to Graph, and how it becomes a request |
//! | `retry` | sending a call: when to repeat, how long to wait, when a response is lost |
//! | `wait` | Retry-After, back-off, and windows for replication |
//! | `time` | the two time formats in Graph's responses |
//! | `fault` | reading what comes instead of what was asked for |
//! | `intermediary` | responses that Graph did not make |
//! | `code`, `refusals` | Graph's error codes, and what each means for the caller |
//! | `error` | from a call that failed to the contract's `error` |
//! | `json` | reading Graph's JSON |
//! | `decode` | reading JSON without a tree between |
//! | `texts` | texts of which equal ones are kept once |
//! | `page` | one page of a collection, from its JSON |
//! | `paging` | reading a whole collection |
//! | `users`, `user_list`, `listed_user`, `mailbox`, `skus`, `organization` | the calls and types of the resources in use |

pub mod code;
pub(crate) mod decode;
pub mod error;
pub mod fault;
mod intermediary;
mod json;
pub(crate) mod listed_user;
pub mod mailbox;
pub mod operation;
pub mod organization;
pub(crate) mod page;
mod paging;
pub mod path;
mod refusals;
pub mod request;
pub mod retry;
pub mod skus;
pub(crate) mod texts;
mod time;
mod transport;
pub mod user_list;
pub mod users;
pub mod wait;

pub use transport::{
    Body, Clock, Connections, Host, Method, Reach, Request, Response, Transport, TransportError,
};

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use crate::bindings::connector::office365::connections::{Access, Connection};
use crate::bindings::connector::office365::types::{Error, ErrorKind, Who};
use crate::failure::failure;
use wait::Window;

/// One run's client for one connection.
pub struct Graph<'a> {
    host: Host<'a>,
    connection: Connection,
    authorization: Option<String>,
    subject: String,
    limit: Duration,
    deadline: Duration,
}

impl<'a> Graph<'a> {
    /// A client for `connection`, whose time limit counts from now. `subject` names what the
    /// run is about, such as a user; it keeps simultaneous runs from retrying in step.
    ///
    /// # Errors
    /// `unauthorized` when the host has no sign-in for the connection.
    pub fn open(
        host: Host<'a>,
        connection_id: &str,
        connection: Connection,
        subject: &str,
    ) -> Result<Self, Error> {
        let started = host.clock.now();
        let limit = Duration::from_millis(u64::from(connection.time_limit_ms));
        let authorization = host
            .connections
            .authorization(connection_id)
            .and_then(|authorization| match authorization {
                Some(value) if !is_authorization(&value) => Err(
                    "the host's authorization is no value of that header, such as Bearer and a token"
                        .to_owned(),
                ),
                usable => Ok(usable),
            })
            .map_err(|reason| {
                failure(
                    ErrorKind::Unauthorized,
                    format!("The connection has no sign-in: {reason}"),
                    error::sign_in_again(connection.access),
                    Who::TenantAdmin,
                )
            })?;
        Ok(Graph {
            host,
            connection,
            authorization,
            subject: subject.to_owned(),
            limit,
            deadline: started.saturating_add(limit),
        })
    }

    /// On whose behalf calls are made.
    pub fn access(&self) -> Access {
        self.connection.access
    }

    /// A window for replication that closes `length` from now.
    pub fn window(&mut self, length: Duration) -> Window {
        Window::new(self.host.clock.now().saturating_add(length))
    }

    /// Waits for the next step of `window`; false, without waiting, when the window or
    /// the run would be over by then.
    pub fn pause_in(&mut self, window: &mut Window) -> bool {
        let now = self.host.clock.now();
        match window.step(now) {
            Some(wait) => self.pause(wait),
            None => false,
        }
    }

    /// Whether `window` has closed, or closes before another long wait.
    pub fn is_over(&mut self, window: &Window) -> bool {
        window.is_over(self.host.clock.now())
    }

    /// Waits; false, without waiting, when no time would be left in the run afterwards.
    fn pause(&mut self, wait: Duration) -> bool {
        let fits = self.time_left().is_some_and(|left| wait < left);
        if fits {
            self.host.clock.sleep(wait);
        }
        fits
    }

    /// How long the run may still last; `None` when its time is used up.
    fn time_left(&mut self) -> Option<Duration> {
        let left = self.deadline.saturating_sub(self.host.clock.now());
        (!left.is_zero()).then_some(left)
    }
}

/// The longest `authorization` header, in bytes. Entra's tokens are much shorter; hosts end a
/// guest whose headers are larger than some 128 KB.
const LONGEST_AUTHORIZATION: usize = 32 * 1024;

/// Whether `value` has the form of an `authorization` header: a scheme, a space and what it
/// asks for, in printable ASCII (RFC 9110, section 11.4).
fn is_authorization(value: &str) -> bool {
    value.split_once(' ').is_some_and(|(scheme, credentials)| {
        value.len() <= LONGEST_AUTHORIZATION
            && !scheme.is_empty()
            && !credentials.trim().is_empty()
            && value.chars().all(|c| c == ' ' || c.is_ascii_graphic())
    })
}
