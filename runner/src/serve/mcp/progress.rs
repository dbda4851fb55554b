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
            let (mut step, mut pages) = (0_u32, Pages::default());
            while let Some(event) = events.recv().await {
                step = step.saturating_add(1);
                let notification = ProgressNotificationParam::new(token.clone(), step.into())
                    .with_message(pages.in_words(event));
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

/// The list that a run reads, and how many pages of it.
#[derive(Default)]
struct Pages {
    call: String,
    count: u32,
}

impl Pages {
    fn in_words(&mut self, event: Event) -> String {
        let words = event.to_string();
        let Event::Answered { call, status: 200, .. } = event else { return words };
        if !is_list(&call) {
            return words;
        }
        self.count = if self.call == call { self.count.saturating_add(1) } else { 1 };
        self.call = call;
        if self.count > 1 { format!("{words}, page {}", self.count) } else { words }
    }
}

/// Returns whether a call reads a list, which may have pages.
fn is_list(call: &str) -> bool {
    call.starts_with("GET ") && !call.contains("{id}")
}
