//! `o365 component`: writes the component to a file, for other hosts.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::failure::Failure;
use super::{Global, output, source};

#[derive(Debug, Args)]
pub struct Options {
    /// The file, or stdout (-).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let component = source::component(global)?;
    let path = &options.output;
    if path.as_os_str() == "-" {
        return output::bytes(&component);
    }
    let failed = || format!("the component cannot be written to {}", path.display());
    Ok(fs::write(path, &component).with_context(failed)?)
}
