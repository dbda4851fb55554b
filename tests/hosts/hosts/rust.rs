//! The crate `wasmtime`, as `docs/embed/embed.rs` has it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::simulate::TENANT;
use tokio::runtime::Handle;

use super::{Ended, Job, Ran, SLACK, each};
use crate::cases::{Action, SENDER};
use crate::embed::connector::office365::connections::Access;
use crate::embed::connector::office365::types::Error;
use crate::embed::{Connection, Connections, Connector};
use crate::proxy::TOKEN;

pub async fn run(jobs: Vec<Job>) -> Option<Vec<Ran>> {
    let compiling = || Arc::new(Connector::new(runner::sandbox::COMPONENT).unwrap());
    let connector = tokio::task::spawn_blocking(compiling).await.unwrap();
    let one = |job: Job| {
        let connector = Arc::clone(&connector);
        async move {
            // The future of a run stays on its thread.
            let run = move || Handle::current().block_on(call(&job, &connector));
            tokio::task::spawn_blocking(run).await.unwrap()
        }
    };
    Some(each(jobs, one).await)
}

async fn call(job: &Job, connector: &Connector) -> Ran {
    let Job { case, connection: id, graph_url, .. } = job;
    let connection = Connection {
        graph_url: graph_url.clone(),
        tenant: TENANT.to_owned(),
        sender: Some(SENDER.to_owned()),
        access: Access::AppOnly,
        time_limit_ms: case.limit.as_millis().try_into().unwrap(),
    };
    let granted = BTreeMap::from([(id.clone(), (connection, TOKEN.to_owned()))]);
    let input = job.input();
    let start = Instant::now();
    let limit = case.limit + SLACK;
    let ended = connector
        .run(Connections(Arc::new(granted)), limit, async |office, store| {
            let accounts = office.connector_office365_accounts();
            Ok(match case.action {
                Action::Count => {
                    ended(accounts.call_is_license_available(store, &typed(input)).await?)
                }
                Action::Create => ended(accounts.call_create_user(store, &typed(input)).await?),
                Action::Delete => ended(accounts.call_delete_user(store, &typed(input)).await?),
                Action::Mail => ended(
                    office
                        .connector_office365_notifications()
                        .call_send_created_user_email_notification(store, &typed(input))
                        .await?,
                ),
                Action::Report => ended(
                    office
                        .connector_office365_reports()
                        .call_users_with_licenses_report(store, &typed(input))
                        .await?,
                ),
            })
        })
        .await;
    let ended = ended.unwrap_or_else(|error| Ended::Broken(format!("{error:?}")));
    Ran { ended, elapsed: start.elapsed() }
}

/// An input as the bindings have it, whose fields are in snake case.
fn typed<T: DeserializeOwned>(input: Value) -> T {
    let Value::Object(fields) = input else { panic!("{input}") };
    let fields = fields.into_iter().map(|(name, value)| (snake(&name), value));
    serde_json::from_value(Value::Object(fields.collect())).unwrap()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A case of an enum as WIT has it.
fn kebab(case: &Value) -> String {
    snake(case.as_str().unwrap()).trim_start_matches('_').replace('_', "-")
}

fn ended<T: Serialize>(outcome: Result<T, Error>) -> Ended {
    match outcome {
        Ok(result) => Ended::Result(json!(result)),
        Err(error) => Ended::Error(json!({
            "kind": kebab(&json!(error.kind)),
            "message": error.message,
            "retrySafe": error.retry_safe,
            "completed": error.completed,
        })),
    }
}
