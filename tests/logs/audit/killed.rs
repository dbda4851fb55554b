//! Processes that are killed while they write: what was acknowledged is in the log.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use runner::audit::{AuditLog, Durability, Line, Run};
use uuid::Uuid;

use crate::audit::sample::{Place, answer_line, lines, run_line, runs, runtime, write_line};

const LOG: &str = "AUDIT_LOG";
const FIRST: &str = "AUDIT_FIRST_RUN";

/// What one process has acknowledged, by run: the line that it had come to.
type Acknowledged = Vec<(Uuid, String)>;

/// The process that is killed: sixteen tasks that write runs, and say on stdout what has been
/// acknowledged to them.
#[test]
#[ignore = "it is the process that the other tests start and kill"]
fn writer() {
    let log = AuditLog::open(Path::new(&std::env::var_os(LOG).unwrap())).unwrap();
    let first: u128 = std::env::var(FIRST).unwrap().parse().unwrap();
    let say = |run: u128, what: &str| {
        let text = format!("\nacknowledged {} {what}\n", Uuid::from_u128(run));
        std::io::stdout().lock().write_all(text.as_bytes()).unwrap();
    };
    runtime().block_on(async {
        let tasks: Vec<_> = (0..16)
            .map(|task| {
                let log = log.clone();
                tokio::spawn(async move {
                    for run in (first + task..).step_by(16) {
                        log.write(write_line(run, 1), Durability::Synced).await.unwrap();
                        say(run, "write");
                        log.write(answer_line(run, 1, Some(201)), Durability::Written)
                            .await
                            .unwrap();
                        say(run, "answer");
                        log.write(run_line(run), Durability::Synced).await.unwrap();
                        say(run, "run");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Starts the writer, kills it so long after its first acknowledgement, and gives all of them.
fn written_and_killed(log: &Path, first: u128, after: Duration) -> Acknowledged {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "audit::killed::writer", "--nocapture"])
        .env(LOG, log)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut texts = BufReader::new(child.stdout.take().unwrap()).lines();
    let acknowledged = |text: std::io::Result<String>| {
        let text = text.unwrap();
        let (id, what) = text.strip_prefix("acknowledged ")?.split_once(' ')?;
        Some((id.parse().unwrap(), what.to_owned()))
    };
    let begun = texts.by_ref().find_map(acknowledged).expect("it acknowledges something");
    let rest = thread::spawn(move || texts.filter_map(acknowledged).collect::<Vec<_>>());
    thread::sleep(after);
    assert!(child.try_wait().unwrap().is_none(), "it writes until it is killed");
    child.kill().unwrap();
    child.wait().unwrap();
    std::iter::once(begun).chain(rest.join().unwrap()).collect()
}

/// Times from 0 to 60 ms, other ones each time.
fn random_times() -> impl Iterator<Item = Duration> {
    std::iter::repeat_with(|| {
        Duration::from_micros(u64::try_from(Uuid::new_v4().as_u128() % 60_000).unwrap())
    })
}

#[test]
fn after_twenty_kills_every_line_that_was_acknowledged_is_in_the_log() {
    let place = Place::new();
    let mut acknowledged = Vec::new();
    for (round, time) in (0..20).zip(random_times()) {
        acknowledged.extend(written_and_killed(&place.path, round << 64, time));
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());

    // Whoever comes after can go on with it.
    AuditLog::open(&place.path).unwrap();
    let (lines, unreadable) = lines(&place.path);
    // A kill leaves at most one line torn.
    assert!(unreadable.len() <= 20, "{unreadable:?}");
    let found: HashSet<(Uuid, &str)> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Log(_) => None,
            Line::Write(write) => Some((write.run, "write")),
            Line::Response(answer) => Some((answer.run, "answer")),
            Line::Run(run) => Some((run.run, "run")),
        })
        .collect();
    for (run, what) in &acknowledged {
        assert!(found.contains(&(*run, what.as_str())), "{what} of {run}");
    }

    // Of each run that was begun and not ended, the log says what is known.
    let ended: HashSet<Uuid> =
        acknowledged.iter().filter(|(_, what)| what == "run").map(|(run, _)| *run).collect();
    let runs = runs(lines.clone());
    let finished: HashSet<Uuid> =
        runs.iter().filter(|run| run.is_finished()).map(Run::id).collect();
    assert!(ended.is_subset(&finished));
    let all: HashSet<Uuid> = runs.iter().map(Run::id).collect();
    assert!(acknowledged.iter().all(|(run, _)| all.contains(run)));
    let answered: HashSet<Uuid> =
        acknowledged.iter().filter(|(_, what)| what == "answer").map(|(run, _)| *run).collect();
    for run in runs.iter().filter(|run| answered.contains(&run.id())) {
        let writes = match run {
            Run::Finished(run) => &run.writes,
            Run::Unfinished(run) => &run.writes,
        };
        assert_eq!(writes[0].status, Some(201), "{run:?}");
    }
}
