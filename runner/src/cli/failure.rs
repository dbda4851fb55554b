//! How a command ends badly: what a person or a script is told, and the exit code.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value, json};

use super::output::{self, printable};
use crate::sandbox::Stop;
use crate::values::Problem;

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
    /// A file, the configuration or the machine is not as it must be.
    Environment(anyhow::Error),
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
    /// It has been told already, and was wrong usage.
    Reported,
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

    /// The exit code, as `o365 --help` lists them.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Recorded { failure, .. } => return failure.exit_code(),
            // A recording that does not fit is the caller's, not the sandbox's.
            Self::Stopped { stop: Stop::Recording(_), .. } => 1,
            Self::Stopped { stop: Stop::Setup { .. }, .. } => 4,
            // Wrong input is the caller's, unless it took Graph to find out.
            Self::Action(error)
                if kind(error) == "invalid-input" && error.get("graph").is_none() =>
            {
                2
            }
            Self::Action(_) | Self::Different(_) => 1,
            Self::Usage { .. } | Self::Input(_) | Self::Reported => 2,
            Self::Stopped { .. } => 3,
            Self::Environment(_) => 4,
            Self::Interrupted { .. } => 130,
        })
    }

    /// What went wrong, in one text.
    pub fn message(&self) -> String {
        text(&self.error(), "message").to_owned()
    }

    /// Tells it on stderr, as one JSON object or for people.
    pub fn report(&self, json: bool) {
        if matches!(self, Self::Reported) {
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
            Self::Stopped { stop, writes } => {
                let kind = match stop {
                    Stop::Recording(_) => "recording",
                    Stop::Setup { .. } => "environment",
                    _ => "sandbox",
                };
                cut_short(kind, &stop.to_string(), stop.fix(), writes)
            }
            Self::Environment(error) => plain(
                "environment",
                &format!("{error:#}"),
                "Put the file, setting or directory that the message names right.",
            ),
            Self::Interrupted { writes } => {
                cut_short("interrupted", "the run was interrupted", "Run it again.", writes)
            }
            Self::Different(message) => plain(
                "recording",
                message,
                "Look at the differences: correct the component, or record again what is meant to be so.",
            ),
            Self::Reported => Value::Null,
        }
    }
}

fn plain(kind: &str, message: &str, fix: &str) -> Value {
    cut_short(kind, message, fix, &[])
}

/// The error of a run that could not say itself which writes it had made.
fn cut_short(kind: &str, message: &str, fix: &str, writes: &[String]) -> Value {
    let look = "Look in the tenant first, for the run had changed it already. ";
    let first = if writes.is_empty() { "" } else { look };
    json!({
        "kind": kind, "message": message, "fix": format!("{first}{fix}"),
        "who": "caller", "retrySafe": writes.is_empty(), "completed": writes,
    })
}

fn refusal(problems: &[Problem]) -> Value {
    let message = match problems {
        [one] if one.pointer.is_empty() => format!("the input is wrong: {}", one.message),
        [one] => format!("the input is wrong at {}: {}", one.pointer, one.message),
        _ => format!("{} things are wrong with the input", problems.len()),
    };
    json!({
        "kind": "invalid-input", "message": message,
        "fix": "Correct the input and call again; nothing was sent.",
        "who": "caller", "retrySafe": true, "completed": [], "problems": problems,
    })
}

fn kind(error: &Value) -> &str {
    text(error, "kind")
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
            let place = match text(problem, "pointer") {
                "" => String::new(),
                pointer => format!("{}: ", printable(pointer)),
            };
            let _ = writeln!(lines, "  {place}{}", printable(text(problem, "message")));
        }
    }
    if let Some(graph) = error.get("graph") {
        let _ = writeln!(lines, "  Graph answered: {}", printable(&graph_answer(graph)));
    }
    for step in list(error, "completed").iter().filter_map(Value::as_str) {
        let _ = writeln!(lines, "  done before: {}", printable(step));
    }
    let _ = writeln!(lines, "{}: {}", styled("fix", AnsiColor::Green), get("fix"));
    if let Some(seconds) = error.get("retryAfterSeconds") {
        let _ = writeln!(lines, "  come back in {seconds} s");
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

fn styled(word: &str, color: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{word}{style:#}")
}
