//! Shows on a terminal what a run waits for.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::log;
use crate::egress::observer::{Attempts, Watcher};

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
