//! Platforms, tenants and directories for the tests.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use runner::context::Clock;
use runner::contract::{Access, Connection};
use runner::egress::{EgressStack, Request, simulated};
use runner::platform::{Call, CallResult, Failure, Link, Platform, Tenant, TenantLimits};
use runner::simulator::{Caller, Simulator, Tenant as Directory};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard, watch};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

/// A licence that has free seats in the built-in directory.
pub const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// A directory that takes its time with every answer, and counts what it is asked.
#[derive(Clone)]
pub struct Slow {
    /// The directory.
    pub simulator: Simulator,
    /// How many requests there were.
    pub asked: Arc<AtomicUsize>,
    latency: Duration,
    /// Nothing is answered while it says false.
    answers: watch::Receiver<bool>,
}

impl Slow {
    /// The built-in directory, with plenty of seats.
    pub fn new(latency: Duration) -> Self {
        let mut directory = Directory::built_in().unwrap();
        // Microsoft's own throttling is for other tests.
        directory.limits = Some(runner::simulator::Limits { units: 1 << 30, writes: 1 << 30 });
        for sku in &mut directory.skus {
            sku.prepaid_units.enabled += 1_000;
        }
        let simulator = Simulator::new(directory);
        let (_, answers) = watch::channel(true);
        Self { simulator, asked: Arc::default(), latency, answers }
    }

    /// The same, that answers nothing until it is told to.
    pub fn held(self, answers: watch::Receiver<bool>) -> Self {
        Self { answers, ..self }
    }

    /// How many requests there were so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The way to this directory.
    pub fn egress(&self) -> EgressStack {
        let inner = simulated::egress(&self.simulator, Caller::application(), Clock::real());
        let (latency, asked) = (self.latency, Arc::clone(&self.asked));
        let answers = self.answers.clone();
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            asked.fetch_add(1, Ordering::SeqCst);
            let (inner, mut answers) = (inner.clone(), answers.clone());
            async move {
                // An error is that nobody can say it any more: it said true at last.
                let _ = answers.wait_for(|answers| *answers).await;
                // The change is made, and then its answer is on its way.
                let answer = inner.oneshot(request).await;
                tokio::time::sleep(latency).await;
                answer
            }
        }))
    }

    /// A connection `main` to this directory.
    pub fn link(&self) -> Link {
        Link::given("main", connection(), self.egress())
    }

    /// A tenant with this directory.
    pub fn tenant(&self, id: &str, limits: TenantLimits) -> Tenant {
        Tenant::new(id).with_link(self.link()).with_limits(limits)
    }

    /// Whether there is a user whose name begins so.
    pub fn has_user(&self, name: &str) -> bool {
        self.simulator.look(|tenant| {
            tenant.users.iter().any(|user| user.user_principal_name.starts_with(name))
        })
    }
}

/// The connection of all these tenants.
pub fn connection() -> Connection {
    Connection {
        graph_url: "https://graph.microsoft.com/v1.0".to_owned(),
        tenant: "contoso.onmicrosoft.com".to_owned(),
        sender: Some("noreply@contoso.onmicrosoft.com".to_owned()),
        access: Access::AppOnly,
        time_limit_ms: 120_000,
    }
}

/// A platform of so many runs at a time.
pub fn platform(max_runs: u32) -> Platform {
    Platform::builder().max_runs(max_runs).build().unwrap()
}

/// A call that makes one request and changes nothing.
pub fn seats(tenant: &str) -> Call {
    Call::new(tenant, "is-license-available", json!({ "serviceId": SKU }))
}

/// A call that makes some requests, two of which are writes.
pub fn creation(tenant: &str, nickname: &str) -> Call {
    let input = json!({
        "serviceId": SKU, "displayName": "Allen Allbrook", "mailNickname": nickname,
        "password": "Any-passw0rd", "usageLocation": "AM",
    });
    Call::new(tenant, "create-user", input)
}

/// The result of a run that succeeded.
#[track_caller]
pub fn done(answer: &CallResult) -> Value {
    let result = answer.outcome.as_ref();
    result.unwrap_or_else(|failure| panic!("{}", failure.report().to_json())).to_value()
}

/// The failure of a run that did not.
#[track_caller]
pub fn failed(answer: &CallResult) -> &Failure {
    answer.outcome.as_ref().expect_err("it should have failed")
}

/// A time below which so many percent of the times are.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent).div_ceil(100).saturating_sub(1)]
}

/// Waits until something is so.
pub async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within 10 s: {what}");
}

/// Held by the test that goes on, where some measure: nothing else may go on meanwhile.
pub async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

/// A number that the system says of this process (proc(5)).
pub fn status(name: &str) -> u64 {
    status_of("self", name)
}

/// The same of the process with this id.
fn status_of(process: impl Display, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The memory of this process, in bytes.
pub fn resident() -> u64 {
    resident_of("self")
}

/// The memory of the process with this id, in bytes.
pub fn resident_of(process: impl Display) -> u64 {
    status_of(process, "VmRSS:") * 1024
}
