//! What is wrong with a configuration file, where, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::keys::MAX_PROBLEMS;
use super::places;
use crate::report::{ConfigProblem, Kind, Problems, Report};

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// There is none.
    #[error("there is no configuration of connections; it was looked for as {}", listed(.0))]
    NotFound(Vec<PathBuf>),
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {reason}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// It has more than a megabyte.
    #[error("the configuration {path} is larger than 1 MiB", path = .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is no text.
    #[error("the configuration {path} is not UTF-8 text", path = .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Its mode says that it is not to be written.
    #[error("the configuration {path} is read-only", path = .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be replaced.
    #[error("the configuration {path} cannot be written: {reason}", path = .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// It belongs to another user, and would belong to this one when it is replaced.
    #[error("the configuration {path} belongs to another user or group", path = .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Another process has been changing it for too long.
    #[error("another process is changing the configuration {path} and does not end", path = .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// With what is added it would not say what it is to say, or be too large.
    #[error("nothing can be added to the configuration {path} as it is written", path = .path.display())]
    NoPlace {
        /// The file.
        path: PathBuf,
    },
    /// What it says is wrong.
    #[error("{}", summary(path, problems))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong; at least one thing.
        problems: Vec<ConfigProblem>,
    },
}

impl ConfigError {
    /// None was named, and none is where it is looked for.
    pub fn not_found() -> Self {
        Self::NotFound(places())
    }

    /// What to do about it, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound(_) => {
                "Write o365.toml as the README shows, or name it with --config or in O365_CONFIG."
                    .to_owned()
            }
            Self::Unreadable { .. } => {
                "Name a regular file that exists and that this user can read, with --config or in O365_CONFIG."
                    .to_owned()
            }
            Self::TooLarge { .. } | Self::NotText { .. } => {
                "Name a configuration such as the README shows.".to_owned()
            }
            Self::ReadOnly { path } => {
                format!("Run chmod u+w {}, if it may be changed.", path.display())
            }
            Self::Unwritable { .. } => {
                "Let this user write the file and its directory, or run this as one who can."
                    .to_owned()
            }
            Self::NotOurs { .. } => {
                "Run this as the user to whom the file belongs.".to_owned()
            }
            Self::Busy { .. } => {
                "Wait for the other process, or end it, then run again.".to_owned()
            }
            Self::NoPlace { .. } => {
                "Keep it below 1 MiB, and write tenants as [tenants.ID] and the server as [serve], each with its keys below."
                    .to_owned()
            }
            Self::Invalid { problems, .. } => match problems.as_slice() {
                [one] => one.fix.clone(),
                _ => "Correct each of them in the file.".to_owned(),
            },
        }
    }

    /// What is wrong in the file, if it could be read.
    pub fn problems(&self) -> &[ConfigProblem] {
        match self {
            Self::Invalid { problems, .. } => problems,
            _ => &[],
        }
    }

    /// The error in the form that all errors have, with every problem and its own fix.
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
        // Further ones are not looked for.
        more if more.len() >= MAX_PROBLEMS => {
            format!("{MAX_PROBLEMS} things and more are wrong in {path}")
        }
        more => format!("{} things are wrong in {path}", more.len()),
    }
}
