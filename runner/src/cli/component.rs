//! `o365 component`: the component, for other hosts.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::failure::Failure;
use super::{Global, output, source};

#[derive(Debug, Args)]
pub struct Options {
    /// The file to write; - for stdout.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the component.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let component = source::component(global)?;
    if options.output.as_os_str() == "-" {
        return output::bytes(&component);
    }
    fs::write(&options.output, &component).with_context(|| {
        format!("the component cannot be written to {}", options.output.display())
    })?;
    Ok(())
}
