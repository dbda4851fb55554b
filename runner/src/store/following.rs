//! The entries of a group, followed as they change.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Change, Group, Store, StoreError};

/// The wait before the store is asked again, after it could no longer tell of changes.
const AGAIN: Duration = Duration::from_secs(1);

/// Calls `changed` for each entry of a group and each change, until `stopped`. While the store
/// cannot be read, nothing is called; afterwards, each entry again.
pub async fn follow(
    store: Arc<dyn Store>,
    group: Group,
    stopped: CancellationToken,
    mut changed: impl FnMut(Change) + Send,
) {
    let following = async {
        loop {
            if let Err(error) = follow_once(store.as_ref(), group, &mut changed).await {
                tracing::debug!(%error, group = group.name(), "entries are not followed");
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    stopped.run_until_cancelled(following).await;
}

async fn follow_once(
    store: &dyn Store,
    group: Group,
    changed: &mut (impl FnMut(Change) + Send),
) -> Result<(), StoreError> {
    // What changes before the list is there is told twice, and not missed.
    let mut changes = store.watch(group).await?;
    for (key, entry) in store.list(group, &[]).await? {
        changed(Change { key, entry: Some(entry) });
    }
    while let Some(change) = changes.recv().await {
        changed(change);
    }
    Ok(())
}
