//! The adapter `connections`: exports one connection from settings, and signs in by itself.
//!
//! - `grant`: how the settings say to sign in, and the form that is sent
//! - `answer`: what the sign-in host responded
//! - `http`: one request, with a deadline for every wait
//!
//! `authorization` signs in each time that it is called, which the connector does once in a
//! run. So a token lives no longer than the run, and an instance that a host keeps has none.

#![no_std]
#[macro_use]
extern crate alloc;

mod answer;
mod grant;
mod http;

use alloc::string::String;

use adapter::{Access, Connection, Settings};
use bindings::exports::connector::office365::connections::{self as exports, Guest};
use bindings::wasi::config::store;
use grant::SignIn;

#[allow(missing_docs, unexpected_cfgs, clippy::all, clippy::restriction, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../wit"],
        world: "connector:adapters/connections",
        generate_all,
        std_feature,
    });
}

struct Connections;

impl Guest for Connections {
    fn describe(id: String) -> Result<exports::Connection, String> {
        let settings = Settings::new(&read);
        let connection = Connection::read(&settings, &id)?;
        let access = SignIn::read(&settings, &connection)?.access();
        Ok(exports::Connection {
            graph_url: connection.graph_url,
            tenant: connection.tenant,
            sender: connection.sender,
            access: match access {
                Access::Delegated => exports::Access::Delegated,
                Access::AppOnly => exports::Access::AppOnly,
            },
            time_limit_ms: connection.time_limit_ms,
        })
    }

    fn authorization(id: String) -> Result<Option<String>, String> {
        let settings = Settings::new(&read);
        let connection = Connection::read(&settings, &id)?;
        let sign_in = SignIn::read(&settings, &connection)?;
        let (host, limit) = (sign_in.host()?, connection.time_limit_ms);
        let response = http::post(&host, &sign_in.path(), &sign_in.form(), limit)?;
        answer::token(&response).map(|token| Some(format!("Bearer {token}")))
    }
}

/// Reads a setting of the host.
fn read(name: &str) -> Result<Option<String>, String> {
    store::get(name).map_err(|error| match error {
        store::Error::Upstream(reason) | store::Error::Io(reason) => reason,
    })
}

bindings::export!(Connections with_types_in bindings);
