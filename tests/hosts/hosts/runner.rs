//! `o365 run`, over a configured connection.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::Instant;

use support::o365;
use support::simulate::{CLIENT_ID, TENANT};

use super::{Ended, Job, Ran, each};
use crate::cases::SENDER;

pub async fn run(jobs: Vec<Job>) -> Option<Vec<Ran>> {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let mut config = String::new();
    for Job { connection, graph_url, login_url, .. } in &jobs {
        write!(
            config,
            "[connections.{connection}]\ntenant = \"{TENANT}\"\nclient-id = \"{CLIENT_ID}\"\n\
             client-secret = {{ env = \"SIMULATED_SECRET\" }}\nsender = \"{SENDER}\"\n\
             graph-url = \"{graph_url}\"\nlogin-url = \"{login_url}\"\n"
        )
        .unwrap();
    }
    fs::write(directory.path().join("o365.toml"), config).unwrap();
    let one = |job| {
        let directory = Arc::clone(&directory);
        async move { tokio::task::spawn_blocking(move || call(&job, directory.path())).await.unwrap() }
    };
    Some(each(jobs, one).await)
}

fn call(job: &Job, directory: &std::path::Path) -> Ran {
    let config = directory.join("o365.toml");
    let limit = job.case.limit.as_secs().to_string();
    let arguments = ["--config", config.to_str().unwrap(), "--json", "run", job.case.action.name()];
    let more = ["--connection", &job.connection, "--time-limit", &limit, "-i", "-"];
    let start = Instant::now();
    let ended = o365(arguments.into_iter().chain(more))
        .env("SIMULATED_SECRET", "anything")
        .env("O365_STATE_DIR", directory.join(&job.connection))
        .stdin(job.case.action.input().to_string())
        .run();
    let elapsed = start.elapsed();
    let ended = match ended.code {
        0 => Ended::Result(ended.result()),
        1 => Ended::Error(ended.error()),
        code => Ended::Broken(format!("exit code {code}: {}", ended.stderr)),
    };
    Ran { ended, elapsed }
}
