//! The actions over HTTP: list, description and call.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use http_body_util::LengthLimitError;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tracing::Instrument;
use url::form_urlencoded;
use uuid::Uuid;

use super::access::RequestFacts;
use super::authentication::{PresentedKey, Tenant};
use super::idempotency::{Attempt, Begun, IdempotencyKey, Reservation, StoredResponse};
use super::negotiation::preferred;
use super::openapi::actions::name_connections;
use super::problem::Problem;
use super::response::{
    cannot_store, in_lines, no_room_for_keys, stored, stored_problem, unknown_outcome,
};
use super::service::Service;
use crate::contract::ActionPolicy;
use crate::contract::listing::{self, Description, Row};
use crate::platform::{self, Call, CallResult, Failure, Refusal};
use crate::report::Kind;
use crate::run::host;
use crate::values;

/// The longest input, in bytes, as from the command line.
const MAX_INPUT: usize = 1 << 20;

/// The media types of lines of JSON.
const LINES: [&str; 2] = ["application/x-ndjson", "application/jsonl"];

/// The time to receive a body.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Who calls, and what is recorded of it.
pub(super) type CallerParts = (Tenant, Extension<PresentedKey>, Extension<Arc<RequestFacts>>);

/// `GET /v1/actions`: lists the actions that the tenant may run.
pub(super) async fn list(State(service): State<Service>, Tenant(id): Tenant) -> Json<Vec<Row>> {
    let rows = listing::rows(&service.0.documents.load(), &service.0.policy);
    let tenant = service.0.platform.tenant(&id);
    let allowed = |row: &Row| tenant.as_ref().is_some_and(|tenant| tenant.may_run(&row.name));
    Json(rows.into_iter().filter(allowed).collect())
}

/// `GET /v1/actions/{action}`: describes an action.
pub(super) async fn describe(
    State(service): State<Service>,
    Tenant(id): Tenant,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Description>, Problem> {
    let name = action_name(name)?;
    let documents = service.0.documents.load();
    let tenant = service.0.platform.tenant(&id);
    let may_run = |name: &str| tenant.as_ref().is_some_and(|tenant| tenant.may_run(name));
    let Some(action) = documents.action(&name) else {
        let known = documents.actions().map(|action| action.name).filter(|name| may_run(name));
        let nearest = values::problem::nearest(&name, known).map(ToOwned::to_owned);
        return Err(rejected(Refusal::NoSuchAction { nearest }));
    };
    if !may_run(&name) {
        return Err(rejected(Refusal::NotAllowed { action: name }));
    }
    let mut described = Description::of(&documents, &action)?;
    name_connections(&mut described.input, &connections(tenant.as_ref()));
    Ok(Json(described))
}

/// Returns the ids of a tenant's connections.
pub(super) fn connections(tenant: Option<&platform::Tenant>) -> Vec<String> {
    let links = tenant.iter().flat_map(|tenant| &tenant.links);
    links.map(|link| link.id().to_owned()).collect()
}

/// `POST /v1/actions/{action}`: calls an action.
pub(super) async fn call(
    State(service): State<Service>,
    caller: CallerParts,
    action: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let action = action_name(action)?;
    let plan = plan(query.as_deref())?;
    respond(service, caller, action, plan, headers, body).await
}

/// `POST /v1/plans/{action}`: plans an action.
pub(super) async fn call_plan(
    State(service): State<Service>,
    caller: CallerParts,
    action: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let action = action_name(action)?;
    if query.is_some_and(|query| !query.is_empty()) {
        let fix = "Remove the query: a plan has no parameters but its body.";
        return Err(invalid("the query has an unknown parameter", fix));
    }
    respond(service, caller, action, true, headers, body).await
}

/// Runs or plans an action, and returns the response.
async fn respond(
    service: Service,
    (Tenant(tenant), Extension(api_key), Extension(facts)): CallerParts,
    action: String,
    plan: bool,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if service.0.policy.action(&action).is_some() {
        let _ = facts.action.set(action.clone());
    }
    let key = idempotency_key(&headers)?;
    check_json(&headers)?;
    let body = whole_body(body).await?;
    let input =
        values::parse(&body, MAX_INPUT).map_err(|problems| rejected(Refusal::Input(problems)))?;
    let run = Uuid::now_v7();
    let _ = facts.run.set(run);
    let mut call = Call { plan, run: Some(run), ..Call::new(tenant, action, input) };
    let has_lines = service.0.policy.action(&call.action).is_some_and(|it| it.rows.is_some());
    let lines = lines(&service, &call, &headers);
    call.idempotency_key = key.as_ref().map(|key| host::digest(key.as_str()));
    // A separate task, so that a client that disconnects stops neither the run nor the storing.
    let calls = service.0.calls.clone();
    let response = async move {
        match key.filter(|_| service.changes_something(&call)) {
            Some(key) => service.once(call, run, &key, &api_key).await,
            None => match lines {
                Some((rows, media_type)) => in_lines(service.result(call).await, &rows, media_type),
                None => stored(service.result(call).await),
            },
        }
    };
    let response = calls.spawn(response.in_current_span()).await;
    let response = response.map_err(|_| Problem::new(&Failure::Internal.report()))?;
    let mut response = response.into_response();
    if has_lines {
        response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    }
    Ok(response)
}

/// Returns the list of the result to write line by line, and the media type, if the caller prefers
/// lines and the result of the action has such a list.
fn lines(service: &Service, call: &Call, headers: &HeaderMap) -> Option<(String, &'static str)> {
    let rows = service.0.policy.action(&call.action)?.rows.clone().filter(|_| !call.plan)?;
    let offers = [&["application/json"], LINES.as_slice()].concat();
    let media_type = LINES.get(preferred(headers, &offers)?.checked_sub(1)?)?;
    Some((rows, media_type))
}

/// Returns the name of the action in a path. No name contains invalid UTF-8.
fn action_name(action: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    action.map(|Path(name)| name).map_err(|_| rejected(Refusal::NoSuchAction { nearest: None }))
}

impl Service {
    /// Runs a call, and counts it.
    pub(super) async fn result(&self, call: Call) -> CallResult {
        let (tenant, action) = (call.tenant.clone(), call.action.clone());
        let result = self.0.platform.run(call).await;
        self.counted(&tenant, &action, result)
    }

    /// Counts a run.
    pub(super) fn counted(&self, tenant: &str, action: &str, result: CallResult) -> CallResult {
        // Unknown names would create any number of metrics.
        if self.0.policy.action(action).is_some() {
            self.0.metrics.count(tenant, action, &result);
        }
        if let Err(Failure::Refused(Refusal::Busy(_) | Refusal::TooOften(_))) = result.outcome {
            self.0.refused.too_many(tenant);
        }
        result
    }

    /// Returns whether a call can change its tenant. A call that only reads needs no key: it runs
    /// again each time.
    fn changes_something(&self, call: &Call) -> bool {
        let policy = self.0.policy.action(&call.action);
        !call.plan && policy.is_some_and(ActionPolicy::changes_something)
    }

    /// Returns the input of a call for comparison. The only connection is named in it, whether or
    /// not the caller did, and no input is null, which stands for one that is absent.
    fn canonical_input(&self, call: &Call) -> Value {
        let mut input = call.input.clone();
        let tenant = self.0.platform.tenant(&call.tenant);
        if let (Some(tenant), Some(fields)) = (tenant, input.as_object_mut()) {
            fields.retain(|_, value| !value.is_null());
            tenant.name_only_connection(fields);
        }
        input.sort_all_objects();
        input
    }

    /// Runs a call, unless one with the same idempotency key ran before.
    async fn once(
        &self,
        call: Call,
        run: Uuid,
        key: &IdempotencyKey,
        api_key: &PresentedKey,
    ) -> StoredResponse {
        let policy = self.0.policy.action(&call.action);
        let mut input = self.canonical_input(&call);
        let secrets = policy.zip(input.as_object_mut());
        let secrets = secrets.map(|(policy, input)| policy.take_secrets(input));
        let secrets = json!(secrets).to_string();
        // `false` stood for no plan, which a call with a key never is; the keys of before match.
        let request = format!("{}\nfalse\n{input}", call.action);
        let attempt = Attempt {
            tenant: &call.tenant,
            key,
            request: request.as_bytes(),
            secrets: secrets.as_bytes(),
            caller: api_key.0.expose_secret().as_bytes(),
            run,
            harmless: policy.is_some_and(|known| known.idempotent),
        };
        match self.0.responses.begin(attempt).await {
            Ok(Begun::First(reservation)) => self.first(call, reservation).await,
            Ok(Begun::Again(response)) => {
                self.0.metrics.http.replayed(&call.tenant);
                response
            }
            Ok(Begun::OtherBody) => {
                let problem = Problem::refusal(
                    Kind::KeyReused,
                    "the idempotency key was used for another call: its action or its body differs",
                    "Repeat the first call for its response, or send this one with a new key.",
                );
                stored_problem(&problem, None)
            }
            Ok(Begun::NotKept { status, run }) => {
                let message = format!(
                    "the call was completed before with status {status}, and its response is no longer stored"
                );
                stored_problem(&unknown_outcome(&message, run), Some(run))
            }
            Ok(Begun::Full) => stored_problem(&no_room_for_keys(), None),
            Ok(Begun::Interrupted { run, reservation }) => {
                let message = "the call was started before, and the server was interrupted";
                let response = stored_problem(&unknown_outcome(message, run), Some(run));
                // If it cannot be stored, a repeat gets the same response.
                reservation.finish(response.clone()).await.unwrap_or(response)
            }
            Err(error) => stored_problem(&cannot_store(&error.to_string(), run), Some(run)),
        }
    }

    async fn first(&self, call: Call, reservation: Reservation) -> StoredResponse {
        let result = self.result(call).await;
        let rejected = matches!(result.outcome, Err(Failure::Refused(_)));
        let free = result.outcome.as_ref().is_err_and(|it| it.report().leaves_key_free());
        if rejected || free {
            // If this fails, a repeat learns that the call was interrupted.
            let _ = reservation.forget().await;
            return stored(result);
        }
        self.finish(result, reservation).await
    }

    /// Stores the response of a run with a key, and returns it.
    pub(super) async fn finish(
        &self,
        result: CallResult,
        reservation: Reservation,
    ) -> StoredResponse {
        let (run, unended) = (result.run, result.unended.clone());
        let response = stored(result);
        if unended.goes_on() {
            // Dropping the reservation leaves the key to the run when it goes on.
            return response;
        }
        reservation.finish(response.clone()).await.unwrap_or_else(|error| {
            // The run was made, so the caller gets its response nevertheless.
            tracing::error!(%run, %error, "a response could not be stored");
            unended.keep();
            response
        })
    }
}

fn rejected(refusal: Refusal) -> Problem {
    Problem::new(&Failure::Refused(refusal).report())
}

/// Reads the query, which has no parameter but `plan`.
fn plan(query: Option<&str>) -> Result<bool, Problem> {
    let mut plan = None;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let known = match (&*name, &*value) {
            ("plan", "true") => true,
            ("plan", "false") => false,
            ("plan", _) => {
                let fix = "Use ?plan=true for a plan, and omit it for a run.";
                return Err(invalid("the query parameter plan is neither true nor false", fix));
            }
            _ => {
                let fix = "Remove it: the only query parameter of a call is plan.";
                return Err(invalid("the query has an unknown parameter", fix));
            }
        };
        if plan.replace(known).is_some() {
            return Err(invalid("the query has the parameter plan twice", "Remove one of them."));
        }
    }
    Ok(plan.unwrap_or_default())
}

pub(super) fn invalid(message: &str, fix: &str) -> Problem {
    Problem::refusal(Kind::InvalidInput, message, fix)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    IdempotencyKey::of(headers).map_err(|error| invalid(&error.to_string(), error.fix()))
}

/// Requires one `Content-Type` of JSON, and no compression.
fn check_json(headers: &HeaderMap) -> Result<(), Problem> {
    let unsupported =
        |message, fix| Err(Problem::refusal(Kind::UnsupportedMediaType, message, fix));
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let media_type = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") || types.next().is_some() {
        return unsupported(
            "the Content-Type is not application/json",
            "Send the input as JSON, with Content-Type: application/json.",
        );
    }
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
        return unsupported(
            "the body is compressed",
            "Send the input uncompressed, without Content-Encoding.",
        );
    }
    Ok(())
}

/// Reads the body of a request within its limits.
async fn whole_body(body: Body) -> Result<Bytes, Problem> {
    // A body with a declared length is rejected before it is read.
    if usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX) > MAX_INPUT {
        return Err(too_large());
    }
    let read = axum::body::to_bytes(body, MAX_INPUT);
    match tokio::time::timeout(BODY_TIME, read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
            Err(too_large())
        }
        Ok(Err(_)) => Err(invalid("the body is incomplete", "Send the whole request again.")),
        Err(_) => Err(Problem::refusal(
            Kind::Timeout,
            "the body did not arrive in time",
            "Send the whole request at once.",
        )),
    }
}

fn too_large() -> Problem {
    Problem::refusal(
        Kind::TooLarge,
        &format!("the body has more than {MAX_INPUT} bytes"),
        "Send a smaller input.",
    )
}
