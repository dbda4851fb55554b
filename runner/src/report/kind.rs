//! The kinds of errors: the one table of names, exit codes and HTTP statuses.

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// The response of the HTTP server to a kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http {
    /// The status of the response.
    pub status: StatusCode,
    /// The title of the problem details, the same for every error of the kind.
    pub title: &'static str,
    /// Which requests can end with this error.
    pub reach: Reach,
    /// Whether the response has a `Retry-After`.
    pub retry_after: bool,
}

/// The status of a run that the sandbox ended because it exceeded a limit of its tenant: the server
/// has not failed, and the same call exceeds the limit again.
pub const ASKED_TOO_MUCH: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Which requests to the server can end with a kind of error; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// A run of an action.
    Run,
    /// Any request about one action.
    Action,
    /// Any request that needs an API key.
    Keyed,
    /// Requests with a path or a method that the OpenAPI document does not have.
    Undocumented,
    /// Requests about one run that nobody waits for, whose operations name it.
    Runs,
}

/// The table: the variant, its name in JSON, the exit code of the command line, and the
/// response of the server, if it can return the error.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $variant:ident $name:literal $exit:literal $(= $http:expr)?;)+) => {
        /// A kind of error. Scripts and workflows depend on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Kind {
            /// Every kind: those of the actions in the order of `error-kind` in
            /// `wit/types.wit`, then the runner's, then the server's.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the name in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the exit code of a command that ends with the error.
            pub const fn exit_code(self) -> u8 {
                match self { $(Self::$variant => $exit,)+ }
            }

            /// Returns the response of the server; `None` for kinds of the command line alone.
            pub const fn http(self) -> Option<Http> {
                match self { $(Self::$variant => kinds!(@http $($http)?),)+ }
            }
        }
    };
    (@http) => { None };
    (@http $http:expr) => { Some($http) };
}

kinds! {
    /// The input is wrong.
    InvalidInput "invalid-input" 2 = run(StatusCode::BAD_REQUEST, "The input is wrong");
    /// The tenant does not have the user or the licence.
    NotFound "not-found" 1 = run(StatusCode::NOT_FOUND, "The tenant does not have it");
    /// The user name is already in use.
    AlreadyExists "already-exists" 1 = run(StatusCode::CONFLICT, "The tenant already has it");
    /// No seat of the licence can be assigned to the user.
    LicenseUnavailable "license-unavailable" 1 =
        run(StatusCode::CONFLICT, "No seat of the licence is available");
    /// The connection lacks a permission or a role.
    Forbidden "forbidden" 1 = run(StatusCode::FORBIDDEN, "The connection lacks a permission");
    /// Microsoft does not accept the connection's sign-in.
    Unauthorized "unauthorized" 1 =
        run(StatusCode::BAD_GATEWAY, "The connection's sign-in is not accepted");
    /// Microsoft throttles the requests, or the run has used up its time.
    Throttled "throttled" 1 =
        later(run(StatusCode::TOO_MANY_REQUESTS, "Microsoft throttles the requests"));
    /// A write was sent, and whether it took effect is not known.
    OutcomeUnknown "outcome-unknown" 1 =
        run(StatusCode::GATEWAY_TIMEOUT, "The outcome of a change is not known");
    /// Graph refused the call for a reason without a kind of its own.
    Graph "graph" 1 = run(StatusCode::BAD_GATEWAY, "Graph refused the call");
    /// Microsoft was not reached.
    Transport "transport" 1 = run(StatusCode::BAD_GATEWAY, "Microsoft was not reached");
    /// The sandbox ended the run.
    Sandbox "sandbox" 3 = run(StatusCode::INTERNAL_SERVER_ERROR, "The sandbox ended the run");
    /// The caller has cancelled the run.
    Cancelled "cancelled" 1 = run(StatusCode::CONFLICT, "The run was cancelled");
    /// A file, a directory or the machine lacks what the run needs.
    Environment "environment" 4 =
        run(StatusCode::SERVICE_UNAVAILABLE, "The server lacks a resource for the run");
    /// The configuration is wrong.
    Configuration "configuration" 4 =
        run(StatusCode::INTERNAL_SERVER_ERROR, "The server's configuration is wrong");
    /// The API key is missing or unknown.
    Unauthenticated "unauthenticated" 1 =
        keyed(StatusCode::UNAUTHORIZED, "The key is missing or unknown");
    /// The tenant may not run the action.
    NotAllowed "not-allowed" 1 =
        action(StatusCode::FORBIDDEN, "The action is not allowed for the tenant");
    /// No action has the name.
    NoSuchAction "no-such-action" 1 =
        action(StatusCode::NOT_FOUND, "There is no such action");
    /// The tenant has no such asynchronous run, or no longer.
    NoSuchRun "no-such-run" 1 =
        Http { reach: Reach::Runs, ..run(StatusCode::NOT_FOUND, "There is no such run") };
    /// The server does not have the path.
    NoSuchPath "no-such-path" 1 =
        undocumented(StatusCode::NOT_FOUND, "There is no such path");
    /// The path does not have the method.
    MethodNotAllowed "method-not-allowed" 1 =
        undocumented(StatusCode::METHOD_NOT_ALLOWED, "The path does not have the method");
    /// The body is not declared as JSON.
    UnsupportedMediaType "unsupported-media-type" 1 =
        run(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not JSON");
    /// The body is too large.
    TooLarge "too-large" 1 = run(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large");
    /// The tenant's queue is full.
    Busy "busy" 1 = later(run(StatusCode::TOO_MANY_REQUESTS, "The tenant's queue is full"));
    /// The tenant calls too often.
    RateLimited "rate-limited" 1 =
        later(run(StatusCode::TOO_MANY_REQUESTS, "The tenant calls too often"));
    /// The server is about to stop.
    Stopping "stopping" 1 =
        later(keyed(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping"));
    /// The store that processes share cannot be used.
    Unavailable "unavailable" 1 =
        later(run(StatusCode::SERVICE_UNAVAILABLE, "The store of the server cannot be used"));
    /// The idempotency key was used for another request.
    KeyReused "key-reused" 1 =
        run(StatusCode::UNPROCESSABLE_ENTITY, "The idempotency key was used for another request");
    /// The request did not arrive in time.
    Timeout "timeout" 1 =
        keyed(StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time");
    /// The headers of the request are too large.
    HeadersTooLarge "headers-too-large" 1 =
        keyed(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large");
    /// The server failed.
    Internal "internal" 1 = keyed(StatusCode::INTERNAL_SERVER_ERROR, "The server failed");
    /// No tenant has the id. Over HTTP a key without a tenant is `unauthenticated`.
    NoSuchTenant "no-such-tenant" 1;
    /// The command line is wrong.
    Usage "usage" 2;
    /// A recording does not fit the run.
    Recording "recording" 1;
    /// A user or a signal ended the run.
    Interrupted "interrupted" 130;
}

impl Kind {
    /// Returns the kinds that the server returns, in the order of the table. `sandbox` comes with
    /// both of its statuses.
    pub fn over_http() -> impl Iterator<Item = (Self, Http)> {
        Self::ALL.iter().filter_map(|kind| Some((*kind, kind.http()?))).flat_map(|(kind, http)| {
            let limit = Http { status: ASKED_TOO_MUCH, ..http };
            [(kind, http)].into_iter().chain((kind == Self::Sandbox).then_some((kind, limit)))
        })
    }

    /// Returns the kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

const fn run(status: StatusCode, title: &'static str) -> Http {
    Http { status, title, reach: Reach::Run, retry_after: false }
}

const fn action(status: StatusCode, title: &'static str) -> Http {
    Http { reach: Reach::Action, ..run(status, title) }
}

const fn keyed(status: StatusCode, title: &'static str) -> Http {
    Http { reach: Reach::Keyed, ..run(status, title) }
}

const fn undocumented(status: StatusCode, title: &'static str) -> Http {
    Http { reach: Reach::Undocumented, ..run(status, title) }
}

const fn later(http: Http) -> Http {
    Http { retry_after: true, ..http }
}
