//! The order in which fair queues give out permits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use runner::fair_queue::Permits;

#[tokio::test]
async fn permits_rotate_among_the_queues() {
    let permits = Permits::new(1);
    let (many, few) = (permits.queue(), permits.queue());
    let taken = permits.queue().permit().await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for (name, queue, count) in [("many", &many, 5), ("few", &few, 2)] {
        for _ in 0..count {
            let (queue, order) = (queue.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let permit = queue.permit().await;
                order.lock().unwrap().push(name);
                tokio::task::yield_now().await;
                drop(permit);
            }));
            tokio::task::yield_now().await;
        }
    }
    drop(taken);
    for task in tasks {
        task.await.unwrap();
    }
    let expected = ["many", "few", "many", "few", "many", "many", "many"];
    assert_eq!(*order.lock().unwrap(), expected);
    assert_eq!(permits.free(), 1);
}

#[tokio::test]
async fn a_waiter_that_gives_up_delays_no_other() {
    let permits = Permits::new(1);
    let queue = permits.queue();
    let taken = queue.permit().await;
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.permit().await }
    });
    tokio::task::yield_now().await;
    waiting.abort();
    let _ = waiting.await;
    drop(taken);
    tokio::time::timeout(Duration::from_secs(5), queue.permit()).await.unwrap();
}
