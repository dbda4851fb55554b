//! What a run waits for, on a terminal, while it runs.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::log;
use crate::egress::observer::{Event, Watcher};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A line on stderr that is gone when the run is over.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts to show it; none where nobody would see it, or where the log says more.
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

    /// Whoever draws what the run does.
    pub fn watcher(&self) -> Watcher {
        let bar = self.0.clone();
        let tries = Mutex::new(Tries::default());
        Arc::new(move |event| {
            let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
            bar.set_message(tries.line(event));
        })
    }
}

impl Drop for Progress {
    /// Takes the line away, however the run ends.
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Which call was tried how often in a row.
#[derive(Debug, Default)]
struct Tries {
    call: String,
    count: u32,
}

impl Tries {
    /// What to show when `event` has happened.
    fn line(&mut self, event: Event) -> String {
        match event {
            Event::Began { call } => {
                self.count = if self.call == call { self.count.saturating_add(1) } else { 1 };
                self.call = call;
                match self.count {
                    1 => self.call.clone(),
                    count => format!("{}, try {count}", self.call),
                }
            }
            Event::Answered { call, status, wait } => {
                let answer = format!("{call} was answered {status}");
                match wait {
                    Some(wait) => {
                        format!("{answer}; Graph asks to wait {} s", wait.as_secs_f64().ceil())
                    }
                    None => answer,
                }
            }
            Event::Failed { call } => format!("{call} had no answer"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_which_call_which_try_and_which_wait() {
        let mut tries = Tries::default();
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
            events.map(|event| tries.line(event)),
            [
                "GET /users/{id}",
                "GET /users/{id} was answered 429; Graph asks to wait 3 s",
                "GET /users/{id}, try 2",
                "GET /users/{id} had no answer",
                "GET /users",
                "GET /users was answered 200",
            ]
        );
    }
}
