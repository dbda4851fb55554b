//! `o365 connection verify`: what works with a connection and what does not.
//!
//! First what only the host can see, then the action `verify-connection` in the sandbox:
//! one list of findings, each in the same form.

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tracing::Instrument;
use uuid::Uuid;

use crate::cli::failure::Failure;
use crate::cli::way::live::Line;
use crate::cli::{Global, job, output, source};
use crate::connections::config::Configured;
use crate::connections::entra_error::SignInError;
use crate::connections::file::Connections;
use crate::connections::sign_in::claims::Claims;
use crate::connections::tokens::{AccessToken, Credentials};
use crate::connections::verification::{self, Check, Finding, Verdict};
use crate::egress::ledger::Ledger;
use crate::egress::usage::Usage;
use crate::host::{Host, Job};
use crate::recording::Secrets;
use crate::sandbox::{Clock, Ended, Limits, Outcome};
use crate::telemetry::spans;
use crate::values;

/// The action that sees what is beyond the sign-in.
const ACTION: &str = "verify-connection";

#[derive(Debug, Args)]
pub struct Options {
    /// The connection's id.
    id: String,
}

/// Makes the checks and prints the findings, on a terminal as a table.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let connection = source::connection(&connections, &options.id)?;
    let host = source::host(global, 1)?;
    let findings = job::runtime()?.block_on(async {
        tokio::select! {
            findings = verify(global, &host, &connections, connection) => findings,
            () = job::asked_to_end() => Err(Failure::Interrupted { writes: Vec::new() }),
        }
    })?;
    let usable = findings.iter().all(|finding| text(finding, "verdict") != "failed");
    if output::for_people(global.json) {
        output::table(&["check", "verdict", "finding"], findings.iter().map(row))?;
    } else {
        output::result(&json!({ "usable": usable, "findings": findings }))?;
    }
    if usable { Ok(()) } else { Err(Failure::Unusable) }
}

/// All findings, in the order in which they were made.
async fn verify(
    global: &Global,
    host: &Host,
    connections: &Connections,
    connection: &Configured,
) -> Result<Vec<Value>, Failure> {
    let secrets = verification::secrets(connection);
    let line = Line::open(connection, global.json, true, None)?;
    let answers = [
        verification::reach(line.client(), &connection.login_url, Check::LoginHost).await,
        verification::reach(line.client(), &connection.graph_url, Check::GraphHost).await,
    ];
    let clock = verification::clock(&answers);
    let [login, graph] = answers.map(|answer| answer.finding);
    let mut findings = vec![configured(connections, connection), secrets, login, graph, clock];
    let blocked = findings.iter().find(|finding| finding.verdict == Verdict::Failed).cloned();
    let signed_in = match blocked {
        Some(reason) => {
            let checks = [Check::Token, Check::TokenTenant, Check::Permissions];
            findings.extend(checks.map(|check| Finding::skipped(check, &reason)));
            false
        }
        None => token(&line, connection, &mut findings).await?,
    };
    let mut findings = in_json(&findings)?;
    if signed_in {
        findings.extend(beyond(host, &line, connection).await?);
    }
    for warning in line.close() {
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

/// Whether the sign-in brings a token, and what the token says.
async fn token(
    line: &Line,
    connection: &Configured,
    findings: &mut Vec<Finding>,
) -> Result<bool, Failure> {
    let token = match fresh(line.credentials()).await {
        Ok(token) => token,
        Err(error) => {
            let failed =
                Finding::failed(Check::Token, error.message, error.fix).by(error.who.name());
            let checks = [Check::TokenTenant, Check::Permissions];
            let skipped = checks.map(|check| Finding::skipped(check, &failed));
            findings.push(failed);
            findings.extend(skipped);
            return Ok(false);
        }
    };
    let claims = Claims::of(&token);
    let message = format!("The sign-in by {} brings a token.", connection.grant.name());
    findings.push(Finding::passed(Check::Token, message));
    findings.push(verification::tenant(claims.as_ref(), &connection.tenant));
    let access = connection.public().access;
    findings.push(verification::permissions(claims.as_ref(), access, &source::policy()?));
    Ok(true)
}

/// A token of this moment: one that was kept does not show that a sign-in still works.
async fn fresh(credentials: &Credentials) -> Result<AccessToken, SignInError> {
    let was_kept = credentials.has_stored().await.unwrap_or(false);
    let token = credentials.token().await?;
    if !was_kept {
        return Ok(token);
    }
    credentials.invalidate(&token);
    credentials.token().await
}

/// The findings of the action, in the sandbox and over the same line.
async fn beyond(host: &Host, line: &Line, connection: &Configured) -> Result<Vec<Value>, Failure> {
    let action = source::action(host, ACTION)?;
    let run = Uuid::now_v7();
    let input = json!({ "connectionId": connection.id });
    let job = Job {
        action,
        input: values::from_json(&input, &action.input).map_err(Failure::Input)?,
        secrets: Secrets::default(),
        lent: Some((connection.id.clone(), connection.public())),
        way_out: line.way_out(host.policy(ACTION).calls, run),
        clock: Clock::real(),
        ledger: Ledger::default(),
        usage: Usage::default(),
        line: None,
        limits: Limits::default(),
    };
    let ended = host.run(job).instrument(spans::run(run, None, Some(ACTION))).await;
    let Ended { outcome, .. } = ended.map_err(anyhow::Error::from)?;
    match outcome {
        Ok(Outcome::Done(mut result)) => match result.get_mut("findings").map(Value::take) {
            Some(Value::Array(findings)) => Ok(findings),
            _ => Err(anyhow::anyhow!("the component's {ACTION} returns no findings").into()),
        },
        Ok(Outcome::Failed(error)) => Err(Failure::Action(error)),
        Err(stop) => Err(Failure::Stopped { stop, writes: Vec::new() }),
    }
}

fn in_json(findings: &[Finding]) -> Result<Vec<Value>, Failure> {
    let values = findings.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    Ok(values.context("the findings are no JSON")?)
}

fn row(finding: &Value) -> Vec<String> {
    let mut told = output::printable(text(finding, "message"));
    let fix = text(finding, "fix");
    if !fix.is_empty() {
        told.push_str("\nFix: ");
        told.push_str(&output::printable(fix));
    }
    vec![text(finding, "check").to_owned(), text(finding, "verdict").to_owned(), told]
}

fn text<'a>(finding: &'a Value, key: &str) -> &'a str {
    finding.get(key).and_then(Value::as_str).unwrap_or_default()
}
