//! The configured ways into Entra directories, and what a guest learns of them.
//!
//! A guest may ask what a connection is and gets no secret: `describe` answers with
//! the public part, and `authorization` answers that the host adds the header itself.
//!
//! - `config`: what `o365.toml` configures: connections, tenants, the server
//! - `file`: the configuration file, found, read and added to
//! - `verification`: what only the host can see of a connection
//! - `cloud`: Microsoft's clouds
//! - `secret`: where a secret comes from, and reading it; `secret_text` is what it cannot hold
//! - `sign_in`: OAuth's grants at Entra's sign-in host
//! - `entra_error`: why a sign-in failed, and what to do; `entra_codes` is the table of it
//! - `tokens`: the tokens of all connections, kept and replaced

pub mod cloud;
pub mod config;
mod entra_codes;
pub mod entra_error;
pub mod file;
pub mod secret;
pub mod secret_text;
pub mod sign_in;
pub mod tokens;
pub mod verification;

use http::Uri;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use bindings::connector::office365::connections as wit;

#[expect(missing_docs, reason = "generated from wit/connections.wit, which documents it")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "package runner:host; world host { import connector:office365/connections@1.0.0; }",
    });
}

pub use bindings::connector::office365::connections::add_to_linker;

/// How long a run may last when nothing else is said, in milliseconds.
pub const DEFAULT_TIME_LIMIT_MS: u32 = 120_000;

/// On whose behalf a connection's calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// A signed-in user.
    Delegated,
    /// The application itself.
    AppOnly,
}

/// The public part of a connection, as `describe` answers it and recordings keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Graph's version root, such as `https://graph.microsoft.com/v1.0`.
    pub graph_url: String,
    /// The tenant's domain, or its id.
    pub tenant: String,
    /// The mailbox that sends notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// On whose behalf calls are made.
    pub access: Access,
    /// How long the run may last, in milliseconds.
    #[serde(default = "default_time_limit")]
    pub time_limit_ms: u32,
}

/// A Graph address that cannot be used.
#[derive(Debug, Error)]
#[error(
    "the Graph address {0:?} is not of the form https://graph.microsoft.com/v1.0: https (or http on loopback), a host, and a path without a slash at its end"
)]
pub struct InvalidGraphUrl(String);

impl Connection {
    /// Graph's version root, checked: nothing in it that two readers could take in two ways.
    pub fn graph_root(&self) -> Result<Uri, InvalidGraphUrl> {
        secure_url(&self.graph_url)
            .ok_or_else(|| InvalidGraphUrl(self.graph_url.chars().take(200).collect()))
    }
}

/// An address that tokens may be sent to: https, or http on loopback, and nothing in it
/// that two readers could take in two ways.
fn secure_url(text: &str) -> Option<Uri> {
    let url = Url::parse(text).ok()?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    };
    // Written as a URL's parser would write it, save for an empty path.
    let plain = url.as_str().trim_end_matches('/') == text
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if secure && plain { text.parse().ok() } else { None }
}

fn default_time_limit() -> u32 {
    DEFAULT_TIME_LIMIT_MS
}

/// The one connection that is lent to a run, under its id; or none.
#[derive(Clone, Debug, Default)]
pub struct Lent(pub Option<(String, Connection)>);

impl Lent {
    fn get(&self, id: &str) -> Result<&Connection, String> {
        match &self.0 {
            Some((own, connection)) if own == id => Ok(connection),
            Some((own, _)) => {
                Err(format!("there is no connection {id:?} in this run; it has {own:?}"))
            }
            None => Err(format!("there is no connection {id:?} in this run; it has none")),
        }
    }
}

impl wit::Host for Lent {
    fn describe(&mut self, id: String) -> Result<wit::Connection, String> {
        self.get(&id).map(|connection| wit::Connection {
            graph_url: connection.graph_url.clone(),
            tenant: connection.tenant.clone(),
            sender: connection.sender.clone(),
            access: match connection.access {
                Access::Delegated => wit::Access::Delegated,
                Access::AppOnly => wit::Access::AppOnly,
            },
            time_limit_ms: connection.time_limit_ms,
        })
    }

    fn authorization(&mut self, id: String) -> Result<Option<String>, String> {
        self.get(&id).map(|_| None)
    }
}
