//! The command line `o365`.
//!
//! One file per subcommand; `failure` is how a command ends badly and its exit code,
//! `output` what goes to stdout, `input` an action's input, `source` the component,
//! `way` the ways out of the sandbox.
//! stdout holds results alone; everything else goes to stderr.

mod actions;
mod component;
mod describe;
mod failure;
mod input;
mod output;
mod permissions;
mod run;
mod simulate;
mod source;
mod way;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use failure::Failure;

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the action failed; 2 wrong usage or input; 3 the sandbox \
stopped it; 4 configuration or environment; 130 interrupted.";

/// Runs the actions of the Office 365 connector in a closed sandbox.
#[derive(Debug, Parser)]
#[command(name = "o365", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Global {
    /// Write results and errors as JSON, on a terminal too.
    #[arg(long, global = true)]
    json: bool,
    /// Use another build of the component than the one inside this program.
    #[arg(long, global = true, value_name = "FILE")]
    component: Option<std::path::PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the actions.
    Actions,
    /// Explain an action: what it takes and returns, as JSON Schema.
    Describe(describe::Options),
    /// Run an action.
    Run(run::Options),
    /// Show what is in a simulated tenant.
    Simulate(simulate::Options),
    /// Print the Graph permissions that actions need; of all actions if none is named.
    Permissions(permissions::Options),
    /// Write the component inside this program to a file.
    Component(component::Options),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Clap's own errors come before the flag is known.
    let json = std::env::args_os().any(|argument| argument == "--json");
    let result = match Cli::try_parse_from(way::simulate::joined(std::env::args_os())) {
        Ok(cli) => dispatch(cli),
        Err(error) => usage(error, json),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report(json);
            failure.exit_code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let global = &cli.global;
    match cli.command {
        Command::Actions => actions::run(global),
        Command::Describe(options) => describe::run(global, &options),
        Command::Run(options) => run::run(global, &options),
        Command::Simulate(options) => simulate::run(global, &options),
        Command::Permissions(options) => permissions::run(global, &options),
        Command::Component(options) => component::run(global, &options),
    }
}

/// Help and version are results; anything else is wrong usage.
fn usage(error: clap::Error, json: bool) -> Result<(), Failure> {
    if !error.use_stderr() {
        return output::text(&error.render().ansi().to_string());
    }
    if !json {
        // Clap's own form, with its colours and its hints.
        let _ = error.print();
        return Err(Failure::Reported);
    }
    let rendered = error.render().to_string();
    let told = rendered.split("\n\nUsage:").next().unwrap_or_default();
    let message = told.split_whitespace().collect::<Vec<_>>().join(" ");
    Err(Failure::usage(
        message.trim_start_matches("error: ").to_owned(),
        "Run o365 --help, or the subcommand with --help.",
    ))
}
