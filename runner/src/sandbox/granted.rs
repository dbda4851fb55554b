//! The import `connections` of a guest, which describes the connection granted to its run.

use bindings::connector::office365::connections as wit;

use crate::contract::{Access, Connection};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "package runner:host; world host { import connector:office365/connections@1.0.0; }",
    });
}

pub use bindings::connector::office365::connections::add_to_linker;

/// The connection that is granted to a run, with its id.
#[derive(Clone, Debug, Default)]
pub struct Granted(pub Option<(String, Connection)>);

impl Granted {
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

impl wit::Host for Granted {
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
