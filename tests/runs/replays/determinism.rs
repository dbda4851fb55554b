//! The same component, input and recording make the same run, to the byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use runner::context::{Clock, Stop};
use runner::egress::replay::Replay;
use runner::egress::{EgressStack, Request};
use runner::recording::{Recorded, placeholders};
use runner::run::{Host, host};
use runner::sandbox::COMPONENT;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use support::fixtures;
use support::library::Outcome;
use support::library::{Job, outcome};

const TIMES: usize = 20;

/// Everything that a run does that can be seen from outside.
#[derive(Debug, PartialEq)]
struct Seen {
    /// Each request, byte for byte, and when it was made by the run's clock.
    requests: Vec<(Duration, String, Vec<u8>)>,
    outcome: Result<Outcome, Stop>,
    /// How long the run took by its own clock.
    elapsed: Duration,
    /// The linear memory that it had.
    memory: usize,
}

fn run(host: &Host, recorded: &Recorded) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let policy = host.policy(&recorded.run.action);
    let fields = placeholders::input(&recorded.run.input).unwrap();
    let secrets = host::secrets(&policy, &fields);
    let clock = Clock::simulated();
    let replay = Replay::new(recorded.entries.clone(), secrets, clock.clone());
    let requests = Arc::default();
    let granted = recorded.granted(&policy).unwrap();
    let graph = watched(replay.egress(), &clock, &requests);
    let mut job = Job { clock: clock.clone(), ..Job::new(&recorded.run.action, fields, graph) };
    if let Some((_, connection)) = granted {
        let time = Duration::from_millis(connection.time_limit_ms.into());
        job = Job { connection, ..job }.within(time);
    }
    let executed = runtime.block_on(job.run(host));
    let requests = std::mem::take(&mut *requests.lock().unwrap());
    let outcome = outcome(&executed.outcome);
    Seen { requests, outcome, elapsed: clock.now(), memory: executed.memory }
}

type Requests = Arc<Mutex<Vec<(Duration, String, Vec<u8>)>>>;

/// Notes every request on its way to `inner`.
fn watched(inner: EgressStack, clock: &Clock, requests: &Requests) -> EgressStack {
    let (clock, requests) = (clock.clone(), Arc::clone(requests));
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        let head = format!("{} {}\n{:?}", request.method(), request.uri(), request.headers());
        requests.lock().unwrap().push((clock.now(), head, request.body().to_vec()));
        inner.clone().oneshot(request)
    }))
}

#[test]
fn a_recording_is_replayed_twenty_times_to_the_same_bytes() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let mut requests = 0;
    for fixture in fixtures() {
        let recorded = Recorded::read(&fixture.path).unwrap();
        let first = run(&host, &recorded);
        assert_eq!(first.requests.len(), recorded.entries.len(), "{}", fixture.path.display());
        requests += first.requests.len();
        for _ in 1..TIMES {
            assert_eq!(run(&host, &recorded), first, "{}", fixture.path.display());
        }
    }
    assert!(requests > 200, "{requests} requests are too few to show anything");
}
