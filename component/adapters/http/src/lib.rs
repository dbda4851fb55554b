//! The adapter `http`: exports `wasi:http/incoming-handler` over the actions of the connector,
//! with the paths and the JSON of `o365 serve`, for one tenant.
//!
//! - `routes`: the paths, and who may call them
//! - `call`: a call of an action
//! - `problem`: errors as problem documents
//! - `json`: the JSON of inputs and results, generated from `wit/`
//! - `wasi`: requests and responses as WASI has them
//!
//! It keeps nothing between two requests: see `docs/embed/adapters.md` for what that means.

mod call;
mod json;
mod problem;
mod routes;
mod wasi;

use bindings::exports::wasi::http::incoming_handler::{Guest, IncomingRequest, ResponseOutparam};

#[allow(missing_docs, unexpected_cfgs, clippy::all, clippy::restriction, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../wit"],
        world: "connector:adapters/http",
        generate_all,
    });
}

/// What the build makes of `wit/`.
mod documents {
    include!(concat!(env!("OUT_DIR"), "/documents.rs"));
}

struct Handler;

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let mut request = wasi::Request::new(request);
        let response = routes::respond(&mut request).unwrap_or_else(problem::Problem::response);
        wasi::send(response, request.is_head(), out);
    }
}

bindings::export!(Handler with_types_in bindings);
