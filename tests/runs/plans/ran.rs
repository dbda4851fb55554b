//! An action run on a simulated tenant, or planned on it.

use std::sync::{Arc, LazyLock, Mutex};

use http::{Method, Uri};
use http_body_util::BodyExt;
use runner::context::Clock;
use runner::contract::{Access, Connection};
use runner::egress::plan::Plan;
use runner::egress::record::Recorder;
use runner::egress::{EgressError, EgressStack, Request, simulated, whole};
use runner::recording::exchange::{Exchange, Exchanges, ResponseState};
use runner::run::Host;
use runner::simulator::tenant::User;
use runner::simulator::{Caller, Guid, Simulator, Tenant};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use support::library::Outcome;
use support::library::{Job, outcome};

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
        self.on(host, false).0
    }

    pub fn plan(&self, host: &Host) -> (Ran, Plan) {
        let (ran, plan) = self.on(host, true);
        (ran, plan.unwrap())
    }

    fn on(&self, host: &Host, plan: bool) -> (Ran, Option<Plan>) {
        let clock = Clock::simulated();
        let simulator = Simulator::new(self.tenant.clone());
        let caller = match self.access {
            Access::AppOnly => Caller::application(),
            Access::Delegated => Caller::signed_in(SENDER),
        };
        let reached = Log::default();
        let tenant = reached.watch(simulated::egress(&simulator, caller, clock.clone()));
        let connection = Connection {
            graph_url: ROOT.to_owned(),
            tenant: self.domain.to_owned(),
            sender: Some(SENDER.to_owned()),
            access: self.access,
            time_limit_ms: 120_000,
        };
        let recorder = (!plan).then(|| Recorder::new(clock.clone()));
        let job = Job {
            connection,
            clock,
            plan,
            recorder: recorder.clone(),
            ..Job::new(&self.action, self.input.clone(), tenant)
        };
        let executed = RUNTIME.block_on(job.run(host));
        let ran = Ran {
            outcome: outcome(&executed.outcome).unwrap(),
            asked: match (&executed.plan, recorder) {
                (Some(plan), _) => self.planned(plan),
                (None, recorder) => recorded(&recorder.unwrap().exchanges()),
            },
            reached: reached.taken(),
            tenant: simulator.tenant(),
        };
        (ran, executed.plan)
    }

    /// The writes that a plan lists, as requests that were answered. The id of a new user is
    /// the one of no user of the tenant, by which later writes name that user.
    fn planned(&self, plan: &Plan) -> Vec<Asked> {
        let target = |url: &str| {
            let url: Uri = url.parse().unwrap();
            let target = url.path_and_query().unwrap().as_str();
            target.strip_prefix("/v1.0").unwrap().to_owned()
        };
        let writes = plan.writes();
        let targets: Vec<String> = writes.iter().map(|write| target(&write.url)).collect();
        let is_new = |key: &&str| {
            let of = |user: &User| user.id.to_string() == *key;
            key.parse::<Guid>().is_ok() && !self.tenant.users.iter().any(of)
        };
        let new = targets.iter().filter_map(|target| key(target)).find(is_new);
        let answer = json!({ "id": new.unwrap_or("{new}") });
        let asked = writes.into_iter().zip(&targets).map(|(write, target)| Asked {
            method: write.method.parse().unwrap(),
            target: target.clone(),
            body: write.body,
            status: 201,
            answer: answer.clone(),
        });
        asked.collect()
    }
}

/// The key of the user that the target of a write names.
fn key(target: &str) -> Option<&str> {
    target.strip_prefix("/users/")?.split('/').next()
}

/// What the component asked, as the recording of its run has it.
fn recorded(exchanges: &Exchanges) -> Vec<Asked> {
    let asked = |exchange: &Exchange| {
        let ResponseState::Received { status, body, .. } = &exchange.response else {
            panic!("no answer")
        };
        let target = exchange.uri.path_and_query().unwrap().as_str();
        Asked {
            method: exchange.method.clone(),
            target: target.strip_prefix("/v1.0").unwrap().to_owned(),
            body: serde_json::from_slice(&exchange.body).unwrap_or_default(),
            status: status.as_u16(),
            answer: serde_json::from_slice(body).unwrap_or_default(),
        }
    };
    exchanges.list.iter().map(asked).collect()
}

/// The exchanges at one place of the egress stack.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Asked>>>);

impl Log {
    pub fn watch(&self, inner: EgressStack) -> EgressStack {
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
