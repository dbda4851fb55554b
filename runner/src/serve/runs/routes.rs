//! The addresses of runs.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::VARY;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::accept::unended;
use super::entry::{RunEnd, RunEntry};
use crate::report::{Kind, Report};
use crate::serve::actions::invalid;
use crate::serve::authentication::{PresentedToken, Tenant};
use crate::serve::origin::Base;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::store::StoreError;

/// The path of the list of runs.
pub(in crate::serve) const PATH: &str = "/v1/runs";

/// The query parameter with the token of a run.
const TOKEN: &str = "token";

/// The number of runs in one part of the list, and the largest.
pub(in crate::serve) const LIMIT: usize = 25;
pub(in crate::serve) const LARGEST_LIMIT: usize = 100;

/// `GET /v1/runs`: lists the runs of the tenant, the newest first.
pub(in crate::serve) async fn list(
    State(service): State<Service>,
    Tenant(tenant): Tenant,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    let Page { limit, before } = Page::of(query.as_deref().unwrap_or_default())?;
    let mut entries = service.0.runs.of_tenant(&tenant).await.map_err(|it| unreadable(&it))?;
    entries.retain(|entry| before.is_none_or(|before| entry.run < before));
    let rest = entries.split_off(limit.min(entries.len()));
    let runs: Vec<Value> = entries.iter().map(RunEntry::shown).collect();
    let mut page = json!({ "runs": runs });
    let last = entries.last().filter(|_| !rest.is_empty());
    if let (Some(last), Some(page)) = (last, page.as_object_mut()) {
        page.insert("continuation".to_owned(), json!(last.run));
    }
    Ok(Json(page))
}

/// `GET /v1/runs/{run}`: the result of a run, or how far it is.
pub(in crate::serve) async fn get(
    State(service): State<Service>,
    Tenant(tenant): Tenant,
    presented: Option<Extension<PresentedToken>>,
    run: Result<Path<String>, PathRejection>,
    base: Base,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let entry = service.run_of(&tenant, run).await?;
    let Some(end) = &entry.ended else {
        // The address that is polled stays the same.
        let token = match presented {
            Some(Extension(PresentedToken(token))) => token,
            None => service.token(&tenant, entry.run),
        };
        return Ok(unended(&entry, base.0.as_ref(), &token).into_response());
    };
    let response = service.0.runs.response(&entry, end).await.map_err(|it| unreadable(&it))?;
    let response = response.ok_or_else(|| not_kept(&entry, end, &service))?;
    let mut response = service.negotiated(response, &entry.action, &headers).into_response();
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// `DELETE /v1/runs/{run}`: cancels a run before its next write. One that has ended stays as it is.
pub(in crate::serve) async fn cancel(
    State(service): State<Service>,
    Tenant(tenant): Tenant,
    run: Result<Path<String>, PathRejection>,
    base: Base,
) -> Result<Response, Problem> {
    let mut entry = service.run_of(&tenant, run).await?;
    if entry.ended.is_some() {
        return Ok((StatusCode::OK, Json(entry.shown())).into_response());
    }
    service.0.runs.ask_to_cancel(entry.run).await.map_err(|it| unreadable(&it))?;
    entry.is_cancelled = true;
    let token = service.token(&tenant, entry.run);
    Ok(unended(&entry, base.0.as_ref(), &token).into_response())
}

/// Returns the tenant and the token of a request that has a valid token in place of a key.
pub(in crate::serve) fn token_holder(
    service: &Service,
    request: &Request,
) -> Option<(String, PresentedToken)> {
    let run = request.uri().path().strip_prefix(PATH)?.strip_prefix('/')?;
    let run: Uuid = run.parse().ok().filter(|_| request.method().is_safe())?;
    let query = form_urlencoded::parse(request.uri().query()?.as_bytes());
    let token = query.into_iter().find_map(|(name, value)| (name == TOKEN).then_some(value))?;
    let tenant = service.0.runs.0.tokens.tenant(&token, run, Timestamp::now())?;
    service.0.platform.tenant(&tenant)?;
    Some((tenant, PresentedToken(token.into_owned())))
}

impl Service {
    /// Returns the run of a tenant in a path.
    async fn run_of(
        &self,
        tenant: &str,
        run: Result<Path<String>, PathRejection>,
    ) -> Result<RunEntry, Problem> {
        let run = run.ok().and_then(|Path(run)| run.parse().ok());
        let entry = match run {
            None => None,
            Some(run) => self.0.runs.find(tenant, run).await.map_err(|it| unreadable(&it))?,
        };
        entry.ok_or_else(|| {
            let fix = "List the runs with GET /v1/runs; a run is kept for a day after its end.";
            Problem::refusal(Kind::NoSuchRun, "the tenant has no such run", fix)
        })
    }
}

/// A part of the list of runs.
struct Page {
    limit: usize,
    /// The run after which it begins, in the order of the list.
    before: Option<Uuid>,
}

impl Page {
    fn of(query: &str) -> Result<Self, Problem> {
        let mut page = Self { limit: LIMIT, before: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "limit" => {
                    let limit = value.parse().ok();
                    let limit = limit.filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
                    page.limit = limit.ok_or_else(|| {
                        let fix = format!("Use a number from 1 to {LARGEST_LIMIT}.");
                        invalid("the query parameter limit is out of its range", &fix)
                    })?;
                }
                "continuation" => {
                    page.before = Some(value.parse().map_err(|_| {
                        let fix = "Use the continuation of the part before.";
                        invalid("the query parameter continuation is of no list", fix)
                    })?);
                }
                _ => {
                    let fix = "Use limit and continuation alone.";
                    return Err(invalid("the query has an unknown parameter", fix));
                }
            }
        }
        Ok(page)
    }
}

/// Returns the problem document of a run whose result is not kept.
fn not_kept(entry: &RunEntry, end: &RunEnd, service: &Service) -> Problem {
    let RunEnd { outcome, status, bytes, .. } = end;
    let message = format!(
        "the run ended with {outcome} and status {status}, and its result of {bytes} bytes is not kept: it is too large, or older than others"
    );
    let fix = "Call without Prefer: respond-async for a result of this size, or ask for less at once; look first at what a call that changes something has done.";
    let mut report = Report::new(Kind::OutcomeUnknown, message, fix);
    let policy = service.0.policy.action(&entry.action);
    report.retry_safe = policy.is_some_and(|policy| policy.idempotent);
    Problem::new(&report)
}

/// Returns the problem document of a request for which the store cannot be used.
fn unreadable(error: &StoreError) -> Problem {
    tracing::error!(%error, fix = error.fix(), "the runs that nobody waits for are not known");
    Problem::refusal(
        Kind::Environment,
        "the server cannot use the store of its runs, and its log says why",
        "Ask again later, or ask the operator of the server to check its log.",
    )
}
