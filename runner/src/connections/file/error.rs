//! Why a configuration file cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::keys::MAX_PROBLEMS;
use super::places;
use crate::report::{ConfigProblem, Kind, Problems, Report};

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// No file was found in these places.
    #[error("there is no configuration of connections; it was looked for as {}", listed(.0))]
    NotFound(Vec<PathBuf>),
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {1}", path = .0.display())]
    Unreadable(PathBuf, io::Error),
    /// The file is larger than a megabyte.
    #[error("the configuration {path} is larger than 1 MiB", path = .0.display())]
    TooLarge(PathBuf),
    /// The file is not text.
    #[error("the configuration {path} is not UTF-8 text", path = .0.display())]
    NotText(PathBuf),
    /// The file has a read-only mode.
    #[error("the configuration {path} is read-only", path = .0.display())]
    ReadOnly(PathBuf),
    /// The file cannot be replaced.
    #[error("the configuration {path} cannot be written: {1}", path = .0.display())]
    Unwritable(PathBuf, io::Error),
    /// The file belongs to another user, and would belong to this one after a change.
    #[error("the configuration {path} belongs to another user or group", path = .0.display())]
    NotOurs(PathBuf),
    /// Another process holds the lock of the file for too long.
    #[error("another process is changing the configuration {path} and does not end", path = .0.display())]
    Busy(PathBuf),
    /// The changed file would be too large, or would not have the intended content.
    #[error("the configuration {path} cannot be changed by a command as it is written", path = .0.display())]
    NoPlace(PathBuf),
    /// The content has at least one problem.
    #[error("{}", summary(.0, .1))]
    Invalid(PathBuf, Vec<ConfigProblem>),
}

impl ConfigError {
    /// Creates the error for a configuration that is neither named nor found.
    pub fn not_found() -> Self {
        Self::NotFound(places())
    }

    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound(_) => {
                "Write o365.toml as the README shows, or name it with --config or in O365_CONFIG."
                    .to_owned()
            }
            Self::Unreadable(..) => {
                "Name a regular file that exists and that this user can read, with --config or in O365_CONFIG."
                    .to_owned()
            }
            Self::TooLarge(..) | Self::NotText(..) => {
                "Name a configuration such as the README shows.".to_owned()
            }
            Self::ReadOnly(path) => {
                format!("Run chmod u+w {}, if it may be changed.", path.display())
            }
            Self::Unwritable(..) => {
                "Let this user write the file and its directory, or run this as one who can."
                    .to_owned()
            }
            Self::NotOurs(..) => {
                "Run this as the user to whom the file belongs.".to_owned()
            }
            Self::Busy(..) => {
                "Wait for the other process, or end it, then run again.".to_owned()
            }
            Self::NoPlace(..) => {
                "Keep it below 1 MiB, and write tenants as [tenants.ID] and the server as [serve], each with its keys below."
                    .to_owned()
            }
            Self::Invalid(_, problems) => match problems.as_slice() {
                [one] => one.fix.clone(),
                _ => "Correct each of them in the file.".to_owned(),
            },
        }
    }

    /// Returns the problems of the content.
    pub fn problems(&self) -> &[ConfigProblem] {
        match self {
            Self::Invalid(_, problems) => problems,
            _ => &[],
        }
    }

    /// Returns the error as a report, with every problem and its fix.
    pub fn report(&self) -> Report {
        let mut report = Report::new(Kind::Configuration, self.to_string(), self.fix());
        report.details.problems = Some(Problems::Configuration(self.problems().to_vec()));
        report
    }
}

fn listed(places: &[PathBuf]) -> String {
    let names: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    names.join(" and ")
}

fn summary(path: &Path, problems: &[ConfigProblem]) -> String {
    let path = path.display();
    match problems {
        [one] if one.key.is_empty() => format!("{path}, line {}: {}", one.line, one.message),
        [one] => format!("{path}, line {}: {} {}", one.line, one.key, one.message),
        more if more.len() >= MAX_PROBLEMS => {
            format!("{MAX_PROBLEMS} things and more are wrong in {path}")
        }
        more => format!("{} things are wrong in {path}", more.len()),
    }
}
