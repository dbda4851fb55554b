//! Shows on a terminal what a run waits for.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::log;
use crate::egress::observer::{Event, Watcher};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A line on stderr that disappears at the end of the run.
pub struct Progress(ProgressBar);

impl Progress {
    /// Shows the line. Returns `None` away from a terminal, and where the log shows more.
    pub fn start(json: bool) -> Option<Self> {
        if json || !io::stderr().is_terminal() || log::is_on() {
            return None;
        }
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner());
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.enable_steady_tick(TICK);
        bar.set_message("signing in");
        Some(Self(bar))
    }

    /// Returns the receiver of the run's events.
    pub fn watcher(&self) -> Watcher {
        let bar = self.0.clone();
        let attempts = Mutex::new(Attempts::default());
        Arc::new(move |event| {
            let mut attempts = attempts.lock().unwrap_or_else(PoisonError::into_inner);
            bar.set_message(attempts.line(event));
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// The last call, and how often it was sent in a row.
#[derive(Debug, Default)]
struct Attempts {
    call: String,
    count: u32,
}

impl Attempts {
    /// Returns the line after an event.
    fn line(&mut self, event: Event) -> String {
        match event {
            Event::Began { call } => {
                self.count = if self.call == call { self.count.saturating_add(1) } else { 1 };
                self.call = call;
                match self.count {
                    1 => self.call.clone(),
                    count => format!("{}, attempt {count}", self.call),
                }
            }
            Event::Answered { call, status, wait } => {
                let wait = wait.map(|wait| wait.as_secs_f64().ceil());
                let wait = wait.map(|wait| format!("; Graph asks to wait {wait} s"));
                format!("{call} returned {status}{}", wait.unwrap_or_default())
            }
            Event::Failed { call } => format!("{call} had no response"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
