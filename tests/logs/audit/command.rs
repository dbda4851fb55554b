//! `o365 audit`.

use std::fs;

use runner::audit::{GraphError, Line};
use serde_json::{Value, json};

use crate::audit::sample::{Place, answer_line, at, run, run_line, write_line};
use support::o365;

/// A run of each kind.
fn mixed() -> Place {
    let mut failed = run(2);
    failed.tenant = "fabrikam".to_owned();
    failed.action = "delete-user".to_owned();
    failed.started_at = at(3_600);
    failed.outcome = "forbidden".to_owned();
    failed.message = Some("A permission is missing.".to_owned());
    failed.graph = Some(GraphError { status: 403, code: None, request_id: None });
    Place::with([
        write_line(1, 1),
        write_line(3, 1),
        answer_line(3, 1, Some(201)),
        write_line(3, 2),
        answer_line(1, 1, Some(201)),
        run_line(1),
        Line::Run(Box::new(failed)),
    ])
}

fn ids(result: &Value) -> Vec<u64> {
    let number = |run: &Value| {
        let id = run["run"].as_str().unwrap();
        id.rsplit('-').next().unwrap().parse().unwrap()
    };
    result.as_array().unwrap().iter().map(number).collect()
}

#[test]
fn the_runs_are_a_list_and_those_that_did_not_end_are_last() {
    let log = mixed();
    let ended = o365(["audit", log.name()]).run();
    assert_eq!(ended.stderr, "");
    let result = ended.result();
    assert_eq!(ids(&result), [1, 2, 3]);
    assert_eq!(result[0]["outcome"], "done");
    assert_eq!(result[0]["finished"], true);
    assert_eq!(result[0]["receipt"]["wallMs"], 1234);
    assert_eq!(result[1]["graph"], json!({"status": 403}));
    let url = crate::audit::sample::URL;
    let request_id = "7a3e1003-0000-4000-8000-000000000000";
    let unfinished = json!({
        "run": "00000000-0000-0000-0000-000000000003", "tenant": "contoso",
        "action": "create-user", "connection": "main", "firstWriteAt": "2026-01-01T00:00:01Z",
        "writes": [
            {"number": 1, "method": "POST", "url": url, "status": 201, "requestId": request_id},
            {"number": 2, "method": "POST", "url": url},
        ],
        "finished": false,
    });
    assert_eq!(result[2], unfinished);
}

#[test]
fn filters_meet() {
    let log = mixed();
    let cases: [(&[&str], &[u64]); 12] = [
        (&["--tenant", "contoso"], &[1, 3]),
        (&["--tenant", "nobody"], &[]),
        (&["--action", "delete-user"], &[2]),
        (&["--run", "00000000-0000-0000-0000-000000000003"], &[3]),
        (&["--failed"], &[2]),
        (&["--unfinished"], &[3]),
        (&["--failed", "--unfinished"], &[2, 3]),
        (&["--since", "2026-01-01T01:00:00Z"], &[2]),
        (&["--since", "2026-01-01T01:00:00"], &[2]),
        (&["--until", "2026-01-01T02:00+01:00"], &[1, 3]),
        (&["--since", "2026-01-01", "--until", "2026-01-02"], &[1, 2, 3]),
        (&["--since", "2026-01-02"], &[]),
    ];
    for (arguments, expected) in cases {
        let result = o365([&["audit", log.name()], arguments].concat()).run().result();
        assert_eq!(ids(&result), expected, "{arguments:?}");
    }
}

#[test]
fn several_files_are_one_log() {
    let (first, second) = (Place::with([write_line(1, 1)]), Place::with([run_line(1)]));
    let result = o365(["audit", first.name(), second.name()]).run().result();
    assert_eq!(result.as_array().unwrap().len(), 1);
    assert_eq!(result[0]["finished"], true);
    let alone = o365(["audit", first.name()]).run().result();
    assert_eq!(alone[0]["finished"], false);
}

#[test]
fn lines_that_are_passed_over_are_told_of_with_their_numbers() {
    let log = mixed();
    let torn = format!("{}garbage\n{}", log.text(), "x\n".repeat(20));
    fs::write(&log.path, torn).unwrap();
    let ended = o365(["audit", log.name(), "--json"]).run();
    assert_eq!(ids(&ended.result()), [1, 2, 3]);
    let warnings: Vec<Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(warnings.len(), 11);
    let first = warnings[0]["warning"].as_str().unwrap();
    assert!(first.contains(&format!("{}:9: ", log.name())), "{first}");
    assert_eq!(warnings[10]["warning"], "skipped 11 more lines");
}

#[test]
fn a_file_that_is_no_log_is_an_error_of_the_environment() {
    let place = Place::new();
    let (toml, empty) = (place.directory.path().join("o365.toml"), place.path.clone());
    fs::write(&toml, "[connections.contoso]\n").unwrap();
    fs::write(&empty, "").unwrap();
    let directory = place.directory.path();
    let cases = [
        (directory.join("none.log"), "cannot be read: No such file"),
        (directory.to_owned(), "cannot be read: it is a directory, not a file"),
        (toml, "there is no audit log in "),
        (empty, "it is empty"),
    ];
    for (path, message) in cases {
        let ended = o365(["audit", path.to_str().unwrap(), "--json"]).run();
        assert_eq!(ended.code, 4);
        let error = ended.error();
        assert_eq!(error["kind"], "environment");
        let told = error["message"].as_str().unwrap();
        assert!(told.contains(message) && told.contains(path.to_str().unwrap()), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let place = Place::new();
    assert!(std::process::Command::new("mkfifo").arg(&place.path).status().unwrap().success());
    let ended = o365(["audit", place.name(), "--json"]).run();
    assert_eq!(ended.code, 4);
    let message = ended.error()["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("it is a pipe or a device, not a regular file"), "{message}");
}

#[test]
fn wrong_usage_is_told() {
    let log = mixed();
    let cases: [(&[&str], &str); 4] = [
        (&["audit"], "no audit log is named"),
        (&["audit", log.name(), "--since", "yesterday"], "expected a time such as 2026-01-15"),
        (&["audit", log.name(), "--run", "x"], "invalid value 'x'"),
        (
            &["audit", log.name(), "--since", "2026-01-02", "--until", "2026-01-01"],
            "no time is both since 2026-01-02T00:00:00Z and until 2026-01-01T00:00:00Z",
        ),
    ];
    for (arguments, message) in cases {
        let ended = o365([arguments, &["--json"]].concat()).run();
        assert_eq!(ended.code, 2, "{arguments:?}");
        let error = ended.error();
        assert_eq!(error["kind"], "usage");
        assert!(error["message"].as_str().unwrap().contains(message), "{error}");
    }
}

/// The file is many times as large as what the process takes for it.
#[cfg(target_os = "linux")]
mod memory {
    use std::fs::File;
    use std::io::{BufRead, BufReader, BufWriter, Write};
    use std::path::Path;
    use std::process::{Command, Stdio};

    use uuid::Uuid;

    use crate::audit::sample::Place;

    /// The most memory that the command had when it had written so many lines, in KiB.
    fn peak(log: &Path, lines: usize) -> u64 {
        let mut child = Command::new(support::program())
            .arg("audit")
            .arg(log)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(stdout.by_ref().take(lines).count(), lines);
        // It waits until the rest is read.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let all = stdout.map(Result::unwrap).last().unwrap();
        assert_eq!(all, "]");
        assert!(child.wait().unwrap().success());
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// A log of so many runs, with a write of a third of them each.
    fn log_of(runs: u128) -> Place {
        let place = super::mixed();
        let text = place.text();
        let lines: Vec<&str> = text.lines().collect();
        let ended = |of: &str| lines.iter().find(|line| line.contains(of)).unwrap().to_string();
        let group = [ended("\"type\":\"write\""), ended("\"type\":\"run\"")].join("\n");
        let id = "00000000-0000-0000-0000-000000000001";
        let mut file = BufWriter::new(File::create(&place.path).unwrap());
        for run in 0..runs {
            writeln!(file, "{}", group.replace(id, &Uuid::from_u128(run).to_string())).unwrap();
        }
        file.flush().unwrap();
        place
    }

    #[test]
    fn a_large_log_takes_no_more_memory_than_a_small_one() {
        let (small, large) = (log_of(1_000), log_of(100_000));
        let size = std::fs::metadata(&large.path).unwrap().len() >> 10;
        assert!(size > 64 << 10, "{size} KiB");
        let (small, large) = (peak(&small.path, 500), peak(&large.path, 99_500));
        assert!(large < small + (4 << 10), "{small} KiB, then {large} KiB");
    }
}
