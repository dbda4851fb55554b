//! What a person sees on a terminal.

use runner::audit::Line;

use crate::audit::sample::{Place, answer_line, run, run_line, write_line};
use support::o365;

/// The output of `o365 audit` on a terminal, stdout and stderr together.
fn on_a_terminal(log: &Place) -> String {
    let (text, code) = o365(["audit", log.name()]).on_a_terminal(80);
    assert_eq!(code, 0, "{text}");
    text.replace('\r', "")
}

#[test]
fn runs_are_a_table_and_what_is_not_known_is_below_it() {
    let mut failed = run(2);
    failed.outcome = "throttled".to_owned();
    failed.plan = true;
    let log = Place::with([
        write_line(3, 1),
        answer_line(3, 1, Some(201)),
        write_line(3, 2),
        run_line(1),
        Line::Run(Box::new(failed)),
    ]);
    let text = on_a_terminal(&log);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = text.lines().map(words).collect();
    let url = crate::audit::sample::URL;
    let id = "00000000-0000-0000-0000-00000000000";
    assert_eq!(
        lines,
        [
            "TIME (UTC), RUN TENANT ACTION, OUTCOME WRITES, WALL".to_owned(),
            "2026-01-01 00:00:00 contoso create-user 1".to_owned(),
            format!("{id}1 done 1234 ms"),
            "2026-01-01 00:00:00 contoso create-user 1".to_owned(),
            format!("{id}2 throttled (plan) 1234 ms"),
            "2026-01-01 00:00:01 contoso create-user 2".to_owned(),
            format!("{id}3 not finished"),
            String::new(),
            format!("{id}3 (create-user for contoso):"),
            format!("POST {url} returned 201"),
            format!("POST {url} was sent; its response is unknown"),
            "1 done, 1 failed, 1 not finished: the process was killed, or is still running"
                .to_owned(),
        ],
        "{text}"
    );
}

#[test]
fn a_log_cannot_command_the_terminal() {
    let mut hostile = run(1);
    for text in [&mut hostile.tenant, &mut hostile.action, &mut hostile.outcome] {
        *text = "\u{1b}]0;owned\u{7}\u{202e}x".to_owned();
    }
    let mut write = write_line(2, 1);
    if let Line::Write(write) = &mut write {
        write.method = "\u{1b}[2J".to_owned();
        write.tenant = "\u{9b}2J\nline".to_owned();
    }
    let log = Place::with([Line::Run(Box::new(hostile)), write]);
    let text = on_a_terminal(&log);
    for obeyed in ["\u{1b}]", "\u{1b}[2J", "\u{9b}", "\u{7}", "\u{202e}"] {
        assert!(!text.contains(obeyed), "{text:?}");
    }
}

#[test]
fn many_runs_are_many_tables() {
    let log = Place::with((0..1_200).map(run_line));
    let text = on_a_terminal(&log);
    assert_eq!(text.matches("TENANT").count(), 3, "{text}");
    assert!(text.ends_with("\n1200 done, 0 failed\n"), "{text}");
}
