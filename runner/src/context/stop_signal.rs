//! Ending a run from any of its layers, with the first reason that there is.

use tokio::sync::watch;

use super::Stop;

/// Ends a run. Clones end the same run.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Sender<Option<Stop>>);

/// Listens for the end of a run. While one of these lives, the run is not over.
#[derive(Debug)]
pub struct Stopped(watch::Receiver<Option<Stop>>);

impl Default for StopSignal {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl StopSignal {
    /// Ends the run, unless it has a reason to end already.
    pub fn end(&self, reason: Stop) {
        self.0.send_if_modified(|first| {
            let is_first = first.is_none();
            if is_first {
                *first = Some(reason);
            }
            is_first
        });
    }

    /// Listens.
    pub fn listen(&self) -> Stopped {
        Stopped(self.0.subscribe())
    }

    /// Whether nobody listens, since the run is over.
    pub fn is_over(&self) -> bool {
        self.0.is_closed()
    }
}

impl Stopped {
    /// Waits for a reason, for ever where none comes.
    pub async fn reason(&mut self) -> Stop {
        // Copied out of the channel first: a run that held its lock could not be spawned.
        let reason = self.0.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        match reason {
            Some(reason) => reason,
            None => std::future::pending().await,
        }
    }

    /// The reason, if there is one yet.
    pub fn now(&self) -> Option<Stop> {
        self.0.borrow().clone()
    }
}
