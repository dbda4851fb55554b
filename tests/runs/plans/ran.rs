//! An action run on a simulated tenant, or planned on it.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use http::{Method, Uri};
use http_body_util::BodyExt;
use runner::connections::{Access, Connection};
use runner::egress::ledger::Ledger;
use runner::egress::plan::{Plan, ReadOnly};
use runner::egress::usage::Usage;
use runner::egress::{EgressError, Request, WayOut, whole};
use runner::host::{self, Host, Job};
use runner::sandbox::{Clock, Limits, Outcome};
use runner::simulator::{Caller, Simulator, Tenant};
use runner::values;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use crate::plans::tenants::SENDER;

pub const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// Where all runs are. Time is virtual.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

/// An action with its input, on a tenant, over a connection.
#[derive(Clone, Debug)]
pub struct Case {
    pub action: String,
    pub input: Map<String, Value>,
    pub tenant: Tenant,
    pub access: Access,
    /// The domain that the connection names.
    pub domain: &'static str,
}

/// A request and how it was answered.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// What follows the version root.
    pub target: String,
    pub body: Value,
    pub status: u16,
    pub answer: Value,
}

/// What came of a run or of a plan.
pub struct Ran {
    pub outcome: Outcome,
    /// What the component asked.
    pub asked: Vec<Asked>,
    /// What reached the tenant.
    pub reached: Vec<Asked>,
    /// The tenant afterwards.
    pub tenant: Tenant,
}

impl Ran {
    /// `done`, or the kind of the error.
    pub fn kind(&self) -> &str {
        match &self.outcome {
            Outcome::Done(_) => "done",
            Outcome::Failed(error) => error["kind"].as_str().unwrap(),
        }
    }

    /// The message of the error.
    pub fn message(&self) -> &str {
        match &self.outcome {
            Outcome::Done(_) => "",
            Outcome::Failed(error) => error["message"].as_str().unwrap(),
        }
    }

    /// The writes that took effect, the id of a new user written as `{new}`.
    pub fn writes(&self) -> Vec<(Method, String, Value)> {
        let took = |asked: &&Asked| asked.method != Method::GET && asked.status < 300;
        let writes = self.asked.iter().filter(took);
        let new = writes.clone().find(|asked| asked.method == "POST" && asked.target == "/users");
        let id = new.map(|asked| asked.answer["id"].as_str().unwrap());
        writes
            .map(|asked| {
                let target = asked.target.replace(id.unwrap_or("{none}"), "{new}");
                (asked.method.clone(), target, asked.body.clone())
            })
            .collect()
    }

    /// How many reads reached the tenant.
    pub fn reads(&self) -> usize {
        self.reached.iter().filter(|asked| asked.method == Method::GET).count()
    }
}

impl Case {
    pub fn run(&self, host: &Host) -> Ran {
        self.on(host, |tenant| tenant)
    }

    pub fn plan(&self, host: &Host) -> (Ran, Plan) {
        let mut plan = None;
        let ran = self.on(host, |tenant| {
            let made = Plan::new(ReadOnly::new(tenant), &Uri::from_static(ROOT));
            plan.insert(made).way_out()
        });
        (ran, plan.unwrap())
    }

    fn on(&self, host: &Host, above: impl FnOnce(WayOut) -> WayOut) -> Ran {
        let action = host.guest().action(&self.action).unwrap();
        let clock = Clock::simulated();
        let simulator = Simulator::new(self.tenant.clone());
        let caller = match self.access {
            Access::AppOnly => Caller::application(),
            Access::Delegated => Caller::signed_in(SENDER),
        };
        let (asked, reached) = (Log::default(), Log::default());
        let tenant = reached.watch(simulator.way_out(caller, clock.clone()));
        let way_out = asked.watch(above(tenant));
        let limits = Limits::default();
        let lent = Connection {
            graph_url: ROOT.to_owned(),
            tenant: self.domain.to_owned(),
            sender: Some(SENDER.to_owned()),
            access: self.access,
            time_limit_ms: u32::try_from(limits.time.as_millis()).unwrap(),
        };
        let job = Job {
            action,
            input: values::from_json(&Value::Object(self.input.clone()), &action.input).unwrap(),
            secrets: host::secrets(&host.policy(&self.action), &self.input),
            lent: Some(("contoso".to_owned(), lent)),
            way_out,
            clock: clock.clone(),
            ledger: Ledger::default(),
            usage: Usage::default(),
            line: None,
            limits: Limits { time: Duration::from_secs(120), ..limits },
        };
        let ended = RUNTIME.block_on(host.run(job)).unwrap();
        Ran {
            outcome: ended.outcome.unwrap(),
            asked: asked.taken(),
            reached: reached.taken(),
            tenant: simulator.tenant(),
        }
    }
}

/// The exchanges at one place of the way out.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Asked>>>);

impl Log {
    pub fn watch(&self, inner: WayOut) -> WayOut {
        let log = self.clone();
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            let (log, inner) = (log.clone(), inner.clone());
            async move {
                let method = request.method().clone();
                let target = request.uri().path_and_query().unwrap().as_str();
                let target = target.strip_prefix("/v1.0").unwrap().to_owned();
                let body = serde_json::from_slice(request.body()).unwrap_or_default();
                let (head, answer) = inner.oneshot(request).await?.into_parts();
                let bytes = answer.collect().await.map_err(EgressError::Http)?.to_bytes();
                let answer = serde_json::from_slice(&bytes).unwrap_or_default();
                let status = head.status.as_u16();
                log.0.lock().unwrap().push(Asked { method, target, body, status, answer });
                Ok::<_, EgressError>(http::Response::from_parts(head, whole(bytes)))
            }
        }))
    }

    pub fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}
