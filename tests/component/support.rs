//! A scripted Graph with a virtual clock, the inputs of a good run, and reading an error.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use component::actions::accounts;
use component::bindings::connector::office365::connections::{Access, Connection};
use component::bindings::connector::office365::types::{
    Error, ErrorKind, GraphError, Problem, Who,
};
use component::bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput, CreateUserInput, DeleteUserInput, LicenseInput,
};
use component::graph::{
    Clock, Connections, Host, Reach, Request, Response, Transport, TransportError,
};
use serde_json::{Value, json};

pub const ROOT: &str = "https://graph.microsoft.com/v1.0";
pub const SKU: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
pub const OTHER_SKU: &str = "c7df2760-2c81-4ef7-b578-5b5392b571df";
pub const ID: &str = "11111111-2222-4333-8444-555555555555";
pub const ALLEN: &str = "allen@contoso.onmicrosoft.com";
pub const PASSWORD: &str = "Correct horse 7";
/// When Graph answers, by its own clock.
pub const DATE: &str = "Tue, 04 Mar 2025 08:00:05 GMT";

pub const GET_SKUS: &str = "GET /subscribedSkus?$select=";
pub const CREATE: &str = "POST /users";
pub const ASSIGN: &str = "POST /users/11111111-2222-4333-8444-555555555555/assignLicense";
pub const GET_BY_ID: &str = "GET /users/11111111-2222-4333-8444-555555555555?$select=";
pub const GET_BY_NAME: &str = "GET /users/allen@contoso.onmicrosoft.com?$select=";
pub const DELETE_BY_ID: &str = "DELETE /users/11111111-2222-4333-8444-555555555555";
pub const DELETE_BY_NAME: &str = "DELETE /users/allen@contoso.onmicrosoft.com";

pub type Reply = Result<Response, TransportError>;

/// A reply to requests that begin with `to`.
#[derive(Clone)]
pub struct Step {
    to: String,
    reply: Reply,
    times: Option<usize>,
}

/// Replies once.
pub fn on(to: &str, reply: Reply) -> Step {
    Step { to: to.to_owned(), reply, times: Some(1) }
}

/// Replies `times` times.
pub fn times(times: usize, to: &str, reply: Reply) -> Step {
    Step { to: to.to_owned(), reply, times: Some(times) }
}

/// Replies as long as requests begin with `to`, and at least once.
pub fn while_asked(to: &str, reply: Reply) -> Step {
    Step { to: to.to_owned(), reply, times: None }
}

pub fn answer(status: u16, body: Value) -> Reply {
    let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body).unwrap() };
    let headers = vec![("Date".to_owned(), DATE.to_owned())];
    Ok(Response { status, headers, body: body.into() })
}

/// `reply` with one more header.
pub fn with(reply: Reply, name: &str, value: &str) -> Reply {
    reply.map(|mut response| {
        response.headers.push((name.to_owned(), value.to_owned()));
        response
    })
}

pub fn refusal(status: u16, code: &str, message: &str) -> Reply {
    answer(status, json!({"error": {"code": code, "message": message}}))
}

pub fn missing() -> Reply {
    refusal(404, "Request_ResourceNotFound", "Resource does not exist.")
}
pub fn cut(reach: Reach) -> Reply {
    Err(TransportError { reach, message: "the wire was cut".to_owned() })
}
pub fn lost() -> Reply {
    cut(Reach::Lost)
}
pub fn no_content() -> Reply {
    answer(204, Value::Null)
}

/// A listing of one SKU for users with these numbers.
pub fn skus(enabled: i64, consumed: i64) -> Reply {
    answer(200, json!({"value": [sku(enabled, consumed)]}))
}

pub fn sku(enabled: i64, consumed: i64) -> Value {
    json!({"skuId": SKU, "skuPartNumber": "ENTERPRISEPACK", "appliesTo": "User",
        "capabilityStatus": "Enabled", "consumedUnits": consumed,
        "prepaidUnits": {"enabled": enabled, "warning": 0, "suspended": 0, "lockedOut": 0}})
}

/// What Graph answers to a creation: no licences, no usage location.
pub fn created() -> Reply {
    answer(201, json!({"id": ID, "displayName": "Allen Allbrook", "userPrincipalName": ALLEN}))
}

/// What Graph answers to an assignment: the user, in a default set that has no licences.
pub fn assigned() -> Reply {
    answer(200, json!({"id": ID, "displayName": "Allen Allbrook", "userPrincipalName": ALLEN}))
}

/// A page of something between here and Graph.
pub fn page(status: u16, title: &str) -> Reply {
    let page = format!("<!DOCTYPE html><html><head><title>{title}</title></head></html>");
    let headers = vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())];
    Ok(Response { status, headers, body: page.into_bytes().into() })
}

/// The user as it is read, with or without the licence.
pub fn user(licensed: bool) -> Value {
    let licenses = if licensed { json!([{"skuId": SKU, "disabledPlans": []}]) } else { json!([]) };
    json!({"id": ID, "displayName": "Allen Allbrook", "userPrincipalName": ALLEN,
        "usageLocation": "AM", "createdDateTime": "2025-03-04T08:00:06Z",
        "assignedLicenses": licenses,
        "assignedPlans": [{"service": "exchange", "servicePlanId": OTHER_SKU,
            "capabilityStatus": "Enabled", "assignedDateTime": "2025-03-04T08:00:08Z"}],
        "provisionedPlans": [{"service": "exchange", "capabilityStatus": "Enabled",
            "provisioningStatus": "Success"}]})
}

pub fn shown(licensed: bool) -> Reply {
    answer(200, user(licensed))
}

/// What a run did.
pub struct Seen {
    pub requests: Vec<Request>,
    /// When each request was sent, since the run's beginning.
    pub sent_at: Vec<Duration>,
    pub waits: Vec<Duration>,
}

impl Seen {
    /// Method and path, without the query.
    pub fn calls(&self) -> Vec<String> {
        self.requests
            .iter()
            .map(|request| line(request).split('?').next().unwrap().to_owned())
            .collect()
    }

    /// The waits in whole seconds, which drops the jitter.
    pub fn whole_waits(&self) -> Vec<u64> {
        self.waits.iter().map(Duration::as_secs).collect()
    }

    pub fn waited(&self) -> Duration {
        self.waits.iter().sum()
    }
}

/// The method and what follows Graph's root.
pub fn line(request: &Request) -> String {
    let path = request.url.strip_prefix(ROOT).expect("a request below Graph's root");
    format!("{} {path}", request.method.as_str())
}

struct State {
    steps: VecDeque<Step>,
    used: usize,
    now: Duration,
    seen: Seen,
}

/// One run against a script.
pub struct Run {
    state: Rc<RefCell<State>>,
    pub connection: Connection,
    pub authorization: Result<Option<String>, String>,
    pub slowness: Duration,
}

impl Run {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let seen = Seen { requests: Vec::new(), sent_at: Vec::new(), waits: Vec::new() };
        let state = State {
            steps: steps.into_iter().collect(),
            used: 0,
            // A monotonic clock begins anywhere.
            now: Duration::from_secs(5000),
            seen,
        };
        Run {
            state: Rc::new(RefCell::new(state)),
            connection: Connection {
                graph_url: ROOT.to_owned(),
                tenant: "contoso.onmicrosoft.com".to_owned(),
                sender: None,
                access: Access::AppOnly,
                time_limit_ms: 120_000,
            },
            authorization: Ok(None),
            slowness: Duration::ZERO,
        }
    }

    pub fn limit(mut self, seconds: u32) -> Self {
        self.connection.time_limit_ms = seconds * 1000;
        self
    }

    pub fn create_user(self) -> (Result<Account, Error>, Seen) {
        self.create(create_input())
    }

    pub fn create(self, input: CreateUserInput) -> (Result<Account, Error>, Seen) {
        self.act(|host| accounts::create_user::run(host, input))
    }

    pub fn assign(self) -> (Result<Account, Error>, Seen) {
        self.act(|host| accounts::assign_license_to_existing_user::run(host, assign_input()))
    }

    pub fn delete(self, name: &str) -> (Result<(), Error>, Seen) {
        let input =
            DeleteUserInput { connection_id: "contoso".into(), user_principal_name: name.into() };
        self.act(|host| accounts::delete_user::run(host, input))
    }

    pub fn count(self) -> (Result<u32, Error>, Seen) {
        self.count_of(license_input())
    }

    pub fn count_of(self, input: LicenseInput) -> (Result<u32, Error>, Seen) {
        self.act(|host| accounts::get_available_license_count::run(host, input))
    }

    /// Runs `action` and checks that it went through the whole script.
    pub fn act<T>(self, action: impl FnOnce(Host<'_>) -> T) -> (T, Seen) {
        let mut transport = Wire(Rc::clone(&self.state), self.slowness);
        let mut clock = VirtualClock(Rc::clone(&self.state));
        let mut connections = OneConnection(self.connection, self.authorization);
        let result = action(Host {
            transport: &mut transport,
            clock: &mut clock,
            connections: &mut connections,
        });
        drop((transport, clock));
        let state = Rc::into_inner(self.state).unwrap().into_inner();
        let unused: Vec<_> = state
            .steps
            .iter()
            .skip(usize::from(state.used > 0))
            .map(|step| step.to.as_str())
            .collect();
        let half_used = state.steps.front().is_some_and(|step| step.times.is_some());
        assert!(
            unused.is_empty() && !half_used,
            "never asked: {unused:?} after {:?}",
            state.seen.calls()
        );
        (result, state.seen)
    }
}

struct Wire(Rc<RefCell<State>>, Duration);

impl Transport for Wire {
    fn send(&mut self, request: &Request) -> Reply {
        let mut state = self.0.borrow_mut();
        let sent_at = state.now - Duration::from_secs(5000);
        state.seen.requests.push(request.clone());
        state.seen.sent_at.push(sent_at);
        state.now += self.1;
        let line = line(request);
        let matches = |step: &Step| match step.to.strip_suffix('=') {
            Some(_) => line.starts_with(&step.to),
            None => line == step.to,
        };
        while state.used > 0
            && state.steps.front().is_some_and(|s| s.times.is_none() && !matches(s))
        {
            state.steps.pop_front();
            state.used = 0;
        }
        let calls = state.seen.calls();
        let step = state
            .steps
            .front()
            .unwrap_or_else(|| panic!("unexpected at the end: {calls:?}"))
            .clone();
        assert!(matches(&step), "expected {}, got {line}, after {calls:?}", step.to);
        state.used += 1;
        if step.times == Some(state.used) {
            state.steps.pop_front();
            state.used = 0;
        }
        step.reply
    }
}

struct VirtualClock(Rc<RefCell<State>>);

impl Clock for VirtualClock {
    fn now(&mut self) -> Duration {
        self.0.borrow().now
    }

    fn sleep(&mut self, wait: Duration) {
        let mut state = self.0.borrow_mut();
        state.now += wait;
        state.seen.waits.push(wait);
    }
}

struct OneConnection(Connection, Result<Option<String>, String>);

impl Connections for OneConnection {
    fn describe(&mut self, id: &str) -> Result<Connection, String> {
        match id {
            "contoso" => Ok(self.0.clone()),
            other => Err(format!("There is no connection {other}.")),
        }
    }

    fn authorization(&mut self, _: &str) -> Result<Option<String>, String> {
        self.1.clone()
    }
}

pub fn create_input() -> CreateUserInput {
    CreateUserInput {
        connection_id: "contoso".into(),
        service_id: SKU.into(),
        display_name: "Allen Allbrook".into(),
        mail_nickname: "allen".into(),
        password: PASSWORD.into(),
        usage_location: "AM".into(),
    }
}

pub fn assign_input() -> AssignLicenseToExistingUserInput {
    AssignLicenseToExistingUserInput {
        connection_id: "contoso".into(),
        service_id: SKU.into(),
        user_principal_name: ALLEN.into(),
    }
}

pub fn license_input() -> LicenseInput {
    LicenseInput { connection_id: "contoso".into(), service_id: SKU.into() }
}

/// An error, taken apart.
#[derive(Debug)]
pub struct Facts {
    pub kind: &'static str,
    pub message: String,
    pub fix: String,
    pub who: Who,
    pub retry_safe: bool,
    pub completed: Vec<String>,
    pub problems: Vec<Problem>,
    pub retry_after: Option<u32>,
    pub graph: Option<GraphError>,
}

/// Takes the error of `result` apart.
pub fn facts<T: std::fmt::Debug>(result: Result<T, Error>) -> Facts {
    let error = result.unwrap_err();
    Facts {
        kind: name(error.kind),
        message: error.message,
        fix: error.fix,
        who: error.who,
        retry_safe: error.retry_safe,
        completed: error.completed,
        problems: error.problems.unwrap_or_default(),
        retry_after: error.retry_after_seconds,
        graph: error.graph,
    }
}

fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidInput => "invalid-input",
        ErrorKind::NotFound => "not-found",
        ErrorKind::AlreadyExists => "already-exists",
        ErrorKind::LicenseUnavailable => "license-unavailable",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::Unauthorized => "unauthorized",
        ErrorKind::Throttled => "throttled",
        ErrorKind::OutcomeUnknown => "outcome-unknown",
        ErrorKind::Graph => "graph",
        ErrorKind::Transport => "transport",
    }
}
