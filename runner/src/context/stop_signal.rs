//! Ends a run from any of its layers, with the first reason.

use tokio::sync::watch;

use super::Stop;

/// Ends a run. Clones end the same run.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Sender<Option<Stop>>);

/// Waits for the end of a run, which is over when the last of these is dropped.
#[derive(Debug)]
pub struct Stopped(watch::Receiver<Option<Stop>>);

impl Default for StopSignal {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl StopSignal {
    /// Ends the run. Only the first reason has an effect.
    pub fn end(&self, reason: Stop) {
        self.0.send_if_modified(|first| {
            let is_first = first.is_none();
            first.get_or_insert(reason);
            is_first
        });
    }

    /// Returns a receiver of the reason.
    pub fn listen(&self) -> Stopped {
        Stopped(self.0.subscribe())
    }

    /// Returns whether the run is over, so that nothing listens.
    pub fn is_over(&self) -> bool {
        self.0.is_closed()
    }
}

impl Stopped {
    /// Waits for a reason.
    pub async fn reason(&mut self) -> Stop {
        // Cloned out of the channel first: its lock must not live across an await.
        let reason = self.0.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        match reason {
            Some(reason) => reason,
            None => std::future::pending().await,
        }
    }

    /// Returns the reason, if there is one yet.
    pub fn now(&self) -> Option<Stop> {
        self.0.borrow().clone()
    }
}
