//! How a command ends badly: what a person or a script is told, and the exit code.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::output::{self, printable};
use crate::connections::file::ConfigError;
use crate::context::Stop;
use crate::report::{ConfigProblem, Kind, Problems, Report};
use crate::run::{self, OpenError};

/// The longest wait that is told in seconds and not as a time.
const COUNTED: u64 = 3600;

/// What ended a command.
#[derive(Debug)]
pub enum Failure {
    /// An error, with the exit code that `o365 --help` lists for it.
    Report(Box<Report>, u8),
    /// What was checked is not as it must be; the result has said so already.
    Unusable,
    /// Wrong usage that clap has explained already.
    Explained,
}

/// The exit code for the environment, and for a sign-in that failed on its way to Graph.
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
        let fix = "Put the file, setting or directory that the message names right.";
        Report::new(Kind::Environment, format!("{error:#}"), fix).into()
    }
}

impl From<run::Failure> for Failure {
    fn from(failure: run::Failure) -> Self {
        match failure {
            run::Failure::Stopped { stop: Stop::SignIn(report), writes } => {
                Self::sign_in(report.with_writes(writes))
            }
            failure => report(&failure).into(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::SignIn(report) => Self::sign_in(*report),
            OpenError::Client(error) => anyhow::Error::from(error).into(),
            OpenError::GraphUrl(error) => anyhow::Error::from(error).into(),
        }
    }
}

/// The error of a run.
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
    /// Wrong usage.
    pub fn usage(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Report::new(Kind::Usage, message, fix).into()
    }

    /// Something that is not as it must be, with what to do.
    pub fn setup(error: &impl std::error::Error, fix: impl Into<String>) -> Self {
        Report::new(Kind::Environment, error.to_string(), fix).into()
    }

    /// A sign-in that failed.
    pub fn sign_in(report: Report) -> Self {
        Self::Report(Box::new(report), ENVIRONMENT)
    }

    /// Somebody asked this process to end, before anything was written.
    pub fn interrupted() -> Self {
        run::Failure::Interrupted { writes: Vec::new() }.into()
    }

    /// The same with the recording of the run.
    #[must_use]
    pub fn recorded_in(self, path: PathBuf) -> Self {
        match self {
            Self::Report(report, code) => Self::Report(Box::new(report.recorded_in(path)), code),
            other => other,
        }
    }

    /// The exit code, as `o365 --help` lists them.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Report(_, code) => *code,
            Self::Unusable => 1,
            Self::Explained => 2,
        })
    }

    /// What went wrong, in one text.
    pub fn message(&self) -> String {
        match self {
            Self::Report(report, _) => report.message.clone(),
            Self::Unusable | Self::Explained => String::new(),
        }
    }

    /// Everything that is wrong with a configuration.
    pub fn config_problems(&self) -> &[ConfigProblem] {
        match self {
            Self::Report(report, _) => match &report.details.problems {
                Some(Problems::Configuration(problems)) => problems,
                _ => &[],
            },
            Self::Unusable | Self::Explained => &[],
        }
    }

    /// Writes it to stderr, as one JSON object or for people.
    pub fn print(&self, json: bool) {
        let Self::Report(report, _) = self else { return };
        let error = report.to_json();
        if json {
            output::note(&json!({ "error": error }).to_string());
        } else {
            output::note(for_people(&error).trim_end());
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The error as some lines of text, in colour where the terminal has it.
fn for_people(error: &Value) -> String {
    let empty = Map::new();
    let error = error.as_object().unwrap_or(&empty);
    let get = |key: &str| printable(error.get(key).and_then(Value::as_str).unwrap_or_default());
    let mut lines = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(lines, "{}: {}", styled("error", AnsiColor::Red), get("message"));
    let problems = list(error, "problems");
    if problems.len() > 1 {
        for problem in problems {
            let _ = writeln!(lines, "  {}", printable(&in_words(problem)));
        }
    }
    if let Some(graph) = error.get("graph") {
        let _ = writeln!(lines, "  Graph answered: {}", printable(&graph_answer(graph)));
    }
    if let Some(entra) = error.get("entra") {
        let _ = writeln!(lines, "  Entra answered: {}", printable(&entra_answer(entra)));
    }
    for step in list(error, "completed").iter().filter_map(Value::as_str) {
        let _ = writeln!(lines, "  done before: {}", printable(step));
    }
    let _ = writeln!(lines, "{}: {}", styled("fix", AnsiColor::Green), get("fix"));
    if let Some(seconds) = error.get("retryAfterSeconds").and_then(Value::as_u64) {
        let _ = writeln!(lines, "  come back {}", come_back(seconds));
    }
    if error.contains_key("recording") {
        let _ = writeln!(lines, "  recorded in {}", get("recording"));
    }
    let who = match &*get("who") {
        "license-admin" => "  who can do it: an administrator of licences",
        "tenant-admin" => "  who can do it: an administrator of the tenant",
        _ => "",
    };
    if !who.is_empty() {
        let _ = writeln!(lines, "{who}");
    }
    lines
}

/// One of several problems: of an input at its pointer, of a configuration at its line.
fn in_words(problem: &Value) -> String {
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

/// When to come back: after so many seconds, or at a time where those are too many to count.
fn come_back(seconds: u64) -> String {
    let at = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::now().checked_add(SignedDuration::from_secs(seconds)).ok());
    match at {
        Some(at) if seconds > COUNTED => format!("at {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        _ => format!("in {seconds} s"),
    }
}

fn list<'a>(error: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    error.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn graph_answer(graph: &Value) -> String {
    let status = graph.get("status").and_then(Value::as_u64).unwrap_or_default();
    let parts = [text(graph, "code"), text(graph, "message")];
    let mut answer = status.to_string();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        answer.push(' ');
        answer.push_str(part);
    }
    match text(graph, "requestId") {
        "" => answer,
        id => format!("{answer} (request-id {id})"),
    }
}

/// What Microsoft's support asks for.
fn entra_answer(entra: &Value) -> String {
    let codes = entra.get("codes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let ids = [("trace id", "traceId"), ("correlation id", "correlationId"), ("at", "timestamp")];
    std::iter::once(text(entra, "error").to_owned())
        .chain(codes.iter().map(|code| format!(" AADSTS{code}")))
        .chain(ids.into_iter().filter_map(|(word, key)| {
            let id = text(entra, key);
            (!id.is_empty()).then(|| format!(", {word} {id}"))
        }))
        .collect()
}

fn styled(word: &str, color: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{word}{style:#}")
}
