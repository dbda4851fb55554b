//! `o365 completions`: writes the completions of a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;
use super::{Cli, output};

#[derive(Debug, Args)]
pub struct Options {
    /// The shell.
    shell: Shell,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, name, &mut script);
    output::bytes(&script)
}
