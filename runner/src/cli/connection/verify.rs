//! `o365 connection verify`: checks what a run over a connection needs.
//!
//! The host checks the connection up to its token; the action `verify-connection` in the sandbox
//! checks the rest.

use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value, json};
use tracing::Instrument;
use uuid::Uuid;

use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::{Global, job, output, source};
use crate::connections::config::Configured;
use crate::connections::file::Connections;
use crate::connections::sign_in::claims::Claims;
use crate::connections::tokens::{AccessToken, Credentials};
use crate::connections::verification::{self, Check, Finding, Verdict};
use crate::context::RunContext;
use crate::egress::observer::Watcher;
use crate::limits::Limits;
use crate::recording::recorded::CONNECTION_ID;
use crate::report::Report;
use crate::run::{Backend, Checked, Host, LiveConnection, OpenConnection, Run, Shared, execute};
use crate::telemetry::spans;

/// The action that checks what comes after the sign-in.
const ACTION: &str = "verify-connection";

#[derive(Debug, Args)]
pub struct Options {
    /// The connection's id.
    id: String,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let connection = source::connection(&connections, &options.id)?;
    let host = source::host(global, 1)?;
    let findings = job::block_on(async {
        tokio::select! {
            findings = verify(global, &host, &connections, connection) => findings,
            () = job::interrupted() => Err(Failure::interrupted()),
        }
    })??;
    let usable = findings.iter().all(|finding| text(finding, "verdict") != "failed");
    if output::for_people(global.json) {
        output::table(&["check", "verdict", "finding"], findings.iter().map(row))?;
    } else {
        output::result(&json!({ "usable": usable, "findings": findings }))?;
    }
    if usable { Ok(()) } else { Err(Failure::Unusable) }
}

/// Returns all findings, in the order of the checks.
async fn verify(
    global: &Global,
    host: &Host,
    connections: &Connections,
    connection: &Configured,
) -> Result<Vec<Value>, Failure> {
    let secrets = verification::secrets(connection);
    source::warn_of_trust(global, connection);
    let live = Arc::new(LiveConnection::new(connection.clone()));
    let shared = Shared::default();
    let open = live.open(&shared).await?;
    // After all warnings, so that none of them breaks the line.
    let progress = Progress::start(global.json);
    let responses = [
        verification::reach(&open.client, &connection.login_url, Check::LoginHost).await,
        verification::reach(&open.client, &connection.graph_url, Check::GraphHost).await,
    ];
    let clock = verification::clock(&responses);
    let [login, graph] = responses.map(|response| response.finding);
    let mut findings = vec![configured(connections, connection), secrets, login, graph, clock];
    let blocked = findings.iter().find(|finding| finding.verdict == Verdict::Failed).cloned();
    let signed_in = match blocked {
        Some(reason) => {
            let checks = [Check::Token, Check::TokenTenant, Check::Permissions];
            findings.extend(checks.map(|check| Finding::skipped(check, &reason)));
            false
        }
        None => token(open, connection, &mut findings).await?,
    };
    let values = findings.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    let mut findings: Vec<Value> = values.context("the findings are not JSON")?;
    if signed_in {
        let watcher = progress.as_ref().map(Progress::watcher);
        findings.extend(
            action_findings(host, Backend::Live(Arc::clone(&live)), &shared, watcher).await?,
        );
    }
    drop(progress);
    for warning in live.take_warnings() {
        output::warn(global.json, &warning);
    }
    Ok(findings)
}

fn configured(connections: &Connections, connection: &Configured) -> Finding {
    let path = connections.path().display();
    let Configured { id, tenant, grant, .. } = connection;
    let message = format!("{path} has {id}: tenant {tenant}, grant {}.", grant.name());
    Finding::passed(Check::Configuration, message)
}

/// Checks the token. Returns whether there is one.
async fn token(
    open: &OpenConnection,
    connection: &Configured,
    findings: &mut Vec<Finding>,
) -> Result<bool, Failure> {
    let token = match fresh(&open.credentials).await {
        Ok(token) => token,
        Err(error) => {
            let failed = Finding::failed(Check::Token, error.message, error.fix).by(error.who);
            let skipped = |check| Finding::skipped(check, &failed);
            let skipped = [Check::TokenTenant, Check::Permissions].map(skipped);
            findings.extend([failed].into_iter().chain(skipped));
            return Ok(false);
        }
    };
    let claims = Claims::of(&token);
    let message = format!("The sign-in by {} returns a token.", connection.grant.name());
    findings.push(Finding::passed(Check::Token, message));
    findings.push(verification::tenant(claims.as_ref(), &connection.tenant));
    let access = connection.public().access;
    findings.push(verification::permissions(claims.as_ref(), access, &source::policy()?));
    Ok(true)
}

/// Returns a new token: a stored one does not show that the sign-in still works.
async fn fresh(credentials: &Credentials) -> Result<AccessToken, Report> {
    if credentials.has_stored().await.unwrap_or(false) {
        credentials.invalidate(&credentials.token().await?);
    }
    credentials.token().await
}

/// Runs the action over the same connection, and returns its findings.
async fn action_findings(
    host: &Host,
    backend: Backend,
    shared: &Shared,
    watcher: Option<Watcher>,
) -> Result<Vec<Value>, Failure> {
    let Backend::Live(live) = &backend else { return Ok(Vec::new()) };
    let (id, connection) = (live.configured.id.clone(), live.configured.public());
    let action = source::action(host, ACTION)?;
    let input = Map::from_iter([(CONNECTION_ID.to_owned(), id.clone().into())]);
    let checked = Checked::new(host, action, input, Vec::new()).map_err(Report::input)?;
    let (clock, redaction) = (backend.clock(), checked.redaction());
    let run = Run {
        context: RunContext::new(Uuid::now_v7(), ACTION, Limits::default(), clock, redaction),
        checked: &checked,
        granted: Some((id, connection)),
        backend: &backend,
        shared,
        plan: false,
        recorder: None,
        audit: None,
        durable: None,
        faults: None,
        watcher,
        turns: None,
    };
    let span = spans::run(run.context.id, None, Some(ACTION));
    let executed = execute(host, run, std::future::pending()).instrument(span).await?;
    match executed.outcome?.into_value().get_mut("findings").map(Value::take) {
        Some(Value::Array(findings)) => Ok(findings),
        _ => Err(anyhow::anyhow!("the component's {ACTION} returns no findings").into()),
    }
}

fn row(finding: &Value) -> Vec<String> {
    let mut shown = output::printable(text(finding, "message"));
    let fix = text(finding, "fix");
    if !fix.is_empty() {
        shown.push_str("\nFix: ");
        shown.push_str(&output::printable(fix));
    }
    vec![text(finding, "check").to_owned(), text(finding, "verdict").to_owned(), shown]
}

fn text<'a>(finding: &'a Value, key: &str) -> &'a str {
    finding.get(key).and_then(Value::as_str).unwrap_or_default()
}
