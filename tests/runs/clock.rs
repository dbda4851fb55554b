//! The virtual clock of a run whose parts are on several threads.

use std::time::Duration;

use runner::context::Clock;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn time_never_passes_between_a_wait_and_what_comes_after_it() {
    let clock = Clock::simulated();
    let busy = clock.busy();
    let deadlines: Vec<_> = (0..4)
        .map(|_| {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep_until(DAY).await })
        })
        .collect();
    for _ in 0..50_000 {
        clock.sleep_while_busy(Duration::from_millis(1)).await;
    }
    assert_eq!(clock.now(), Duration::from_secs(50));
    drop(busy);
    for deadline in deadlines {
        deadline.await.unwrap();
    }
    assert_eq!(clock.now(), DAY);
}
