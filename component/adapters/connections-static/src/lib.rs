//! The adapter `connections-static`: exports one connection from settings. The host brings the
//! access token by a setting, or a proxy adds it to the requests and the component gets none.

#![no_std]
#[macro_use]
extern crate alloc;

use alloc::string::{String, ToString};

use adapter::settings::{ACCESS, ACCESS_TOKEN};
use adapter::{Access, Connection, Settings};
use bindings::exports::connector::office365::connections::{self as exports, Guest};
use bindings::wasi::config::store;

#[allow(missing_docs, unexpected_cfgs, clippy::all, clippy::restriction, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../wit"],
        world: "connector:adapters/connections-static",
        generate_all,
        std_feature,
    });
}

struct Static;

impl Guest for Static {
    fn describe(id: String) -> Result<exports::Connection, String> {
        let settings = Settings::new(&read);
        let connection = Connection::read(&settings, &id)?;
        let access = settings.parsed(ACCESS, Access::named)?.unwrap_or(Access::AppOnly);
        // A token that cannot be used is reported before anything is sent.
        authorization(&settings)?;
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
        Connection::read(&settings, &id)?;
        authorization(&settings)
    }
}

/// Returns the header of the set token; none where a proxy adds it.
fn authorization(settings: &Settings<'_>) -> Result<Option<String>, String> {
    Ok(settings.secret(ACCESS_TOKEN)?.map(|token| format!("Bearer {token}")))
}

/// Reads a setting of the host.
fn read(name: &str) -> Result<Option<String>, String> {
    store::get(name).map_err(|error| match error {
        store::Error::Upstream(reason) | store::Error::Io(reason) => reason.to_string(),
    })
}

bindings::export!(Static with_types_in bindings);
