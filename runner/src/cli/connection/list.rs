//! `o365 connection list`: lists the connections, their grants and the sources of their secrets.

use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::{Global, job, output, source};
use crate::connections::cloud::Cloud;
use crate::connections::config::Configured;
use crate::connections::secret::SecretSource;
use crate::connections::tokens::TokenCache;
use crate::network::{Client, ClientOptions};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: &'a str,
    tenant: &'a str,
    cloud: Cloud,
    grant: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<&'a str>,
    secrets: Vec<Secret<'a>>,
    /// Whether a token is stored, if that is known.
    token_stored: Option<bool>,
}

/// The source of a secret, with its key in the configuration.
#[derive(Serialize)]
struct Secret<'a> {
    key: &'static str,
    #[serde(flatten)]
    source: &'a SecretSource,
}

pub fn run(global: &Global) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let client = Client::new(&ClientOptions::default()).map_err(anyhow::Error::from)?;
    let rows: Vec<Row<'_>> = connections
        .iter()
        .map(|connection| {
            let stored = job::block_on(has_stored(global, connection, &client)).flatten();
            let warn = |error: &anyhow::Error| {
                output::warn(global.json, &format!("connection {}: {error}", connection.id));
            };
            row(connection, stored.inspect_err(warn).ok())
        })
        .collect();
    let header = ["id", "tenant", "cloud", "grant", "sender", "secrets", "token"];
    output::rows(global.json, &rows, &header, |row| {
        let token = match row.token_stored {
            Some(true) => "stored",
            Some(false) => "none",
            None => "unknown",
        };
        let secrets = row.secrets.iter().map(in_words).collect::<Vec<_>>().join("\n");
        let sender = row.sender.unwrap_or_default();
        let cells = [row.id, row.tenant, row.cloud.name(), row.grant, sender, &secrets, token];
        cells.map(ToOwned::to_owned).into()
    })
}

fn in_words(secret: &Secret<'_>) -> String {
    match secret.source {
        SecretSource::Env(name) => format!("{}: env {name}", secret.key),
        SecretSource::File(path) => format!("{}: file {}", secret.key, path.display()),
    }
}

/// Returns whether a token is stored, without a request.
async fn has_stored(
    global: &Global,
    connection: &Configured,
    client: &Client,
) -> Result<bool, anyhow::Error> {
    let credentials = TokenCache::default().credentials(connection, client.clone())?;
    let stored = credentials.has_stored().await;
    for warning in credentials.take_warnings() {
        output::warn(global.json, &format!("connection {}: {warning}", connection.id));
    }
    Ok(stored?)
}

fn row(connection: &Configured, token_stored: Option<bool>) -> Row<'_> {
    let secrets = connection.grant.secrets().into_iter();
    Row {
        id: &connection.id,
        tenant: &connection.tenant,
        cloud: connection.cloud,
        grant: connection.grant.name(),
        sender: connection.sender.as_deref(),
        secrets: secrets.map(|(key, source, _)| Secret { key, source }).collect(),
        token_stored,
    }
}
