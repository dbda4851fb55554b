//! Every way in which a call of the server fails, by the kind of its error: the one table of
//! statuses and titles, for the answers and for the OpenAPI document.

use http::StatusCode;

/// A kind of error, as the server answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, as `kind` of the error.
    pub name: &'static str,
    /// The status of the answer.
    pub status: StatusCode,
    /// The same for every problem of the kind.
    pub title: &'static str,
    /// Which calls can end so.
    pub reach: Reach,
    /// Whether it passes, so that the answer can say when to come back.
    pub passes: bool,
}

/// Which calls of the server can end with a kind of error; each takes in those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// A run of an action.
    Run,
    /// Whatever is about one action.
    Action,
    /// Whatever asks for a key.
    Keyed,
    /// Paths and methods that the OpenAPI document does not have.
    Undocumented,
}

/// All of them: first those of the actions, as `error-kind` in `wit/types.wit` has them, then
/// the runner's, then the server's own.
pub const KINDS: [Kind; 26] = [
    run("invalid-input", StatusCode::BAD_REQUEST, "The input is wrong"),
    run("not-found", StatusCode::NOT_FOUND, "The tenant does not have it"),
    run("already-exists", StatusCode::CONFLICT, "The tenant has it already"),
    run("license-unavailable", StatusCode::CONFLICT, "No seat of the licence can be given now"),
    run("forbidden", StatusCode::FORBIDDEN, "The connection may not do this"),
    run("unauthorized", StatusCode::BAD_GATEWAY, "The connection's sign-in is not accepted"),
    run("throttled", StatusCode::TOO_MANY_REQUESTS, "Microsoft asks to wait").passing(),
    run("outcome-unknown", StatusCode::GATEWAY_TIMEOUT, "A change may or may not have happened"),
    run("graph", StatusCode::BAD_GATEWAY, "Graph refused"),
    run("transport", StatusCode::BAD_GATEWAY, "Microsoft was not reached"),
    run("sandbox", StatusCode::INTERNAL_SERVER_ERROR, "The sandbox ended the run"),
    run("environment", StatusCode::SERVICE_UNAVAILABLE, "The server lacks something for the run"),
    run("configuration", StatusCode::INTERNAL_SERVER_ERROR, "The server is not configured right"),
    keyed("unauthenticated", StatusCode::UNAUTHORIZED, "The key is missing or unknown"),
    action("not-allowed", StatusCode::FORBIDDEN, "The action is not allowed for the tenant"),
    action("no-such-action", StatusCode::NOT_FOUND, "There is no such action"),
    undocumented("no-such-path", StatusCode::NOT_FOUND, "There is no such path"),
    undocumented(
        "method-not-allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "The path has other methods",
    ),
    run("unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not JSON"),
    run("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    run("busy", StatusCode::TOO_MANY_REQUESTS, "The tenant's queue is full").passing(),
    keyed("stopping", StatusCode::SERVICE_UNAVAILABLE, "The server is stopping").passing(),
    run("key-reused", StatusCode::UNPROCESSABLE_ENTITY, "The idempotency key had another body"),
    keyed("timeout", StatusCode::REQUEST_TIMEOUT, "The request took too long to come"),
    keyed(
        "headers-too-large",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are too large",
    ),
    keyed("internal", StatusCode::INTERNAL_SERVER_ERROR, "The server failed"),
];

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    const fn passing(self) -> Self {
        Self { passes: true, ..self }
    }
}

const fn run(name: &'static str, status: StatusCode, title: &'static str) -> Kind {
    Kind { name, status, title, reach: Reach::Run, passes: false }
}

const fn action(name: &'static str, status: StatusCode, title: &'static str) -> Kind {
    Kind { reach: Reach::Action, ..run(name, status, title) }
}

const fn keyed(name: &'static str, status: StatusCode, title: &'static str) -> Kind {
    Kind { reach: Reach::Keyed, ..run(name, status, title) }
}

const fn undocumented(name: &'static str, status: StatusCode, title: &'static str) -> Kind {
    Kind { reach: Reach::Undocumented, ..run(name, status, title) }
}
