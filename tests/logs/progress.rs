//! The line of progress that a terminal shows while a run waits for Graph.

use std::time::Duration;

use runner::egress::observer::{Attempts, Event};

#[test]
fn a_line_names_the_call_the_attempt_and_the_wait() {
    let mut attempts = Attempts::default();
    let call = || "GET /users/{id}".to_owned();
    let events = [
        Event::Began { call: call() },
        Event::Answered { call: call(), status: 429, wait: Some(Duration::from_millis(2500)) },
        Event::Began { call: call() },
        Event::Failed { call: call() },
        Event::Began { call: "GET /users".to_owned() },
        Event::Answered { call: "GET /users".to_owned(), status: 200, wait: None },
    ];
    assert_eq!(
        events.map(|event| attempts.line(event)),
        [
            "GET /users/{id}",
            "GET /users/{id} returned 429; Graph asks to wait 3 s",
            "GET /users/{id}, attempt 2",
            "GET /users/{id} had no response",
            "GET /users",
            "GET /users returned 200",
        ]
    );
}
