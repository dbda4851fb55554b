//! A simulated tenant behind faults, and what a run of the component did to it.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use http::Method;
use http::header::{DATE, RETRY_AFTER};
use jiff::fmt::rfc2822;
use runner::audit::{AuditLog, Written};
use runner::context::{Clock, Stop, StopSignal};
use runner::contract::{Access, Connection};
use runner::egress::faults::{Faults, Script};
use runner::egress::journal::Durable;
use runner::egress::{EgressStack, Request, Response, journal, simulated};
use runner::journal::JournalError;
use runner::run::{Host, through_crashes};
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::{Map, Value};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};
use uuid::Uuid;

use crate::library::Outcome;
use crate::library::{self, Job};

/// The mailbox that sends: the connection's sender, or the signed-in user.
pub const SENDER: &str = "noreply@contoso.onmicrosoft.com";

/// The audit log of all runs, in memory where the system has such a directory: whether it is
/// on the disk is not seen here. Its name is removed at once, and it ends with the process.
static AUDIT: LazyLock<AuditLog> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { memory } else { crate::scratch() };
    let path = directory.join(format!("o365-faulted-{}.jsonl", std::process::id()));
    let log = AuditLog::open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    log
});

/// An action with its input, on a tenant, over a connection.
#[derive(Clone)]
pub struct Scenario {
    /// The name of the action.
    pub action: String,
    /// Its input, as JSON.
    pub input: Map<String, Value>,
    /// The tenant before the run.
    pub tenant: Tenant,
    /// How the connection signs in.
    pub access: Access,
    /// How long the run may take.
    pub time_limit: Duration,
}

/// A request as the component made it or as the tenant saw it, and its answer's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The method.
    pub method: Method,
    /// The path below the version root, the key of a user written as `{id}`.
    pub path: String,
    /// What follows the version root, as it was sent.
    pub target: String,
    /// When it was sent, by the run's own clock.
    pub sent: Duration,
    /// The status; none when there was no answer.
    pub status: Option<u16>,
    /// When the caller may come back after that, where the answer says so.
    pub come_back: Option<Duration>,
}

/// What came of a run.
pub struct Ran {
    /// The result or the error.
    pub outcome: Outcome,
    /// What the component asked.
    pub asked: Vec<Exchange>,
    /// What reached the tenant.
    pub reached: Vec<Exchange>,
    /// Its writes, as the audit log has them.
    pub journal: Vec<Written>,
    /// The tenant afterwards.
    pub tenant: Tenant,
    /// The faults that did not happen.
    pub missed: Vec<String>,
    /// How long it took by the run's own clock.
    pub elapsed: Duration,
}

impl Ran {
    /// `done`, or the kind of the error.
    pub fn outcome(&self) -> &str {
        match &self.outcome {
            Outcome::Done(_) => "done",
            Outcome::Failed(error) => error["kind"].as_str().unwrap(),
        }
    }

    /// The writes that reached the tenant, with the statuses of its answers.
    pub fn writes(&self) -> String {
        let writes = self.reached.iter().filter(|exchange| exchange.method != Method::GET);
        let words: Vec<String> = writes
            .map(|exchange| format!("{} {}", exchange.name(), exchange.status.unwrap()))
            .collect();
        words.join(", ")
    }
}

impl Exchange {
    /// The call as `actions.toml` writes it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Scenario {
    /// Runs it, with these faults.
    pub fn run(&self, host: &Host, script: Script) -> Ran {
        self.run_on(self.tenant.clone(), host, script)
            .unwrap_or_else(|stop| panic!("{}: {stop}", self.action))
    }

    /// Runs it on another tenant than its own; or says what ended the run from outside.
    pub fn run_on(&self, tenant: Tenant, host: &Host, script: Script) -> Result<Ran, Stop> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let simulator = Simulator::new(tenant);
        let caller = match self.access {
            Access::AppOnly => Caller::application(),
            Access::Delegated => Caller::signed_in(SENDER),
        };
        let crashes = script.crashes();
        let faults = Faults::new(script);
        let (asked, reached) = (Log::default(), Log::default());
        let id = Uuid::now_v7();
        let job = |clock: Clock, durable| {
            let stop = StopSignal::default();
            let graph = simulated::egress(&simulator, caller.clone(), clock.clone());
            let graph = reached.watch(graph, &clock);
            let graph = faults.within("/v1.0", clock.clone(), stop.clone()).layer(graph);
            let graph = asked.watch(graph, &clock);
            Job {
                connection: self.connection(),
                clock,
                audit: Some(AUDIT.clone()),
                durable,
                id,
                stop,
                ..Job::new(&self.action, self.input.clone(), graph).within(self.time_limit)
            }
        };
        let begun = crashes.then(|| job(Clock::simulated(), None).begun(host));
        let process = async |clock: Clock, durable: Option<Durable>| {
            Ok::<_, JournalError>(job(clock, durable).run(host).await)
        };
        let executed = runtime.block_on(through_crashes(begun, Clock::simulated, process));
        let executed = executed.unwrap();
        Ok(Ran {
            outcome: library::outcome(&executed.outcome)?,
            asked: asked.taken(),
            reached: reached.taken(),
            journal: journal::written(&executed.context),
            tenant: simulator.tenant(),
            missed: faults.missed(),
            elapsed: executed.context.clock.now(),
        })
    }

    /// The connection that its run is granted.
    pub fn connection(&self) -> Connection {
        Connection {
            graph_url: "https://graph.microsoft.com/v1.0".to_owned(),
            tenant: self.tenant.initial_domain().to_owned(),
            sender: Some(SENDER.to_owned()),
            access: self.access,
            time_limit_ms: u32::try_from(self.time_limit.as_millis()).unwrap(),
        }
    }
}

/// The exchanges of all processes of a run at one place of the egress stack.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Exchange>>>);

impl Log {
    fn watch(&self, inner: EgressStack, clock: &Clock) -> EgressStack {
        let (log, clock) = (self.clone(), clock.clone());
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            let (log, inner, clock) = (log.clone(), inner.clone(), clock.clone());
            async move {
                let index = log.begin(&request, clock.now());
                let answer = inner.oneshot(request).await;
                if let Ok(response) = &answer {
                    let exchange = &mut log.0.lock().unwrap()[index];
                    exchange.status = Some(response.status().as_u16());
                    exchange.come_back = come_back(response, clock.now());
                }
                answer
            }
        }))
    }

    fn begin(&self, request: &Request, sent: Duration) -> usize {
        let target = request.uri().path_and_query().unwrap().as_str();
        let target = target.strip_prefix("/v1.0").unwrap().to_owned();
        let path = target.split('?').next().unwrap();
        let segments: Vec<&str> = path.split('/').collect();
        let path = match segments.as_slice() {
            ["", "users", _key, rest @ ..] => [&["", "users", "{id}"], rest].concat().join("/"),
            _ => path.to_owned(),
        };
        let method = request.method().clone();
        let mut log = self.0.lock().unwrap();
        log.push(Exchange { method, path, target, sent, status: None, come_back: None });
        log.len() - 1
    }

    fn taken(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// When `Retry-After`, a number or a date, lets the caller come back.
fn come_back(response: &Response, now: Duration) -> Option<Duration> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let wanted = header(RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(now + Duration::from_secs_f64(seconds));
    }
    let [wanted, date] = [wanted, header(DATE)?].map(|text| rfc2822::parse(text).unwrap());
    Some(now + Duration::try_from(date.duration_until(&wanted)).unwrap())
}
