//! Many writers, what they are told, and what is in the file then.

use std::collections::HashSet;
use std::fs;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use runner::audit::{AuditLog, Durability, FORMAT, GraphError, Line, LogLine, Run};
use serde_json::{Value, json};

use crate::audit::sample::{
    Place, answer_line, id, lines, run, run_line, runs, runtime, write, write_line, written,
};

#[test]
fn a_thousand_runs_at_once_have_all_their_lines_whole() {
    let place = Place::new();
    let log = AuditLog::open(&place.path).unwrap();
    runtime().block_on(async {
        let tasks: Vec<_> = (0..1_000)
            .map(|number| {
                let log = log.clone();
                tokio::spawn(async move {
                    let durability =
                        if number % 2 == 0 { Durability::Synced } else { Durability::Written };
                    log.write(write_line(number, 1), durability).await.unwrap();
                    log.write(answer_line(number, 1, Some(201)), Durability::Written)
                        .await
                        .unwrap();
                    log.write(run_line(number), durability).await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    let (lines, unreadable) = lines(&place.path);
    assert_eq!((lines.len(), unreadable), (3_001, Vec::new()));
    assert_eq!(lines[0], Line::Log(LogLine { format: FORMAT.to_owned() }));
    let runs = runs(lines);
    assert!(runs.iter().all(Run::is_finished));
    let ids: HashSet<_> = runs.iter().map(Run::id).collect();
    assert_eq!(ids, (0..1_000).map(id).collect());
}

/// Whoever waits here asks again and again, so that it knows as soon as can be.
#[test]
fn a_line_is_in_the_file_when_its_writer_is_told() {
    let place = Place::new();
    let log = AuditLog::open(&place.path).unwrap();
    let length = || fs::metadata(&place.path).unwrap().len();
    let heading = length();
    write(&log, run_line(0)).unwrap();
    let line = length() - heading;
    for number in 1..=1_000_u32 {
        let durability = if number % 100 == 0 { Durability::Synced } else { Durability::Written };
        let mut told = pin!(log.write(run_line(number.into()), durability));
        let mut context = Context::from_waker(Waker::noop());
        let outcome = loop {
            match told.as_mut().poll(&mut context) {
                Poll::Ready(outcome) => break outcome,
                Poll::Pending => std::hint::spin_loop(),
            }
        };
        assert_eq!(length(), heading + line * (u64::from(number) + 1));
        outcome.unwrap();
    }
}

#[test]
fn whoever_goes_away_loses_no_line_and_holds_up_nobody() {
    let place = Place::new();
    let log = AuditLog::open(&place.path).unwrap();
    for number in 0..500 {
        drop(log.write(write_line(number, 1), Durability::Synced));
    }
    write(&log, run_line(500)).unwrap();
    let (before, _) = lines(&place.path);
    assert_eq!(before.len(), 502);
    assert_eq!(before.last(), Some(&run_line(500)));

    // What nobody waited for is written when the log is closed.
    drop(log.write(run_line(501), Durability::Written));
    drop(log);
    assert_eq!(lines(&place.path).0.last(), Some(&run_line(501)));
}

#[test]
fn the_lines_are_the_json_that_is_promised() {
    let mut failed = run(3);
    failed.plan = true;
    failed.outcome = "forbidden".to_owned();
    failed.message = Some("A permission is missing.\nIt is User.ReadWrite.All.".to_owned());
    failed.graph = Some(GraphError {
        status: 403,
        code: Some("Authorization_RequestDenied".to_owned()),
        request_id: Some("abc".to_owned()),
    });
    failed.idempotency_key = Some("2".repeat(64));
    let mut refused = answer_line(1, 2, None);
    if let Line::Response(answer) = &mut refused {
        answer.sent = false;
    }
    let place = Place::with([
        write_line(1, 1),
        answer_line(1, 1, Some(201)),
        answer_line(1, 1, None),
        refused,
        run_line(2),
        Line::Run(Box::new(failed)),
    ]);
    let text = place.text();
    let found: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run_1 = "00000000-0000-0000-0000-000000000001";
    let receipt = json!({"wallMs": 1234, "cpuUs": 0, "peakMemoryBytes": 0, "graphRequests": 0,
        "retries": 0, "waitMs": 0, "bytesIn": 0, "bytesOut": 0});
    let writes = json!([{"number": 1, "method": "POST",
        "url": "https://graph.microsoft.com/v1.0/users", "status": 201}]);
    let expected = [
        json!({"type": "log", "format": "o365-audit/1"}),
        json!({"type": "write", "run": run_1, "tenant": "contoso", "action": "create-user",
            "connection": "main", "number": 1, "method": "POST",
            "url": "https://graph.microsoft.com/v1.0/users", "at": "2026-01-01T00:00:01Z"}),
        json!({"type": "answer", "run": run_1, "number": 1, "status": 201,
            "requestId": "7a3e1003-0000-4000-8000-000000000000", "at": "2026-01-01T00:00:02Z"}),
        json!({"type": "answer", "run": run_1, "number": 1, "at": "2026-01-01T00:00:02Z"}),
        json!({"type": "answer", "run": run_1, "number": 2, "sent": false,
            "at": "2026-01-01T00:00:02Z"}),
        json!({"type": "run", "run": "00000000-0000-0000-0000-000000000002",
            "tenant": "contoso", "action": "create-user", "connection": "main",
            "inputDigest": "0".repeat(64), "component": "1".repeat(64),
            "startedAt": "2026-01-01T00:00:00Z", "endedAt": "2026-01-01T00:00:03Z",
            "writes": writes, "outcome": "done", "receipt": receipt}),
        json!({"type": "run", "run": "00000000-0000-0000-0000-000000000003",
            "tenant": "contoso", "action": "create-user", "connection": "main", "plan": true,
            "inputDigest": "0".repeat(64), "component": "1".repeat(64),
            "startedAt": "2026-01-01T00:00:00Z", "endedAt": "2026-01-01T00:00:03Z",
            "writes": writes, "outcome": "forbidden",
            "message": "A permission is missing.\nIt is User.ReadWrite.All.",
            "graph": {"status": 403, "code": "Authorization_RequestDenied", "requestId": "abc"},
            "receipt": receipt, "idempotencyKey": "2".repeat(64)}),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_too_long_is_cut_and_says_so() {
    let endless = "\u{1}ä".repeat(1 << 16);
    let mut wordy = run(1);
    for text in [&mut wordy.tenant, &mut wordy.action, &mut wordy.outcome] {
        text.clone_from(&endless);
    }
    wordy.message = Some(endless.clone());
    wordy.connection = Some(endless.clone());
    wordy.writes = (1..=1_000).map(written).collect();
    for write in wordy.writes.iter_mut().take(40) {
        write.url.clone_from(&endless);
        write.request_id = Some(endless.clone());
    }
    let place = Place::with([Line::Run(Box::new(wordy))]);
    // Nothing is too long for whoever reads it.
    let (lines, unreadable) = lines(&place.path);
    assert_eq!(unreadable, Vec::<u64>::new());
    let Line::Run(read) = &lines[1] else { panic!("{:?}", lines[1]) };
    assert_eq!((read.writes.len(), read.writes_omitted), (32, 968));
    let sizes = [(&read.tenant, 256), (&read.writes[0].url, 2 << 10)];
    for (text, most) in sizes.into_iter().chain([(read.message.as_ref().unwrap(), 4 << 10)]) {
        assert!(text.ends_with(" ... (cut)") && text.len() <= most + 10, "{}", text.len());
        assert!(text.len() > most - 4, "{}", text.len());
    }
}
