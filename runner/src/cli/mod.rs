//! The command line `o365`.
//!
//! One file per subcommand; `failure` is how a command ends badly and its exit code,
//! `output` what goes to stdout, `job` an action with its `input` and its `backend`,
//! `record` a recording of its run, `source` the component, `files` the files below a
//! directory.
//! stdout holds results alone; everything else goes to stderr.

mod actions;
mod audit;
mod backend;
mod component;
mod connection;
mod describe;
mod failure;
mod faults;
mod files;
mod fixtures;
mod input;
mod job;
mod log;
mod output;
mod permissions;
mod plan;
mod progress;
mod record;
mod replay;
mod run;
mod serve;
mod simulate;
mod source;
mod tenant;

use std::path::PathBuf;
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
    component: Option<PathBuf>,
    /// The configuration of the connections; o365.toml here or in the user's
    /// configuration directory if not said. Also $O365_CONFIG.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Log to stderr what the program does. Also $O365_LOG.
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<log::Level>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the actions.
    Actions,
    /// Explain an action: what it takes and returns, as JSON Schema.
    Describe(describe::Options),
    /// Run an action.
    Run(run::Options),
    /// Say what an action would change, without changing it.
    Plan(plan::Options),
    /// Run the component on recordings, offline, and say what it does otherwise.
    Replay(replay::Options),
    /// List the faults that --faults can put in.
    Faults,
    /// Show what is in a simulated tenant, or serve it to any client of Graph.
    Simulate(simulate::Options),
    /// Make fixtures of HAR files.
    #[command(subcommand)]
    Fixtures(fixtures::Command),
    /// Print the Graph permissions that actions need; of all actions if none is named.
    Permissions(permissions::Options),
    /// List the connections to tenants, sign in, check what works.
    #[command(subcommand)]
    Connection(connection::Command),
    /// Show what was done in which tenant, from an audit log.
    Audit(audit::Options),
    /// Add and list the tenants that may call over HTTP.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Serve the actions over HTTP, to the tenants of the configuration.
    Serve(serve::Options),
    /// Write the component inside this program to a file.
    Component(component::Options),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Clap's own errors come before the flag is known.
    let json = std::env::args_os().any(|argument| argument == "--json");
    let result = match Cli::try_parse_from(backend::simulate::joined(std::env::args_os())) {
        Ok(cli) => dispatch(cli),
        Err(error) => usage(error, json),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(json);
            failure.exit_code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let Cli { global, command } = cli;
    let log = log::start(&log::Wanted {
        asked: global.log,
        // A server has nobody who asks for its log when it is wanted.
        usual: matches!(command, Command::Serve(_)).then_some(log::Level::Info),
        json: global.json,
        spans: matches!(command, Command::Run(_) | Command::Plan(_) | Command::Serve(_)),
    })?;
    let result = carry_out(&global, command);
    log.end(global.json, result.is_err());
    result
}

fn carry_out(global: &Global, command: Command) -> Result<(), Failure> {
    match command {
        Command::Actions => actions::run(global),
        Command::Describe(options) => describe::run(global, &options),
        Command::Run(options) => run::run(global, &options),
        Command::Plan(options) => plan::run(global, &options),
        Command::Replay(options) => replay::run(global, &options),
        Command::Faults => faults::run(global),
        Command::Simulate(options) => simulate::run(global, &options),
        Command::Fixtures(command) => fixtures::run(global, &command),
        Command::Permissions(options) => permissions::run(global, &options),
        Command::Connection(command) => connection::run(global, &command),
        Command::Audit(options) => audit::run(global, &options),
        Command::Tenant(command) => tenant::run(global, &command),
        Command::Serve(options) => serve::run(global, &options),
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
        return Err(Failure::Explained);
    }
    let rendered = error.render().to_string();
    let said = rendered.split("\n\nUsage:").next().unwrap_or_default();
    let message = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Err(Failure::usage(
        message.trim_start_matches("error: ").to_owned(),
        "Run o365 --help, or the subcommand with --help.",
    ))
}
