//! `o365 runs resume`: continues an interrupted run without the server.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Named, unknown};
use crate::audit::AuditLog;
use crate::cli::failure::Failure;
use crate::cli::serve::{Setup, state::State};
use crate::cli::{Global, output, source};
use crate::platform::Platform;
use crate::serve::Service;

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    named: Named,
    /// The audit log, in place of the configured one.
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let run = options.named.run;
    let setup = Setup::configured(global, options.audit_log.clone())?;
    let component = source::component(global)?.into_owned();
    let audit = AuditLog::open(&setup.files.audit_log)
        .map_err(|error| Failure::setup(&error, error.fix()))?;
    let builder = Platform::builder().component(component.clone()).audit(audit.clone());
    let (state, builder) = State::open(&setup.config, &setup.files, builder).await?;
    let platform = builder.build().map_err(anyhow::Error::from)?;
    platform.register_all(setup.tenants);
    let State { responses, runs, left } = state;
    let service = Service::new(platform, &component, audit, responses, runs, setup.keys)
        .map_err(anyhow::Error::from)?;
    let taken = left.take_one(run).await?.ok_or_else(|| unknown(run))?;
    let (unfinished, since) = taken;
    let ended = service.resume_one(unfinished, since).await;
    let ended = ended.map_err(|error| Failure::setup(&error, error.fix()))?;
    // What is stored under the key of the call is stored when this returns.
    service.stop(Duration::from_secs(5)).await;
    match ended {
        Some(outcome) => output::result(&outcome.map_err(|failure| failure.report())?.into_value()),
        None => output::text("The run had ended, and its result is stored.\n"),
    }
}
