//! `o365 man`: writes the manual pages.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::failure::Failure;
use super::{Cli, output};

/// A page has no date, since a date would differ with each build. An empty one would be left out,
/// and the version would take its place.
const NO_DATE: &str = " ";

#[derive(Debug, Args)]
pub struct Options {
    /// Write the pages of all subcommands into this directory; by default, the page o365(1) is
    /// written to stdout.
    directory: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    match &options.directory {
        Some(directory) => Ok(fs::create_dir_all(directory)
            .and_then(|()| write(command, directory))
            .with_context(|| format!("the pages cannot be written to {}", directory.display()))?),
        None => {
            let mut text = Vec::new();
            page(command).render(&mut text).context("the page cannot be written")?;
            output::bytes(&text)
        }
    }
}

/// Writes the page of a command and those of its subcommands.
fn write(command: Command, directory: &Path) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write(subcommand.clone(), directory)?;
    }
    page(command).generate_to(directory).map(drop)
}

fn page(command: Command) -> Man {
    let version = concat!("o365 ", env!("CARGO_PKG_VERSION"));
    Man::new(command).date(NO_DATE).source(version).manual("o365 manual")
}
