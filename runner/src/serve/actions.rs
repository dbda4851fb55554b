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
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::LengthLimitError;
use tracing::Instrument;
use url::form_urlencoded;
use uuid::Uuid;

use super::access::RequestFacts;
use super::authentication::{PresentedKey, Tenant};
use super::idempotency::IdempotencyKey;
use super::negotiation::preferred;
use super::openapi::actions::name_connections;
use super::origin::Base;
use super::problem::Problem;
use super::response::stored;
use super::service::Service;
use crate::contract::listing::{self, Description, Row};
use crate::platform::{self, Call, Failure, Refusal, RunHandle};
use crate::report::Kind;
use crate::run::host;
use crate::values;

/// The longest input, in bytes, as from the command line.
pub(super) const MAX_INPUT: usize = 1 << 20;

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
    base: Base,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let action = action_name(action)?;
    let plan = plan(query.as_deref())?;
    respond(service, caller, Asked { action, plan, base, headers }, body).await
}

/// `POST /v1/plans/{action}`: plans an action.
pub(super) async fn call_plan(
    State(service): State<Service>,
    caller: CallerParts,
    action: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    base: Base,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let action = action_name(action)?;
    if query.is_some_and(|query| !query.is_empty()) {
        let fix = "Remove the query: a plan has no parameters but its body.";
        return Err(invalid("the query has an unknown parameter", fix));
    }
    respond(service, caller, Asked { action, plan: true, base, headers }, body).await
}

/// What a request asks for.
struct Asked {
    action: String,
    plan: bool,
    base: Base,
    headers: HeaderMap,
}

/// Runs or plans an action, and returns the response.
async fn respond(
    service: Service,
    (Tenant(tenant), Extension(api_key), Extension(facts)): CallerParts,
    Asked { action, plan, base, headers }: Asked,
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
    let mut call = Call { plan, run: Some(run), ..Call::new(&tenant, &action, input) };
    let has_lines = service.0.policy.action(&call.action).is_some_and(|it| it.rows.is_some());
    call.idempotency_key = key.as_ref().map(|key| host::digest(key.as_str()));
    let later = service.later(&call, &headers);
    call.unattended = later.is_some();
    // A separate task, so that a client that disconnects stops neither the run nor the storing.
    let calls = service.0.calls.clone();
    let answering = service.clone();
    let response = async move {
        let service = answering;
        match key.filter(|_| service.uses_key(&call)) {
            Some(key) => service.once((call, RunHandle::default()), run, &key, &api_key).await,
            None if call.unattended => service.accept(call, None).await,
            None => stored(service.result(call).await),
        }
    };
    let response = calls.spawn(response.in_current_span()).await;
    let response = response.map_err(|_| Problem::new(&Failure::Internal.report()))?;
    let mut response = match response.status {
        StatusCode::ACCEPTED => {
            service.wait_or_locate(response, (&tenant, &action), later, &base, &headers).await
        }
        _ if plan => response.into_response(),
        _ => service.negotiated(response, &action, &headers).into_response(),
    };
    if has_lines {
        response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    }
    Ok(response)
}

/// Returns the list of the result to write line by line, and the media type, if the caller prefers
/// lines and the result of the action has such a list.
pub(super) fn lines(
    service: &Service,
    action: &str,
    headers: &HeaderMap,
) -> Option<(String, &'static str)> {
    let rows = service.0.policy.action(action)?.rows.clone()?;
    let offers = [&["application/json"], LINES.as_slice()].concat();
    let media_type = LINES.get(preferred(headers, &offers)?.checked_sub(1)?)?;
    Some((rows, media_type))
}

/// Returns the name of the action in a path. No name contains invalid UTF-8.
fn action_name(action: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    action.map(|Path(name)| name).map_err(|_| rejected(Refusal::NoSuchAction { nearest: None }))
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
pub(super) async fn whole_body(body: Body) -> Result<Bytes, Problem> {
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
