//! Logs with anything in them, and logs that are being written.

use std::fs;
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use runner::audit::{AuditLog, Durability, Filter, Line, Lines, Run, RunLine, Runs, Unreadable};

use crate::audit::sample::{
    Place, answer_line, at, id, lines, run, run_line, runs, runtime, write_line, written,
};

fn unfinished(runs: &[Run]) -> Vec<&Run> {
    runs.iter().filter(|run| !run.is_finished()).collect()
}

#[test]
fn a_run_that_did_not_end_says_what_is_known_of_each_write() {
    let mut refused = answer_line(1, 4, None);
    if let Line::Response(answer) = &mut refused {
        answer.sent = false;
    }
    let found = runs([
        write_line(2, 1),
        write_line(1, 1),
        answer_line(1, 1, Some(201)),
        write_line(1, 2),
        answer_line(1, 2, None),
        write_line(1, 3),
        write_line(1, 4),
        refused,
        write_line(3, 1),
        run_line(3),
    ]);
    assert_eq!(found.iter().map(Run::id).collect::<Vec<_>>(), [id(3), id(2), id(1)]);
    let Run::Unfinished(first) = &found[2] else { panic!("{:?}", found[2]) };
    let words: Vec<String> = first.writes.iter().map(|write| write.in_words()).collect();
    let url = crate::audit::sample::URL;
    assert_eq!(
        words,
        [
            format!("POST {url} returned 201"),
            format!("POST {url} was sent; its response is unknown"),
            format!("POST {url} was sent; its response is unknown"),
            format!("POST {url} was not sent"),
        ]
    );
    assert_eq!(first.first_write_at, at(1));
}

#[test]
fn writes_that_a_run_leaves_out_are_taken_from_their_own_lines() {
    let mut many = run(1);
    many.writes = (1..=40).map(written).collect();
    let mut log = Vec::new();
    for number in 1..=40 {
        log.push(write_line(1, number));
        log.push(answer_line(1, number, Some(201)));
    }
    log.push(Line::Run(Box::new(many)));
    let place = Place::with(log);
    let found = runs(lines(&place.path).0);
    let [Run::Finished(run)] = found.as_slice() else { panic!("{found:?}") };
    let numbers: Vec<u32> = run.writes.iter().map(|write| write.number).collect();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    assert!(run.writes.iter().all(|write| write.status == Some(201)));
    assert_eq!(run.writes_omitted, 0);
}

#[test]
fn a_line_that_cannot_be_read_is_told_of_and_hides_no_other() {
    let whole = Place::with([run_line(1), run_line(2)]).text();
    let [heading, first, second] = whole.lines().collect::<Vec<_>>()[..] else { panic!() };
    let endless = "x".repeat(3 << 20);
    let text = [
        heading,
        "{\"level\":\"info\"}",
        first,
        "",
        &first[..100],
        "{\"type\":\"run\"}",
        &endless,
        "{\"type\":\"log\",\"format\":\"o365-audit/9\"}",
        "{\"type\":\"dance\"}",
        second,
        &second[..50],
    ]
    .join("\n");
    let mut bytes = text.into_bytes();
    // Not even text.
    bytes.splice(heading.len() + 1..heading.len() + 2, [0xff]);
    let found: Vec<_> = Lines::new(Cursor::new(bytes)).map(Result::unwrap).collect();
    let good: Vec<u64> = found.iter().filter(|line| line.line.is_ok()).map(|l| l.number).collect();
    assert_eq!(good, [1, 3, 10]);
    let bad: Vec<(u64, &Unreadable)> = found
        .iter()
        .filter_map(|line| line.line.as_ref().err().map(|reason| (line.number, reason)))
        .collect();
    assert_eq!(bad.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 5, 6, 7, 8, 9, 11]);
    assert_eq!(bad[1].1, &Unreadable::CutShort);
    assert_eq!(bad[3].1, &Unreadable::TooLong);
    assert_eq!(bad[4].1, &Unreadable::Format("o365-audit/9".to_owned()));
    assert_eq!(bad[6].1, &Unreadable::CutShort);
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    let text = Place::with([run_line(1)]).text();
    let newer = text.replace("\"outcome\":", "\"mood\":[1,{\"x\":null}],\"outcome\":");
    assert_ne!(text, newer);
    let found: Vec<_> = Lines::new(Cursor::new(newer)).map(|line| line.unwrap().line).collect();
    assert_eq!(found[1], Ok(run_line(1)));
}

proptest! {
    #[test]
    fn anything_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut runs = Runs::default();
        let found = Lines::new(Cursor::new(&bytes)).map(Result::unwrap).count();
        let lines = bytes.split(|byte| *byte == b'\n');
        prop_assert_eq!(found, lines.filter(|line| !line.trim_ascii().is_empty()).count());
        for line in Lines::new(Cursor::new(&bytes)).filter_map(|line| line.unwrap().line.ok()) {
            runs.take(line);
        }
    }
}

#[test]
fn a_log_is_read_while_it_is_written() {
    let place = Place::with([]);
    let log = AuditLog::open(&place.path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            runtime().block_on(async {
                for number in 0..2_000 {
                    drop(log.write(write_line(number, 1), Durability::Written));
                    log.write(run_line(number), Durability::Written).await.unwrap();
                }
            });
            done.store(true, Ordering::Release);
        });
        let mut seen = 0;
        while !done.load(Ordering::Acquire) {
            let (lines, unreadable) = lines(&place.path);
            // At most the last line, which is just being written.
            assert!(unreadable.len() <= 1, "{unreadable:?}");
            assert!(lines.len() >= seen, "what was seen is still there");
            seen = lines.len();
            let runs = runs(lines);
            let expected = (0..).map(id);
            assert!(runs.iter().map(Run::id).zip(expected).all(|(run, expected)| run == expected));
            assert!(unfinished(&runs).len() <= 1);
        }
    });
    let all = runs(lines(&place.path).0);
    assert_eq!((all.len(), unfinished(&all).len()), (2_000, 0));
}

#[test]
fn a_filter_takes_what_meets_all_that_is_said() {
    let make = |number: u128, change: fn(&mut RunLine)| {
        let mut run = run(number);
        run.started_at = at(i64::try_from(number).unwrap() * 10);
        change(&mut run);
        Line::Run(Box::new(run))
    };
    let all = runs([
        make(1, |_| {}),
        make(2, |run| run.tenant = "fabrikam".to_owned()),
        make(3, |run| run.outcome = "throttled".to_owned()),
        make(4, |run| run.action = "delete-user".to_owned()),
        write_line(5, 1),
    ]);
    let taken = |filter: Filter| {
        let ids = all.iter().filter(|run| filter.takes(run)).map(|run| run.id().as_u128());
        ids.collect::<Vec<_>>()
    };
    let none = Filter::default;
    assert_eq!(taken(none()), [1, 2, 3, 4, 5]);
    let tenant = Some("contoso".to_owned());
    assert_eq!(taken(Filter { tenant: tenant.clone(), ..none() }), [1, 3, 4, 5]);
    assert_eq!(taken(Filter { action: Some("delete-user".to_owned()), ..none() }), [4]);
    assert_eq!(taken(Filter { run: Some(id(2)), ..none() }), [2]);
    assert_eq!(taken(Filter { run: Some(id(2)), tenant: tenant.clone(), ..none() }), []);
    // The fifth began to write in the first second.
    assert_eq!(taken(Filter { since: Some(at(20)), ..none() }), [2, 3, 4]);
    assert_eq!(taken(Filter { until: Some(at(20)), ..none() }), [1, 5]);
    assert_eq!(taken(Filter { failed: true, ..none() }), [3]);
    assert_eq!(taken(Filter { unfinished: true, ..none() }), [5]);
    assert_eq!(taken(Filter { failed: true, unfinished: true, tenant, ..none() }), [3, 5]);
}

#[test]
fn a_log_ends_where_it_ended_when_it_was_opened() {
    let place = Place::with([run_line(1)]);
    let mut lines = Lines::open(&place.path).unwrap();
    let mut text = place.text();
    text.push_str(text.clone().as_str());
    fs::write(&place.path, text).unwrap();
    assert_eq!(lines.by_ref().count(), 2);
}
