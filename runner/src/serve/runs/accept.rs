//! The calls that nobody waits for.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::entry::RunEntry;
use super::prefer::{APPLIED, RespondAsync};
use crate::base_url::BaseUrl;
use crate::journal::Unfinished;
use crate::platform::{Call, CallResult, Failure, RunHandle};
use crate::serve::actions::lines;
use crate::serve::idempotency::{Reservation, StoredResponse};
use crate::serve::origin::Base;
use crate::serve::response::{
    JSON, RUN_ID, cannot_store, in_lines, run_id, stored, stored_problem,
};
use crate::serve::service::Service;
use crate::store::StoreError;
use crate::values::JsonText;

/// The outcome of a run.
pub(in crate::serve) type Outcome = Result<JsonText, Failure>;

/// The number of seconds after which to ask for a result again.
const POLL_AGAIN: u32 = 5;

impl Service {
    /// Returns whether the caller of an action prefers not to wait. Neither a plan nor an action
    /// that makes no calls takes long.
    pub(in crate::serve) fn later(&self, call: &Call, headers: &HeaderMap) -> Option<RespondAsync> {
        let policy = self.0.policy.action(&call.action);
        let is_long = !call.plan && policy.is_some_and(|policy| !policy.calls.is_empty());
        RespondAsync::of(headers).filter(|_| is_long)
    }

    /// Accepts a call, whose run is not lost when this returns 202.
    pub(in crate::serve) async fn accept(
        &self,
        call: Call,
        reservation: Option<Reservation>,
    ) -> StoredResponse {
        let (tenant, action) = (call.tenant.clone(), call.action.clone());
        let run = call.run.unwrap_or_else(Uuid::now_v7);
        let accepted = match self.0.platform.accept(Call { run: Some(run), ..call }).await {
            Ok(accepted) => accepted,
            Err(failure) => {
                let result = self.counted(&tenant, &action, CallResult::failed(run, failure));
                return match reservation {
                    Some(reservation) => self.respond_once(result, reservation, false).await,
                    None => stored(result),
                };
            }
        };
        let mut entry = RunEntry::of_accepted(&accepted, &tenant, &action);
        if let Err(error) = self.0.runs.claim(&mut entry).await {
            accepted.withdraw();
            if let Some(reservation) = reservation {
                // If this fails, a repeat learns that the call was interrupted.
                let _ = reservation.forget().await;
            }
            return stored_problem(&cannot_store(&error.into(), run), Some(run));
        }
        let response = accepted_response(&entry);
        let is_kept = reserved(reservation, &response, run).await;
        let (handle, platform) = (accepted.handle(), self.0.platform.clone());
        let result = async move { platform.run_accepted(accepted).await };
        self.hold(entry, handle, result, is_kept);
        response
    }

    /// Continues a run that an earlier process did not end. Returns what receives its outcome;
    /// `None` if its result was stored before.
    ///
    /// # Errors
    /// Fails when the store cannot be read or written.
    pub(in crate::serve) async fn accept_again(
        &self,
        unfinished: Unfinished,
        reservation: Option<Reservation>,
    ) -> Result<Option<oneshot::Receiver<Outcome>>, StoreError> {
        let begun = &unfinished.begun;
        let known = self.0.runs.find(&begun.tenant, begun.run).await?;
        let entry = known.unwrap_or_else(|| RunEntry::of_begun(begun));
        let is_kept = reserved(reservation, &accepted_response(&entry), begun.run).await;
        if entry.ended.is_some() {
            // Its result was stored before the crash.
            self.0.runs.tell_end(&entry).await?;
            self.0.platform.forget(&unfinished);
            return Ok(None);
        }
        let mut entry = entry.held_anew();
        self.0.runs.claim(&mut entry).await?;
        let (handle, platform) = (RunHandle::of(&unfinished), self.0.platform.clone());
        let (shown, (ended, outcome)) = (handle.clone(), oneshot::channel());
        let result = async move {
            let result = platform.resume(unfinished, shown).await;
            // Only a command waits for it.
            let _ = ended.send(result.outcome.clone());
            result
        };
        self.hold(entry, handle, result, is_kept);
        Ok(Some(outcome))
    }

    /// Returns the result of a run that was accepted, if it comes within the time that the caller
    /// waits, or else the address at which to ask for it.
    pub(in crate::serve) async fn wait_or_locate(
        &self,
        accepted: StoredResponse,
        (tenant, action): (&str, &str),
        later: Option<RespondAsync>,
        base: &Base,
        headers: &HeaderMap,
    ) -> Response {
        let run = accepted.headers.get(RUN_ID).and_then(|run| run.to_str().ok()?.parse().ok());
        let wait = later.and_then(|later| later.wait);
        let ended = match (run, wait) {
            (Some(run), Some(wait)) => self.0.runs.ended_within(tenant, run, wait).await,
            _ => None,
        };
        let response = match ended {
            Some(response) => self.negotiated(response, action, headers),
            None => {
                let token = run.map(|run| self.token(tenant, run));
                located(accepted, base.0.as_ref(), run, token.as_deref())
            }
        };
        let mut response = response.into_response();
        if let Some(later) = later {
            response.headers_mut().insert(APPLIED, later.applied());
        }
        response
    }

    /// Returns a token for a run of a tenant.
    pub(super) fn token(&self, tenant: &str, run: Uuid) -> String {
        let limits = self.0.platform.tenant(tenant).map(|tenant| tenant.limits);
        self.0.runs.token(tenant, run, limits.unwrap_or_default().time)
    }

    /// Returns a result in the form that the request prefers.
    pub(in crate::serve) fn negotiated(
        &self,
        response: StoredResponse,
        action: &str,
        headers: &HeaderMap,
    ) -> StoredResponse {
        match lines(self, action, headers) {
            Some((rows, media_type)) => in_lines(response, &rows, media_type),
            None => response,
        }
    }
}

impl super::Runs {
    /// Returns the response of a run that has ended, or that this process ends soon enough.
    async fn ended_within(
        &self,
        tenant: &str,
        run: Uuid,
        wait: Duration,
    ) -> Option<StoredResponse> {
        let live = self.live().get(&run).map(|live| live.ended.clone());
        if let Some(mut ended) = live {
            let response = tokio::time::timeout(wait, ended.wait_for(Option::is_some)).await;
            return response.ok()?.ok()?.clone();
        }
        let entry = self.find(tenant, run).await.ok()??;
        let end = entry.ended.as_ref()?;
        self.response(&entry, end).await.ok()?
    }
}

/// Stores the response under the idempotency key of a call. Returns whether it is kept, or there is
/// no key.
async fn reserved(reservation: Option<Reservation>, response: &StoredResponse, run: Uuid) -> bool {
    let Some(reservation) = reservation else { return true };
    match reservation.finish(response.clone()).await {
        Ok(_) => true,
        Err(error) => {
            // The run is in its journal, so it is made nevertheless.
            tracing::error!(%run, %error, "a response could not be stored");
            false
        }
    }
}

/// Returns the response to a call that was accepted, without its address.
fn accepted_response(entry: &RunEntry) -> StoredResponse {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON), (RUN_ID, run_id(entry.run))]);
    let body = Bytes::from(entry.shown().to_string());
    StoredResponse { status: StatusCode::ACCEPTED, headers, body }
}

/// Returns the response about a run that has not ended.
pub(super) fn unended(entry: &RunEntry, base: Option<&BaseUrl>, token: &str) -> StoredResponse {
    located(accepted_response(entry), base, Some(entry.run), Some(token))
}

/// Adds the address of a run with a token, and when to ask there.
fn located(
    mut response: StoredResponse,
    base: Option<&BaseUrl>,
    run: Option<Uuid>,
    token: Option<&str>,
) -> StoredResponse {
    let Some((run, token)) = run.zip(token) else { return response };
    let base = base.map(ToString::to_string).unwrap_or_default();
    // All of it is visible ASCII.
    if let Ok(location) = HeaderValue::try_from(format!("{base}/v1/runs/{run}?token={token}")) {
        response.headers.insert(LOCATION, location);
    }
    response.headers.insert(RETRY_AFTER, POLL_AGAIN.into());
    response
}
