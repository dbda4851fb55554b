//! The errors of commands: their output on stderr, and their exit codes.

use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::output::{self, printable};
use crate::connections::file::ConfigError;
use crate::context::Stop;
use crate::journal::JournalError;
use crate::report::{ConfigProblem, Kind, Problems, Report};
use crate::run::{self, OpenError};

/// The longest wait that is shown in seconds and not as a time.
const SHOWN_IN_SECONDS: u64 = 3600;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// An error with its exit code.
    Report(Box<Report>, u8),
    /// A check failed. The result shows it.
    Unusable,
    /// A usage error that clap has printed.
    Explained,
}

/// The exit code for the environment, and for a failed sign-in.
const ENVIRONMENT: u8 = 4;

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        let code = report.exit_code();
        Self::Report(Box::new(report), code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        error.report().into()
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let fix = "Correct the file, setting or directory that the message names.";
        Report::new(Kind::Environment, format!("{error:#}"), fix).into()
    }
}

impl From<run::Failure> for Failure {
    fn from(failure: run::Failure) -> Self {
        match failure {
            run::Failure::Stopped { stop: Stop::SignIn(report), writes } => {
                Self::sign_in(report.with_writes(writes))
            }
            // Another component can fail with any kind.
            run::Failure::Action(report) => {
                let code = if report.kind == Kind::InvalidInput { report.exit_code() } else { 1 };
                Self::Report(Box::new(report), code)
            }
            failure => report(&failure).into(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::SignIn(report) => Self::sign_in(*report),
            error => anyhow::Error::from(error).into(),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::setup(&error, error.fix())
    }
}

/// Returns the error of a run.
pub fn report(failure: &run::Failure) -> Report {
    match failure {
        run::Failure::Action(report) => report.clone(),
        run::Failure::Stopped { stop, writes } => stop.report(writes.clone()),
        run::Failure::Interrupted { writes } => {
            Report::new(Kind::Interrupted, "the run was interrupted", "Run it again.")
                .with_writes(writes.clone())
        }
    }
}

impl Failure {
    /// Returns a usage error.
    pub fn usage(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Report::new(Kind::Usage, message, fix).into()
    }

    /// Returns an error of the environment.
    pub fn setup(error: &impl std::error::Error, fix: impl Into<String>) -> Self {
        Report::new(Kind::Environment, error.to_string(), fix).into()
    }

    /// Returns the error of a failed sign-in.
    pub fn sign_in(report: Report) -> Self {
        Self::Report(Box::new(report), ENVIRONMENT)
    }

    /// Returns the error of a command that a signal interrupted before any write.
    pub fn interrupted() -> Self {
        run::Failure::Interrupted { writes: Vec::new() }.into()
    }

    /// Adds the path of the recording.
    #[must_use]
    pub fn recorded_in(self, path: PathBuf) -> Self {
        match self {
            Self::Report(report, code) => Self::Report(Box::new(report.recorded_in(path)), code),
            other => other,
        }
    }

    /// Returns the exit code. `o365 --help` lists them.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Report(_, code) => *code,
            Self::Unusable => 1,
            Self::Explained => 2,
        })
    }

    /// Returns the message.
    pub fn message(&self) -> String {
        match self {
            Self::Report(report, _) => report.message.clone(),
            Self::Unusable | Self::Explained => String::new(),
        }
    }

    /// Returns the problems of a configuration.
    pub fn config_problems(&self) -> &[ConfigProblem] {
        match self {
            Self::Report(report, _) => match &report.details.problems {
                Some(Problems::Configuration(problems)) => problems,
                _ => &[],
            },
            Self::Unusable | Self::Explained => &[],
        }
    }

    /// Writes the error to stderr, as text or as a JSON object.
    pub fn print(&self, json: bool) {
        let Self::Report(report, _) = self else { return };
        let error = report.to_json();
        if json {
            output::note(&json!({ "error": error }).to_string());
        } else {
            output::note(&for_people(&error));
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the error as text, with colours.
fn for_people(error: &Value) -> String {
    let get = |key| printable(text(error, key));
    let mut lines = vec![format!("{}: {}", styled("error", AnsiColor::Red), get("message"))];
    if let problems @ [_, _, ..] = list(error, "problems") {
        lines.extend(problems.iter().map(|it| format!("  {}", printable(&problem_text(it)))));
    }
    if let Some(graph) = error.get("graph") {
        lines.push(format!("  Graph response: {}", printable(&graph_response(graph))));
    }
    if let Some(entra) = error.get("entra") {
        lines.push(format!("  Entra response: {}", printable(&entra_response(entra))));
    }
    let completed = list(error, "completed").iter().filter_map(Value::as_str);
    lines.extend(completed.map(|write| format!("  completed: {}", printable(write))));
    lines.push(format!("{}: {}", styled("fix", AnsiColor::Green), get("fix")));
    if let Some(seconds) = error.get("retryAfterSeconds").and_then(Value::as_u64) {
        lines.push(format!("  retry {}", retry_time(seconds)));
    }
    if error.get("recording").is_some() {
        lines.push(format!("  recorded in {}", get("recording")));
    }
    match text(error, "who") {
        "license-admin" => lines.push("  who can fix it: a licence administrator".to_owned()),
        "tenant-admin" => lines.push("  who can fix it: a tenant administrator".to_owned()),
        _ => {}
    }
    lines.join("\n")
}

/// Returns the text of a problem, with its pointer in an input or its line in a configuration.
fn problem_text(problem: &Value) -> String {
    let message = text(problem, "message");
    match (text(problem, "pointer"), problem.get("line")) {
        (_, Some(line)) => {
            let (key, fix) = (text(problem, "key"), text(problem, "fix"));
            format!("line {line}: {key} {message}. {fix}")
        }
        ("", None) => message.to_owned(),
        (pointer, None) => format!("{pointer}: {message}"),
    }
}

/// Returns when to retry: in some seconds, or at a time.
fn retry_time(seconds: u64) -> String {
    let wait = i64::try_from(seconds).ok().filter(|_| seconds > SHOWN_IN_SECONDS);
    let at =
        wait.and_then(|wait| Timestamp::now().checked_add(SignedDuration::from_secs(wait)).ok());
    match at {
        Some(at) => format!("at {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("in {seconds} s"),
    }
}

fn graph_response(graph: &Value) -> String {
    let mut response = graph.get("status").and_then(Value::as_u64).unwrap_or_default().to_string();
    for part in ["code", "message"].map(|key| text(graph, key)) {
        if !part.is_empty() {
            response = format!("{response} {part}");
        }
    }
    match text(graph, "requestId") {
        "" => response,
        id => format!("{response} (request-id {id})"),
    }
}

/// Returns the error of Entra, with the ids that Microsoft's support needs.
fn entra_response(entra: &Value) -> String {
    let codes = list(entra, "codes").iter().map(|code| format!(" AADSTS{code}"));
    let ids = [("trace id", "traceId"), ("correlation id", "correlationId"), ("at", "timestamp")];
    let ids = ids.map(|(word, key)| (word, text(entra, key)));
    let ids = ids.into_iter().filter(|(_, id)| !id.is_empty());
    let ids = ids.map(|(word, id)| format!(", {word} {id}"));
    std::iter::once(text(entra, "error").to_owned()).chain(codes).chain(ids).collect()
}

fn styled(word: &str, color: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{word}{style:#}")
}
