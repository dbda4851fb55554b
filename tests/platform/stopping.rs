//! The end, and what is cut short.

use std::time::{Duration, Instant};

use runner::platform::{Failure, Refusal, TenantLimits};
use runner::run;

use support::platform::{Slow, creation, done, eventually, failed, platform, seats};

#[tokio::test(flavor = "multi_thread")]
async fn what_can_end_in_the_grace_time_ends() {
    let platform = platform(1);
    let slow = Slow::new(Duration::from_millis(200));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let run = |nickname: &'static str| {
        let platform = platform.clone();
        tokio::spawn(async move { platform.run(creation("contoso", nickname)).await })
    };
    // One that goes on, and one that waits for its turn.
    let (first, second) = (run("allen"), run("beth"));
    eventually("both are there", || {
        let load = platform.load("contoso");
        load.running == 1 && load.waiting == 1
    })
    .await;
    let stopping = tokio::spawn({
        let platform = platform.clone();
        async move { platform.stop(Duration::from_secs(30)).await }
    });
    eventually("it stops", || platform.is_stopping()).await;
    let refused = platform.run(seats("contoso")).await;
    assert_eq!(*failed(&refused), Failure::Refused(Refusal::Stopping));
    assert_eq!(failed(&refused).report().to_json()["who"], "wait");
    done(&first.await.unwrap());
    done(&second.await.unwrap());
    assert_eq!(stopping.await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_short_says_what_it_had_written() {
    let platform = platform(1);
    // It is far from its second write when the time is over.
    let slow = Slow::new(Duration::from_secs(1));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let run = |nickname: &'static str| {
        let platform = platform.clone();
        tokio::spawn(async move { platform.run(creation("contoso", nickname)).await })
    };
    let running = run("allen");
    eventually("it has the place", || platform.load("contoso").running == 1).await;
    let waiting = run("beth");
    eventually("the other waits", || platform.load("contoso").waiting == 1).await;
    eventually("the user is there", || slow.has_user("allen")).await;
    let began = Instant::now();
    assert_eq!(platform.stop(Duration::from_millis(100)).await, 2);
    assert!(began.elapsed() < Duration::from_secs(5));
    let cut = running.await.unwrap();
    let Failure::Run(run::Failure::Interrupted { writes }) = failed(&cut) else {
        panic!("{cut:?}")
    };
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].starts_with("POST https://graph.microsoft.com/v1.0/users"), "{writes:?}");
    let error = failed(&cut).report().to_json();
    assert_eq!(error["kind"], "outcome-unknown");
    assert_eq!(error["retrySafe"], false);
    assert_eq!(error["completed"][0], writes[0]);
    // The one that had not begun did nothing.
    let refused = waiting.await.unwrap();
    assert_eq!(*failed(&refused), Failure::Refused(Refusal::Stopping));
    assert!(!slow.has_user("beth"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_cuts_nothing_off() {
    let platform = platform(2);
    let slow = Slow::new(Duration::from_millis(100));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let calling = tokio::spawn({
        let platform = platform.clone();
        async move { platform.run(creation("contoso", "allen")).await }
    });
    eventually("it goes on", || slow.asked() > 0).await;
    calling.abort();
    eventually("it has ended", || platform.load("contoso").running == 0).await;
    let licensed = slow.simulator.look(|tenant| {
        let user = tenant.users.iter().find(|user| user.user_principal_name.starts_with("allen"));
        user.is_some_and(|user| !user.licenses.is_empty())
    });
    assert!(licensed, "the user is there with the licence");
}
