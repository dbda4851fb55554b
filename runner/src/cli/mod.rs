//! The command line `o365`.
//!
//! Each subcommand has a file. The others are `failure` (errors and exit codes), `output` (results),
//! `log`, `progress`, `job` (an action with its `input` and `backend`), `record` (a recording of
//! its run), `source` (the component and the configuration), `files` and `times`.
//! Only results go to stdout.

mod actions;
mod audit;
mod backend;
mod completions;
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
mod man;
mod mcp;
mod output;
mod permissions;
mod plan;
mod progress;
mod record;
mod replay;
mod run;
mod runs;
mod secrets;
mod serve;
mod simulate;
mod source;
mod tenant;
mod times;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use backend::simulate::joined;
use failure::Failure;

const EXIT_CODES: &str = "\
Exit codes: 0 success; 1 the action failed; 2 invalid usage or input; 3 stopped by the \
sandbox; 4 configuration or environment; 130 interrupted.";

const GLOBAL: &str = "Global options";

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
    /// Write results and errors as JSON, also on a terminal.
    #[arg(long, global = true, help_heading = GLOBAL)]
    json: bool,
    /// The component; by default the one built into this program.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    component: Option<PathBuf>,
    /// The configuration, also set by $O365_CONFIG; by default o365.toml in the current directory
    /// or in the user's configuration directory.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The level of the log on stderr, also set by $O365_LOG; by default off, and info for serve.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "LEVEL")]
    log: Option<log::Level>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the actions.
    Actions,
    /// Show the input and output of an action, as JSON Schema.
    Describe(describe::Options),
    /// Run an action.
    Run(run::Options),
    /// Show what an action would change, without changing it.
    Plan(plan::Options),
    /// Run the component on recordings, offline, and show the differences.
    Replay(replay::Options),
    /// List the faults that --faults can inject.
    Faults,
    /// Show a simulated tenant, or serve it to any client of Graph.
    Simulate(simulate::Options),
    /// Create fixtures from HAR files.
    #[command(subcommand)]
    Fixtures(fixtures::Command),
    /// Show the Graph permissions that actions need.
    Permissions(permissions::Options),
    /// List the connections to tenants, sign in, and verify them.
    #[command(subcommand)]
    Connection(connection::Command),
    /// Show the runs in an audit log.
    Audit(audit::Options),
    /// Show and continue the runs of the HTTP server that were interrupted.
    #[command(subcommand)]
    Runs(runs::Command),
    /// Print the passwords that were made up for runs, each once.
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Add, list and remove the tenants of the HTTP server, and replace their keys.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Serve the actions over HTTP to the tenants of the configuration.
    Serve(serve::Options),
    /// Offer the actions as tools to a client of the Model Context Protocol, over stdin and stdout.
    Mcp(mcp::Options),
    /// Write the component to a file.
    Component(component::Options),
    /// Write the completions of a shell to stdout.
    Completions(completions::Options),
    /// Write the manual page to stdout, or those of all subcommands into a directory.
    Man(man::Options),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Errors of clap come before the flag is parsed.
    let json = std::env::args_os().any(|argument| argument == "--json");
    let result = match Cli::try_parse_from(joined(std::env::args_os())) {
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
    let log = log::start(&log::LogOptions {
        level: global.log,
        // The log of a server is needed after the fact.
        default: matches!(command, Command::Serve(_)).then_some(log::Level::Info),
        json: global.json,
        spans: matches!(command, Command::Run(_) | Command::Plan(_) | Command::Serve(_)),
        queued: matches!(command, Command::Serve(_)),
    })?;
    let result = run(&global, command);
    log.end(global.json, result.is_err());
    result
}

fn run(global: &Global, command: Command) -> Result<(), Failure> {
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
        Command::Runs(command) => runs::run(global, &command),
        Command::Secrets(command) => secrets::run(global, &command),
        Command::Serve(options) => serve::run(global, &options),
        Command::Mcp(options) => mcp::run(global, &options),
        Command::Component(options) => component::run(global, &options),
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
    }
}

/// Prints help and version as results. Anything else is a usage error.
fn usage(error: clap::Error, json: bool) -> Result<(), Failure> {
    if !error.use_stderr() {
        return output::text(&error.render().ansi().to_string());
    }
    if !json {
        // Clap prints it with colours and hints.
        let _ = error.print();
        return Err(Failure::Explained);
    }
    let rendered = error.render().to_string();
    let reason = rendered.split("\n\nUsage:").next().unwrap_or_default();
    let message = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    Err(Failure::usage(
        message.trim_start_matches("error: ").to_owned(),
        "Run o365 --help, or the subcommand with --help.",
    ))
}
