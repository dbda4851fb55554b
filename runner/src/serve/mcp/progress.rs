//! Tells the client how far a run is.

use std::time::Duration;

use rmcp::model::ProgressNotificationParam;
use rmcp::service::{RequestContext, RoleServer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::egress::observer::{Event, Watcher};

/// How long the result waits for the progress before it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The notifications of one run.
pub(super) struct Progress(JoinHandle<()>);

impl Progress {
    /// Returns the receiver of a run's events, and what sends them to a client that asked for
    /// them; `None` for another.
    pub fn of(context: &RequestContext<RoleServer>) -> Option<(Watcher, Self)> {
        let token = context.meta.get_progress_token()?;
        let peer = context.peer.clone();
        let (sender, mut events) = mpsc::unbounded_channel();
        let sending = tokio::spawn(async move {
            let mut step = 0_u32;
            while let Some(event) = events.recv().await {
                step = step.saturating_add(1);
                let notification = ProgressNotificationParam::new(token.clone(), step.into())
                    .with_message(in_words(event));
                if peer.notify_progress(notification).await.is_err() {
                    return;
                }
            }
        });
        let watcher = move |event| {
            // The client is gone.
            let _ = sender.send(event);
        };
        Some((std::sync::Arc::new(watcher), Self(sending)))
    }

    /// Sends what is left of the events of a run that is over.
    pub async fn end(self) {
        let _ = tokio::time::timeout(PATIENCE, self.0).await;
    }
}

fn in_words(event: Event) -> String {
    match event {
        Event::Began { call } => format!("{call} is sent"),
        Event::Answered { call, status, wait: None } => format!("{call} returned {status}"),
        Event::Answered { call, status, wait: Some(wait) } => {
            let seconds = wait.as_secs_f64().ceil();
            format!("{call} returned {status}; Graph asks to wait {seconds} s")
        }
        Event::Failed { call } => format!("{call} had no response"),
    }
}
