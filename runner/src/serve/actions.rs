//! The actions over HTTP: their list, one explained, and a call.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde_json::json;
use tracing::Instrument;
use tracing::field::display;
use url::form_urlencoded;
use uuid::Uuid;

use super::access::RequestFacts;
use super::authentication::{PresentedKey, Tenant};
use super::idempotency::{Attempt, Begun, IdempotencyKey, Reservation, StoredResponse};
use super::openapi::actions::name_connections;
use super::problem::Problem;
use super::response::{kept, kept_problem, not_kept, unknown};
use super::service::Service;
use crate::contract::listing::{self, Description, Row};
use crate::platform::{Call, Failure, Refusal};
use crate::report::Kind;
use crate::run::host;
use crate::values;

/// The longest input, in bytes, as from the command line.
const MAX_INPUT: usize = 1 << 20;

/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(30);

/// `GET /v1/actions`: those that the tenant may run.
pub(super) async fn list(State(service): State<Service>, Tenant(id): Tenant) -> Json<Vec<Row>> {
    let rows = listing::rows(&service.0.documents.load(), &service.0.policy);
    let tenant = service.0.platform.tenant(&id);
    let allowed = |row: &Row| tenant.as_ref().is_some_and(|tenant| tenant.may_run(&row.name));
    Json(rows.into_iter().filter(allowed).collect())
}

/// `GET /v1/actions/{action}`: what it takes and returns.
pub(super) async fn describe(
    State(service): State<Service>,
    Tenant(id): Tenant,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Description>, Problem> {
    let name = named(name)?;
    let documents = service.0.documents.load();
    let tenant = service.0.platform.tenant(&id);
    let may_run = |name: &str| tenant.as_ref().is_some_and(|tenant| tenant.may_run(name));
    let Some(action) = documents.action(&name) else {
        let known = documents.actions().map(|action| action.name).filter(|name| may_run(name));
        let nearest = values::problem::nearest(&name, known).map(ToOwned::to_owned);
        return Err(refused(Refusal::NoSuchAction { nearest }));
    };
    if !may_run(&name) {
        return Err(refused(Refusal::NotAllowed { action: name }));
    }
    let mut described = Description::of(&documents, &action).map_err(|error| {
        let fix = "Report it to whoever built the component.";
        Problem::refusal(Kind::Internal, &error.to_string(), fix)
    })?;
    let links = tenant.iter().flat_map(|tenant| &tenant.links);
    let connections: Vec<String> = links.map(|link| link.id().to_owned()).collect();
    name_connections(&mut described.input, &connections);
    Ok(Json(described))
}

/// `POST /v1/actions/{action}`: a call of it.
pub(super) async fn call(
    State(service): State<Service>,
    Tenant(tenant): Tenant,
    (Extension(shown), Extension(exchange)): (Extension<PresentedKey>, Extension<RequestFacts>),
    action: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let action = named(action)?;
    let plan = plan(query.as_deref())?;
    let key = idempotency_key(&headers)?;
    is_json(&headers)?;
    let body = whole_body(body).await?;
    let input =
        values::parse(&body, MAX_INPUT).map_err(|problems| refused(Refusal::Input(problems)))?;
    let run = Uuid::now_v7();
    exchange.runs(run);
    let mut call = Call { plan, run: Some(run), ..Call::new(tenant, action, input) };
    call.idempotency_key = key.as_ref().map(|key| host::digest(key.as_str()));
    // By itself, so that a caller who goes away cuts off neither the run nor what is kept of it.
    let calls = service.0.calls.clone();
    let answered = async move {
        match key {
            Some(key) => service.once(call, run, &key, &shown).await,
            None => service.run(call).await.0,
        }
    };
    let answered = calls.spawn(answered.in_current_span());
    let kept = answered.await.map_err(|_| Problem::new(&Failure::Internal.report()))?;
    Ok(kept.into_response())
}

/// The action that a path names. What is not UTF-8 there is no action's name.
fn named(action: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    action.map(|Path(name)| name).map_err(|_| refused(Refusal::NoSuchAction { nearest: None }))
}

impl Service {
    /// Runs a call; its answer, and whether a repeat of the call is to be given the same.
    async fn run(&self, call: Call) -> (StoredResponse, bool) {
        let (tenant, action) = (call.tenant.clone(), call.action.clone());
        let answer = self.0.platform.run(call).await;
        // Of a name that is no action's there could be any number.
        if self.0.policy.action(&action).is_some() {
            self.0.metrics.count(&tenant, &action, &answer);
        }
        let refused = matches!(answer.outcome, Err(Failure::Refused(_)));
        let again = answer.outcome.as_ref().is_err_and(|it| it.report().asks_to_repeat());
        (kept(answer), !refused && !again)
    }

    /// Runs a call unless it was run before under its key.
    async fn once(
        &self,
        call: Call,
        run: Uuid,
        key: &IdempotencyKey,
        shown: &PresentedKey,
    ) -> StoredResponse {
        let policy = self.0.policy.action(&call.action);
        let mut input = call.input.clone();
        input.sort_all_objects();
        let secrets = policy.zip(input.as_object_mut());
        let secrets = secrets.map(|(policy, input)| policy.take_secrets(input));
        let secrets = json!(secrets).to_string();
        let request = format!("{}\n{}\n{input}", call.action, call.plan);
        let attempt = Attempt {
            tenant: &call.tenant,
            key,
            request: request.as_bytes(),
            secrets: secrets.as_bytes(),
            caller: shown.0.expose_secret().as_bytes(),
            run,
            harmless: call.plan || policy.is_some_and(|known| known.idempotent),
        };
        let begun = self.0.answers.begin(attempt).await;
        match begun {
            Ok(Begun::First(reservation)) => self.first(call, reservation).await,
            Ok(Begun::Again(answer)) => answer,
            Ok(Begun::OtherBody) => kept_problem(
                &Problem::refusal(
                    Kind::KeyReused,
                    "the idempotency key was used for another call: its action, its body or its plan differs",
                    "Send the first call again for its answer, or a new key with this one.",
                ),
                None,
            ),
            Ok(Begun::NotKept { status, run }) => kept_problem(
                &unknown(
                    &format!(
                        "the call was answered before, with status {status}, and its answer is no longer kept"
                    ),
                    run,
                ),
                Some(run),
            ),
            Ok(Begun::Interrupted { run, reservation }) => {
                let told = unknown("the call was begun before, and the server was cut off", run);
                let answer = kept_problem(&told, Some(run));
                // A repeat finds the same when this cannot be kept.
                let _ = reservation.finish(answer.clone()).await;
                answer
            }
            Err(error) => kept_problem(&not_kept(&error.to_string(), run), Some(run)),
        }
    }

    async fn first(&self, call: Call, reservation: Reservation) -> StoredResponse {
        let run = call.run.map(display);
        let (answer, is_last) = self.run(call).await;
        if !is_last {
            // Where that fails, a repeat is told that the call was cut off.
            let _ = reservation.forget().await;
            return answer;
        }
        match reservation.finish(answer.clone()).await {
            Ok(()) => answer,
            Err(error) => {
                // What was done is done: its answer is worth more than that it is not kept.
                tracing::error!(run, %error, "an answer could not be kept");
                answer
            }
        }
    }
}

fn refused(refusal: Refusal) -> Problem {
    Problem::new(&Failure::Refused(refusal).report())
}

/// Whether the query asks for a plan; nothing else can be asked for.
fn plan(query: Option<&str>) -> Result<bool, Problem> {
    let mut plan = None;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let known = match (&*name, &*value) {
            ("plan", "true") => true,
            ("plan", "false") => false,
            ("plan", _) => {
                let fix = "Write ?plan=true for a plan, and nothing for a run.";
                return Err(wrong("the query's plan is neither true nor false", fix));
            }
            _ => {
                let fix = "Remove it: a call takes ?plan=true and nothing else.";
                return Err(wrong("the query has a parameter that there is not", fix));
            }
        };
        if plan.replace(known).is_some() {
            return Err(wrong("the query has plan twice", "Keep one of them."));
        }
    }
    Ok(plan.unwrap_or_default())
}

fn wrong(message: &str, fix: &str) -> Problem {
    Problem::refusal(Kind::InvalidInput, message, fix)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    IdempotencyKey::of(headers).map_err(|error| wrong(&error.to_string(), error.fix()))
}

/// Whether the body says that it is JSON, once, and not packed.
fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let kind = kinds.next().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") || kinds.next().is_some() {
        return Err(Problem::refusal(
            Kind::UnsupportedMediaType,
            "the body is not said to be JSON",
            "Send the input as JSON, with Content-Type: application/json.",
        ));
    }
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
        return Err(Problem::refusal(
            Kind::UnsupportedMediaType,
            "the body is compressed",
            "Send the input as it is, without Content-Encoding.",
        ));
    }
    Ok(())
}

/// The body of a request, read within its limits.
async fn whole_body(body: Body) -> Result<Bytes, Problem> {
    // One that says so is not waited for.
    if usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX) > MAX_INPUT {
        return Err(too_large());
    }
    let read = axum::body::to_bytes(body, MAX_INPUT);
    match tokio::time::timeout(BODY_TIME, read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(too_large()),
        Ok(Err(_)) => Err(wrong("the body broke off", "Send the whole request again.")),
        Err(_) => Err(Problem::refusal(
            Kind::Timeout,
            "the body did not come in time",
            "Send the whole request at once.",
        )),
    }
}

fn too_large() -> Problem {
    Problem::refusal(
        Kind::TooLarge,
        &format!("the body has more than {MAX_INPUT} bytes"),
        "Send less: the largest thing in an input is a private key.",
    )
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}
