//! A tenant's limit of concurrent runs, across processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use runner::egress::Request;
use runner::platform::{Call, CallResult, Failure, Link, Platform, Refusal, Tenant, TenantLimits};
use runner::store::process::Process;
use support::nats::Nats;
use support::platform::{Slow, connection, creation, done, eventually, failed, seats};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use super::processes::join;

/// A directory that several processes ask, and how many requests it had at once. A run of [`seats`]
/// makes one.
#[derive(Clone)]
struct Counted {
    slow: Slow,
    present: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Counted {
    fn new(slow: Slow) -> Self {
        Self { slow, present: Arc::default(), most: Arc::default() }
    }

    fn present(&self) -> usize {
        self.present.load(Ordering::SeqCst)
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    fn link(&self) -> Link {
        let (inner, counted) = (self.slow.egress(), self.clone());
        let egress = BoxCloneSyncService::new(service_fn(move |request: Request| {
            let (inner, counted) = (inner.clone(), counted.clone());
            async move {
                let present = counted.present.fetch_add(1, Ordering::SeqCst) + 1;
                counted.most.fetch_max(present, Ordering::SeqCst);
                let answer = inner.oneshot(request).await;
                counted.present.fetch_sub(1, Ordering::SeqCst);
                answer
            }
        }));
        Link::given("main", connection(), egress)
    }

    /// A process with the tenant contoso, which has this many runs at once in all processes.
    fn platform(&self, process: Process, concurrent_runs: usize) -> Platform {
        let platform = Platform::builder().max_runs(64).shared(process).build().unwrap();
        platform.register(self.tenant(concurrent_runs));
        platform
    }

    fn tenant(&self, concurrent_runs: usize) -> Tenant {
        let limits =
            TenantLimits { concurrent_runs, queue_length: 1_000, ..TenantLimits::default() };
        Tenant::new("contoso").with_link(self.link()).with_limits(limits)
    }
}

/// Starts so many runs.
fn start(platform: &Platform, count: usize) -> Vec<JoinHandle<CallResult>> {
    let run = |_| {
        let platform = platform.clone();
        tokio::spawn(async move { platform.run(seats("contoso")).await })
    };
    (0..count).map(run).collect()
}

async fn all_done(runs: Vec<JoinHandle<CallResult>>) {
    for run in runs {
        done(&run.await.unwrap());
    }
}

fn in_time(call: Call, milliseconds: u64) -> Call {
    call.within(Duration::from_millis(milliseconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_together_run_as_many_as_the_tenant_may() {
    let Some(nats) = Nats::start() else { return };
    let (answers, held) = watch::channel(false);
    let directory = Counted::new(Slow::new(Duration::from_millis(5)).held(held));
    let one = directory.platform(join(&nats).await, 6);
    let other = directory.platform(join(&nats).await, 6);
    let of_both = |count| start(&one, count).into_iter().chain(start(&other, count)).collect();
    let runs = of_both(60);
    eventually("all permits are used", || directory.present() == 6).await;
    answers.send(true).unwrap();
    all_done(runs).await;
    assert_eq!(directory.most(), 6);
    // A single process gets all of them: the other returns what is idle.
    answers.send(false).unwrap();
    let runs = start(&one, 20);
    eventually("all permits are used by one", || directory.present() == 6).await;
    assert_eq!((one.load("contoso").running, other.load("contoso").running), (6, 0));
    // A lower limit holds for all processes that have it, after the present runs.
    for platform in [&one, &other] {
        platform.register(directory.tenant(2));
    }
    answers.send(true).unwrap();
    all_done(runs).await;
    directory.most.store(0, Ordering::SeqCst);
    all_done(of_both(20)).await;
    assert_eq!(directory.most(), 2);
    // The tenant is registered anew while the other process holds permits.
    assert!(one.remove("contoso"));
    one.register(directory.tenant(2));
    all_done(of_both(20)).await;
    assert_eq!(directory.most(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_in_one_process_leaves_the_other_its_share() {
    let Some(nats) = Nats::start() else { return };
    // A single permit goes back and forth, and several are divided.
    for (limit, flood, few) in [(1, 30, 10), (8, 200, 24)] {
        let directory = Counted::new(Slow::new(Duration::from_millis(50)));
        let one = directory.platform(join(&nats).await, limit);
        let other = directory.platform(join(&nats).await, limit);
        let here = start(&one, flood);
        eventually("it floods", || directory.slow.asked() >= limit * 2).await;
        let asked = directory.slow.asked();
        all_done(start(&other, few)).await;
        let meanwhile = directory.slow.asked() - asked - few;
        // Half of the permits would be as many runs. Some of the other's were under way before.
        assert!(meanwhile <= few * 3 / 2 + limit, "{meanwhile} beside {few} at limit {limit}");
        assert!(meanwhile >= few / 3, "{meanwhile} beside {few} at limit {limit}");
        all_done(here).await;
        assert_eq!(directory.most(), limit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_share_of_a_dead_process_goes_to_the_others() {
    let Some(nats) = Nats::start() else { return };
    let (answers, held) = watch::channel(false);
    let stuck = Counted::new(Slow::new(Duration::ZERO).held(held));
    let process = join(&nats).await;
    let one = stuck.platform(process.clone(), 4);
    let runs = start(&one, 4);
    eventually("it has all permits", || stuck.present() == 4).await;
    let other = Counted::new(Slow::new(Duration::ZERO)).platform(join(&nats).await, 4);
    let refused = other.run(in_time(seats("contoso"), 1_500)).await;
    assert!(matches!(failed(&refused), Failure::Refused(Refusal::Deadline { .. })), "{refused:?}");
    process.leave().await;
    done(&other.run(in_time(seats("contoso"), 5_000)).await);
    answers.send(true).unwrap();
    all_done(runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_store_reads_go_on_and_changes_wait() {
    let Some(mut nats) = Nats::start() else { return };
    let (answers, held) = watch::channel(true);
    let directory = Counted::new(Slow::new(Duration::from_millis(20)).held(held));
    let one = directory.platform(join(&nats).await, 2);
    let other = directory.platform(join(&nats).await, 2);
    // What is held stays usable.
    done(&one.run(seats("contoso")).await);
    nats.kill();
    done(&one.run(in_time(creation("contoso", "allen"), 900)).await);
    // Nothing is held here.
    let refused = other.run(in_time(creation("contoso", "allbrook"), 1_500)).await;
    assert!(matches!(failed(&refused), Failure::Refused(Refusal::Deadline { .. })), "{refused:?}");
    assert_eq!(refused.receipt.graph_requests, 0);
    answers.send(false).unwrap();
    directory.most.store(0, Ordering::SeqCst);
    let reads = start(&other, 5);
    eventually("two of them go on", || directory.present() == 2).await;
    answers.send(true).unwrap();
    all_done(reads).await;
    assert_eq!(directory.most(), 2, "each process keeps to the limit by itself");
    // A change that waits goes on when the store is back.
    let waiting = tokio::spawn({
        let (other, call) = (other.clone(), in_time(creation("contoso", "allbrook"), 20_000));
        async move { other.run(call).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(other.load("contoso").waiting, 1);
    nats.restart();
    done(&waiting.await.unwrap());
}
