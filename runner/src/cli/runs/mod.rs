//! `o365 runs`: the runs of the server that have not ended.
//!
//! - `journals`: where their journals are
//! - `shown`: what is printed of a run
//! - `list`, `show`, `export`, `resume`: the commands

mod export;
mod journals;
mod list;
mod resume;
mod show;
mod shown;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use tokio::runtime::Builder;
use uuid::Uuid;

use super::Global;
use super::failure::Failure;
use super::job::runtime;
use crate::journal::Unfinished;
use journals::SavedJournals;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the runs with a journal that have not ended: they run now, or were interrupted.
    List,
    /// Show what a run has done so far, without the secrets of its input.
    Show(Named),
    /// Write the journal of a run as a recording, without its secrets.
    Export(export::Options),
    /// Continue an interrupted run without the server.
    Resume(resume::Options),
}

#[derive(Debug, Args)]
pub struct Named {
    /// The run.
    #[arg(value_name = "ID")]
    run: Uuid,
}

pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let runtime = runtime(Builder::new_multi_thread())?;
    runtime.block_on(async {
        match command {
            Command::List => list::run(global).await,
            Command::Show(options) => show::run(global, options).await,
            Command::Export(options) => export::run(global, options).await,
            Command::Resume(options) => resume::run(global, options).await,
        }
    })
}

/// Returns a run that has not ended.
async fn find(global: &Global, run: Uuid) -> Result<Unfinished, Failure> {
    let found = SavedJournals::of(global).await?.unfinished().await?;
    found.into_iter().find(|unfinished| unfinished.begun.run == run).ok_or_else(|| unknown(run))
}

/// Returns the error of a run that is not known.
fn unknown(run: Uuid) -> Failure {
    anyhow!(
        "no run {run} has a journal: it has ended, or has changed nothing; o365 audit --run {run} shows one that has ended"
    )
    .into()
}
