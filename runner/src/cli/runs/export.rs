//! `o365 runs export`: writes the journal of a run as a recording.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use disk::replace::{Synced, replace};

use super::{Named, find};
use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::platform::recording;

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    named: Named,
    /// The file for the recording; by default stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let unfinished = find(global, options.named.run).await?;
    let bytes =
        recording(&source::host(global, 1)?, &unfinished).map_err(|error| anyhow!(error))?;
    match &options.output {
        None => output::bytes(&bytes),
        Some(path) => {
            replace(path, &bytes, Synced::Content).map_err(|error| {
                let fix = "Name a file in a directory that this user may write.";
                Failure::setup(&error, fix)
            })?;
            Ok(())
        }
    }
}
