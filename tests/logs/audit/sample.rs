//! Lines to write, and a place for logs.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use runner::audit::{
    AuditError, AuditLog, DONE, Durability, Line, Lines, ResponseLine, Run, RunLine, Runs,
    WriteLine, Written,
};
use runner::context::Receipt;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

pub const URL: &str = "https://graph.microsoft.com/v1.0/users";

/// A directory for one log.
pub struct Place {
    pub directory: TempDir,
    pub path: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        let directory = tempfile::tempdir_in(support::scratch()).unwrap();
        let path = directory.path().join("audit.log");
        Self { directory, path }
    }

    /// The log with these lines in it.
    pub fn with(lines: impl IntoIterator<Item = Line>) -> Self {
        let place = Self::new();
        let log = AuditLog::open(&place.path).unwrap();
        for line in lines {
            write(&log, line).unwrap();
        }
        place
    }

    /// The path, as an argument.
    pub fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }
}

/// A run's id, made of a number.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A time, so many seconds after the beginning of 2026.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).unwrap()
}

pub fn write_line(run: u128, number: u32) -> Line {
    Line::Write(WriteLine {
        run: id(run),
        tenant: "contoso".to_owned(),
        action: "create-user".to_owned(),
        connection: "main".to_owned(),
        number,
        method: "POST".to_owned(),
        url: URL.to_owned(),
        at: at(1),
    })
}

pub fn answer_line(run: u128, number: u32, status: Option<u16>) -> Line {
    Line::Response(ResponseLine {
        run: id(run),
        number,
        status,
        sent: true,
        request_id: status.map(|_| "7a3e1003-0000-4000-8000-000000000000".to_owned()),
        at: at(2),
    })
}

/// A run that made one write and was done.
pub fn run(number: u128) -> RunLine {
    RunLine {
        run: id(number),
        tenant: "contoso".to_owned(),
        action: "create-user".to_owned(),
        connection: Some("main".to_owned()),
        plan: false,
        resumed: false,
        input_digest: "0".repeat(64),
        component: "1".repeat(64),
        started_at: at(0),
        ended_at: at(3),
        writes: vec![written(1)],
        writes_omitted: 0,
        outcome: DONE.to_owned(),
        message: None,
        warnings: Vec::new(),
        graph: None,
        receipt: Receipt { wall_ms: 1_234, ..Receipt::default() },
        idempotency_key: None,
    }
}

pub fn written(number: u32) -> Written {
    Written {
        number,
        method: "POST".to_owned(),
        url: URL.to_owned(),
        status: Some(201),
        sent: true,
        request_id: None,
    }
}

pub fn run_line(number: u128) -> Line {
    Line::Run(Box::new(run(number)))
}

/// Writes a line and waits until the system has it.
pub fn write(log: &AuditLog, line: Line) -> Result<(), AuditError> {
    runtime().block_on(log.write(line, Durability::Written))
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// What is in a log: its lines, and the numbers of those that cannot be read.
pub fn lines(path: &Path) -> (Vec<Line>, Vec<u64>) {
    let (mut lines, mut unreadable) = (Vec::new(), Vec::new());
    for numbered in Lines::open(path).unwrap() {
        let numbered = numbered.unwrap();
        match numbered.line {
            Ok(line) => lines.push(line),
            Err(_) => unreadable.push(numbered.number),
        }
    }
    (lines, unreadable)
}

/// The runs that lines tell of.
pub fn runs(lines: impl IntoIterator<Item = Line>) -> Vec<Run> {
    let mut runs = Runs::default();
    let mut all: Vec<Run> = lines.into_iter().filter_map(|line| runs.take(line)).collect();
    all.extend(runs.unfinished());
    all
}
