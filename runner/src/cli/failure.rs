//! How a command ends badly: what a person or a script is told, and the exit code.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::output::{self, printable};
use crate::connections::entra_error::SignInError;
use crate::connections::file::{ConfigError, ConfigProblem};
use crate::egress::live::Explanation;
use crate::error::{self, cut_short, kind, plain, refusal};
use crate::sandbox::Stop;
use crate::values::Problem;

/// The longest wait that is told in seconds and not as a time.
const COUNTED: u64 = 3600;

/// What ended a command.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        fix: String,
    },
    /// The input was refused before anything was sent.
    Input(Vec<Problem>),
    /// The action failed, with its own error.
    Action(Value),
    /// The sandbox ended the run.
    Stopped {
        /// What ended it.
        stop: Stop,
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// The configuration of the connections is wrong.
    Configuration(ConfigError),
    /// A file or the machine is not as it must be.
    Environment(anyhow::Error),
    /// The same where it is known what to do.
    Setup {
        /// What is wrong.
        message: String,
        /// What to do.
        fix: String,
    },
    /// Somebody pressed Ctrl-C, or asked the process to end.
    Interrupted {
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// Recordings replay differently, as the result says; how many.
    Different(String),
    /// A run failed, and there is a recording of it.
    Recorded {
        /// How it failed.
        failure: Box<Failure>,
        /// The recording.
        path: PathBuf,
    },
    /// What was checked is not as it must be; the result has said so already.
    Unusable,
    /// It has been told already, and was wrong usage.
    Reported,
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Configuration(error)
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        Self::Stopped { stop: Stop::SignIn(error), writes: Vec::new() }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Environment(error)
    }
}

impl Failure {
    /// Wrong usage.
    pub fn usage(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), fix: fix.into() }
    }

    /// Something that is not as it must be, with what to do.
    pub fn setup(error: &impl std::error::Error, fix: impl Into<String>) -> Self {
        Self::Setup { message: error.to_string(), fix: fix.into() }
    }

    /// The same, with what the network's own client knows of a lost or refused connection.
    pub fn explained(mut self, fault: Option<Explanation>) -> Self {
        if let (Self::Action(error), Some(fault)) = (&mut self, fault) {
            error::explain(error, fault);
        }
        self
    }

    /// The exit code, as `o365 --help` lists them.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Recorded { failure, .. } => return failure.exit_code(),
            // A recording that does not fit is the caller's, not the sandbox's.
            Self::Stopped { stop: Stop::Recording(_), .. } => 1,
            Self::Stopped { stop: Stop::Setup { .. } | Stop::SignIn(_), .. } => 4,
            // Wrong input is the caller's, unless it took Graph to find out.
            Self::Action(error)
                if kind(error) == "invalid-input" && error.get("graph").is_none() =>
            {
                2
            }
            Self::Action(_) | Self::Different(_) | Self::Unusable => 1,
            Self::Usage { .. } | Self::Input(_) | Self::Reported => 2,
            Self::Stopped { .. } => 3,
            Self::Configuration(_) | Self::Environment(_) | Self::Setup { .. } => 4,
            Self::Interrupted { .. } => 130,
        })
    }

    /// What went wrong, in one text.
    pub fn message(&self) -> String {
        text(&self.error(), "message").to_owned()
    }

    /// Tells it on stderr, as one JSON object or for people.
    pub fn report(&self, json: bool) {
        if matches!(self, Self::Reported | Self::Unusable) {
            return;
        }
        let error = self.error();
        if json {
            output::note(&json!({ "error": error }).to_string());
        } else {
            output::note(for_people(&error).trim_end());
        }
    }

    /// The error in the form that actions' errors have.
    pub fn error(&self) -> Value {
        match self {
            Self::Recorded { failure, path } => {
                let mut error = failure.error();
                if let Some(error) = error.as_object_mut() {
                    error.insert("recording".to_owned(), path.display().to_string().into());
                }
                error
            }
            Self::Action(error) => error.clone(),
            Self::Input(problems) => refusal(problems),
            Self::Usage { message, fix } => plain("usage", message, fix),
            Self::Stopped { stop, writes } => error::stopped(stop, writes),
            Self::Configuration(error) => misconfigured(error),
            Self::Environment(error) => plain(
                "environment",
                &format!("{error:#}"),
                "Put the file, setting or directory that the message names right.",
            ),
            Self::Setup { message, fix } => plain("environment", message, fix),
            Self::Interrupted { writes } => {
                cut_short("interrupted", "the run was interrupted", "Run it again.", writes)
            }
            Self::Different(message) => plain(
                "recording",
                message,
                "Look at the differences: correct the component, or record again what is meant to be so.",
            ),
            Self::Reported | Self::Unusable => Value::Null,
        }
    }
}

/// The error of a configuration, with every problem and its own fix.
fn misconfigured(error: &ConfigError) -> Value {
    let problem = |problem: &ConfigProblem| {
        let ConfigProblem { line, key, message, fix } = problem;
        json!({ "line": line, "key": key, "message": message, "fix": fix })
    };
    let problems: Vec<Value> = error.problems().iter().map(problem).collect();
    let mut told = plain("configuration", &error.to_string(), &error.fix());
    if let Some(told) = told.as_object_mut() {
        told.insert("problems".to_owned(), problems.into());
    }
    told
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
