//! Injects faults into the calls to a recorded or simulated tenant, as a script states. Faults
//! are the same every time, and on the virtual clock.
//!
//! - `body`: bodies that are slow, truncated or altered
//! - `catalogue`: the faults
//! - `crash`: the end of the process
//! - `pages`: responses of systems between the caller and Graph
//! - `persistent`: the effects of a fault on later calls
//! - `responses`: Graph's responses
//! - `script`: the calls that meet each fault
//!
//! A fault that keeps a call from Graph works on a recording as well: the retry receives the
//! recorded response.

pub mod body;
pub mod catalogue;
mod crash;
mod pages;
mod persistent;
mod responses;
pub mod script;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tower::{Layer, ServiceExt};

use super::{EgressError, EgressStack, HttpError, Request, Response, whole, wrap};
use crate::context::{Clock, StopSignal};
use crate::graph::Refusal;

pub use catalogue::{Fault, Number, Scope};
pub use crash::Noted;
use persistent::PersistentEffect;
use responses::{Call, RetryAfter};
pub use script::{Rule, Script, ScriptError, Target};

/// The most crashes of a run: one that crashes at every call would never end.
const MOST_CRASHES: u32 = 100;

/// The faults of one run, in all its processes. Clones share the calls so far.
#[derive(Clone)]
pub struct Faults {
    script: Arc<Script>,
    state: Arc<Mutex<FaultState>>,
}

/// The layer that injects the faults of a run into the calls of one of its processes.
#[derive(Clone)]
pub struct FaultLayer {
    faults: Faults,
    /// The path of Graph's version root.
    root: Arc<str>,
    clock: Clock,
    stop: StopSignal,
}

struct FaultState {
    calls: u32,
    crashes: u32,
    /// The progress of each rule.
    progress: Vec<RuleProgress>,
    persistent: Vec<PersistentEffect>,
}

#[derive(Clone, Default)]
struct RuleProgress {
    /// The number of calls of its kind.
    seen: u32,
    happened: bool,
    /// A target that could not meet the fault.
    passed: Option<String>,
}

/// The effect of the faults on a call.
enum Verdict {
    /// The call is sent.
    Pass,
    /// The call is not sent and receives this response.
    Answer(Response),
    /// The connection is reset before the call.
    Reset,
    /// The call is sent, and its response is lost or replaced.
    Lose(Option<Response>),
    /// The call is sent, and its response is changed.
    Change(usize, Change),
    /// The process ends. A call that meets an earlier fault's effect receives this response.
    Crash(Crash, Option<Response>),
}

#[derive(Clone, Copy)]
enum Crash {
    Before,
    After,
    Noted,
}

#[derive(Clone, Copy)]
enum Change {
    Break,
    Mark,
    Cut,
    Slow(Duration),
    Lag(u32),
}

impl Layer<EgressStack> for FaultLayer {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(
            self,
            inner,
            |faults, request, inner| async move { faults.answer(request, inner).await },
        )
    }
}

impl Faults {
    /// Creates the faults of `script`.
    pub fn new(script: Script) -> Self {
        let progress = vec![RuleProgress::default(); script.rules.len()];
        let state = FaultState { calls: 0, crashes: 0, progress, persistent: Vec::new() };
        Self { script: Arc::new(script), state: Arc::new(Mutex::new(state)) }
    }

    /// Returns the layer of a process of the run on `clock`, which a crash ends with `stop`.
    /// `root` is the path of Graph's version root, such as `/v1.0`.
    pub fn within(&self, root: &str, clock: Clock, stop: StopSignal) -> FaultLayer {
        FaultLayer { faults: self.clone(), root: root.trim_end_matches('/').into(), clock, stop }
    }

    /// Returns a sentence for each fault that did not happen.
    pub fn missed(&self) -> Vec<String> {
        let state = self.state();
        let rules = self.script.rules.iter().zip(&state.progress);
        rules
            .filter(|(_, progress)| !progress.happened)
            .map(|(rule, progress)| {
                let why = match &progress.passed {
                    Some(call) => {
                        format!(
                            "it applies to {}, and {call} is not one of these",
                            rule.fault.meets().in_words()
                        )
                    }
                    None => format!("none of the {} calls of the run is its target", state.calls),
                };
                format!("the fault {rule} did not happen: {why}")
            })
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, FaultState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultLayer {
    async fn answer(&self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        match self.decide(&request) {
            Verdict::Pass => inner.oneshot(request).await,
            Verdict::Answer(response) => Ok(response),
            Verdict::Reset => Err(EgressError::Http(HttpError::ConnectionTerminated)),
            Verdict::Lose(in_its_place) => {
                // A stop of the run is not a response.
                if let Err(stop @ EgressError::Stop(_)) = inner.oneshot(request).await {
                    return Err(stop);
                }
                in_its_place.ok_or(EgressError::Http(HttpError::ConnectionTerminated))
            }
            Verdict::Change(rule, change) => {
                let response = inner.oneshot(request).await?;
                self.change(rule, change, response).await
            }
            Verdict::Crash(Crash::Before, _) => crash::now(&self.stop).await,
            Verdict::Crash(crash, response) => {
                let response = match response {
                    Some(response) => Ok(response),
                    None => inner.oneshot(request).await,
                };
                match crash {
                    Crash::Noted => response.map(Noted::mark),
                    Crash::Before | Crash::After => crash::now(&self.stop).await,
                }
            }
        }
    }

    /// Changes a response.
    async fn change(
        &self,
        rule: usize,
        change: Change,
        response: Response,
    ) -> Result<Response, EgressError> {
        let success = response.status().is_success();
        let (mut head, body) = response.into_parts();
        let bytes = body.collect().await.map_err(EgressError::Http)?.to_bytes();
        let (body, happened) = match change {
            _ if bytes.is_empty() => (whole(Bytes::new()), false),
            Change::Break => (body::broken(bytes), true),
            Change::Mark | Change::Cut if !body::is_object(&bytes) => (whole(bytes), false),
            Change::Mark => (body::all_of(body::marked(&bytes), &mut head.headers), true),
            Change::Cut => (body::all_of(body::cut(bytes), &mut head.headers), true),
            Change::Slow(duration) => (body::slow(bytes, duration, &self.clock), true),
            Change::Lag(left) => {
                let lag = PersistentEffect::lag(&bytes, left).filter(|_| success);
                let happened = lag.is_some();
                self.faults.state().persistent.extend(lag);
                (whole(bytes), happened)
            }
        };
        if let Some(progress) = self.faults.state().progress.get_mut(rule) {
            progress.happened |= happened;
            progress.passed = Some("an answer without a body, or a refusal".to_owned());
        }
        Ok(http::Response::from_parts(head, body))
    }

    /// Decides on the next call.
    fn decide(&self, request: &Request) -> Verdict {
        let mut state = self.faults.state();
        state.calls = state.calls.saturating_add(1);
        let path = request.uri().path();
        let call = Call {
            request,
            path: path.strip_prefix(&*self.root).unwrap_or(path),
            number: state.calls,
            seed: self.faults.script.seed,
            now: self.clock.now(),
        };
        let chosen = self.faults.choose(&mut state, &call);
        if let Some((index, rule)) = chosen {
            let verdict = verdict(index, rule, &call, &mut state.persistent);
            // A change happens only to a response.
            let happens = !matches!(verdict, Verdict::Change(..));
            if let Some(progress) = state.progress.get_mut(index) {
                progress.happened |= happens;
            }
            return verdict;
        }
        lasting(&mut state.persistent, &call).map_or(Verdict::Pass, Verdict::Answer)
    }
}

impl Faults {
    /// Returns the first rule whose target is this call and whose fault it can meet. Every rule
    /// counts the call.
    fn choose(&self, state: &mut FaultState, call: &Call<'_>) -> Option<(usize, &Rule)> {
        let uri = call.request.uri();
        let method = call.request.method();
        let path = call.path;
        let mut chosen = None;
        for (index, (rule, progress)) in
            self.script.rules.iter().zip(&mut state.progress).enumerate()
        {
            let is_target = match &rule.target {
                Target::Number(number) => *number == call.number,
                Target::Kind { call: kind, nth } => {
                    let of_kind = kind.matches(method, path);
                    progress.seen = progress.seen.saturating_add(of_kind.into());
                    of_kind && progress.seen == *nth
                }
                Target::Every(k) => one_in(*k, call, index),
            };
            if !is_target || chosen.is_some() {
                continue;
            }
            let may_crash = state.crashes < MOST_CRASHES || !rule.fault.crashes();
            if may_crash && rule.covers(method, path, uri.query()) {
                state.crashes = state.crashes.saturating_add(rule.fault.crashes().into());
                chosen = Some((index, rule));
            } else {
                progress.passed = Some(format!("{method} {path}"));
            }
        }
        chosen
    }
}

/// Returns the response to a call that meets the effect of an earlier fault.
fn lasting(persistent: &mut [PersistentEffect], call: &Call<'_>) -> Option<Response> {
    persistent.iter_mut().find_map(|persistent| persistent.response(call))
}

/// Returns the effect of a fault on a call.
fn verdict(
    index: usize,
    rule: &Rule,
    call: &Call<'_>,
    persistent: &mut Vec<PersistentEffect>,
) -> Verdict {
    let value = rule.number().unwrap_or_default();
    Verdict::Answer(match rule.fault {
        Fault::Throttled => call.throttled(RetryAfter::Seconds(value)),
        Fault::ThrottledUntimed => call.throttled(RetryAfter::None),
        Fault::ThrottledFraction => call.throttled(RetryAfter::Fraction),
        Fault::ThrottledDate => call.throttled(RetryAfter::Date(value)),
        Fault::Unavailable => call.unavailable(RetryAfter::Seconds(value)),
        Fault::UnavailableUntimed => call.unavailable(RetryAfter::None),
        Fault::GatewayTimeoutBefore => call.gateway_timeout(),
        Fault::GatewayTimeoutAfter => return Verdict::Lose(Some(call.gateway_timeout())),
        Fault::ResetBefore => return Verdict::Reset,
        Fault::ResetAfter => return Verdict::Lose(None),
        Fault::ResetMidBody => return Verdict::Change(index, Change::Break),
        Fault::SlowBody => {
            let duration = Duration::from_secs(value.into());
            return Verdict::Change(index, Change::Slow(duration));
        }
        Fault::ReplicationLag => return Verdict::Change(index, Change::Lag(value)),
        Fault::PageTokenExpired => call.page_token_expired(),
        Fault::TokenExpired => {
            persistent.push(PersistentEffect::TokenExpired);
            call.token_expired()
        }
        Fault::LastSeatTaken => {
            let sku_id = persistent::sku_of(call.request.body()).unwrap_or_default();
            let response = call.refused(&Refusal::no_seats(&sku_id));
            persistent.push(PersistentEffect::SeatTaken { sku_id });
            response
        }
        Fault::FederatedDomain => call.refused(&Refusal::federated_domain()),
        Fault::AddressTaken => call.refused(&Refusal::address_taken()),
        Fault::DirectoryFull => call.refused(&Refusal::directory_full()),
        Fault::MessageLimit => call.refused(&Refusal::message_limit()),
        Fault::SendingBlocked => call.refused(&Refusal::sending_blocked()),
        Fault::Html => call.portal(),
        Fault::HtmlAfter => return Verdict::Lose(Some(call.portal())),
        Fault::ErrorInSuccess => call.error_in_success(),
        Fault::Empty => call.empty(value),
        Fault::EmptyAfter => return Verdict::Lose(Some(call.empty(value))),
        Fault::ProxyPage => call.proxy_page(value),
        Fault::ByteOrderMark => return Verdict::Change(index, Change::Mark),
        Fault::CutJson => return Verdict::Change(index, Change::Cut),
        Fault::CrashBefore => return Verdict::Crash(Crash::Before, None),
        Fault::CrashAfter => return Verdict::Crash(Crash::After, lasting(persistent, call)),
        Fault::CrashNoted => return Verdict::Crash(Crash::Noted, lasting(persistent, call)),
    })
}

/// Whether the seed selects this call, one in `k`, for the rule `index`.
fn one_in(k: u32, call: &Call<'_>, index: usize) -> bool {
    let mut hash = Sha256::new();
    hash.update(call.seed.to_le_bytes());
    hash.update(call.number.to_le_bytes());
    hash.update(index.to_le_bytes());
    let digest = hash.finalize();
    let bytes = digest.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(bytes).is_multiple_of(k.into())
}
