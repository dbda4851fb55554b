//! `o365 connection list`: each connection, how it signs in, and where its secrets are.

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
    /// Whether a token is kept; none when that cannot be told.
    token_stored: Option<bool>,
}

/// Where one secret comes from, under its key in the configuration.
#[derive(Serialize)]
struct Secret<'a> {
    key: &'static str,
    #[serde(flatten)]
    source: &'a SecretSource,
}

/// Lists the connections, on a terminal as a table.
pub fn run(global: &Global) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let runtime = job::runtime()?;
    let client = Client::new(&ClientOptions::default()).map_err(anyhow::Error::from)?;
    let rows: Vec<Row<'_>> = connections
        .iter()
        .map(|connection| {
            let stored =
                runtime.block_on(has_stored(global, connection, &client)).map_err(|error| {
                    output::warn(global.json, &format!("connection {}: {error}", connection.id));
                });
            row(connection, stored.ok())
        })
        .collect();
    if !output::for_people(global.json) {
        return output::result(&rows);
    }
    output::table(
        &["id", "tenant", "cloud", "grant", "sender", "secrets", "token"],
        rows.into_iter().map(|row| {
            vec![
                row.id.to_owned(),
                row.tenant.to_owned(),
                row.cloud.name().to_owned(),
                row.grant.to_owned(),
                row.sender.unwrap_or_default().to_owned(),
                row.secrets.iter().map(in_words).collect::<Vec<_>>().join("\n"),
                match row.token_stored {
                    Some(true) => "stored".to_owned(),
                    Some(false) => "none".to_owned(),
                    None => "unknown".to_owned(),
                },
            ]
        }),
    )
}

fn in_words(secret: &Secret<'_>) -> String {
    match secret.source {
        SecretSource::Env(name) => format!("{}: env {name}", secret.key),
        SecretSource::File(path) => format!("{}: file {}", secret.key, path.display()),
    }
}

/// Whether a token is kept. Nothing is sent to find out.
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
