//! Where a store on NATS is, and how to sign in.

use std::path::PathBuf;

use async_nats::ServerAddr;

/// Where a store on NATS is, and how to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The URLs of the servers of one cluster, such as `nats://127.0.0.1:4222`; `tls` in place of
    /// `nats` requires TLS.
    pub servers: Vec<String>,
    /// The file with the user's credentials (`.creds`).
    pub credentials: Option<PathBuf>,
    /// The PEM file with the authorities of the servers' certificates, beside those of the system.
    pub authorities: Option<PathBuf>,
    /// The number of servers that keep what is stored, from 1 to 5.
    pub replicas: usize,
}

impl Options {
    /// Returns whether a text is the URL of a NATS server.
    pub fn is_server(text: &str) -> bool {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        matches!(scheme, Some("nats" | "tls")) && text.parse::<ServerAddr>().is_ok()
    }

    /// Returns the servers without passwords.
    pub fn place(&self) -> String {
        let shown = self.servers.iter().map(|server| match server.split_once('@') {
            Some((before, host)) => {
                let scheme = before.split_once("://").map_or("nats", |(scheme, _)| scheme);
                format!("{scheme}://{host}")
            }
            None => server.clone(),
        });
        shown.collect::<Vec<_>>().join(",")
    }
}
