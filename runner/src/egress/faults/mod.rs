//! Faults in front of a recorded or simulated tenant, by a script: the same every time, and
//! on the virtual clock.
//!
//! - `catalogue`: the faults that there are
//! - `script`: which of them meets which call
//! - `answers`: what Graph says then
//! - `persistent`: what a fault leaves behind for later calls
//! - `pages`: what something between the caller and Graph says instead
//! - `body`: bodies that come slowly, break off or are not as Graph wrote them
//!
//! A fault that keeps a call from Graph works on a recording as well: the repeat of the
//! call meets the recorded answer.

mod answers;
pub mod body;
pub mod catalogue;
mod pages;
mod persistent;
pub mod script;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tower::{Layer, ServiceExt};

use super::{EgressError, EgressStack, HttpError, Request, Response, whole, wrap};
use crate::context::Clock;

use answers::{Asked, ComeBack};
pub use catalogue::{Fault, Meets, Number};
use persistent::PersistentEffect;
pub use script::{Rule, Script, ScriptError, Target};

/// The faults of one run.
#[derive(Clone)]
pub struct Faults {
    script: Arc<Script>,
    /// The path of Graph's version root.
    root: Arc<str>,
    clock: Clock,
    state: Arc<Mutex<Progressed>>,
}

struct Progressed {
    calls: u32,
    /// What has become of each rule.
    progress: Vec<Progress>,
    persistent: Vec<PersistentEffect>,
}

#[derive(Clone, Default)]
struct Progress {
    /// How many calls of its kind there were.
    seen: u32,
    happened: bool,
    /// A call that it was meant for and could not meet.
    passed: Option<String>,
}

/// What to do with a call.
enum Verdict {
    /// It goes through.
    Pass,
    /// It is answered, and goes no further.
    Answer(Response),
    /// It does not arrive.
    Reset,
    /// It goes through, and its answer is lost.
    Lose(Option<Response>),
    /// It goes through, and something becomes of its answer.
    Change(usize, Change),
}

#[derive(Clone, Copy)]
enum Change {
    Break,
    Mark,
    Cut,
    Slow(Duration),
    Lag(u32),
}

impl Layer<EgressStack> for Faults {
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
    /// Puts in the faults of `script`. `root` is the path of Graph's version root, such as
    /// `/v1.0`.
    pub fn new(script: Script, root: &str, clock: Clock) -> Self {
        let progress = vec![Progress::default(); script.rules.len()];
        let state = Progressed { calls: 0, progress, persistent: Vec::new() };
        Self {
            script: Arc::new(script),
            root: root.trim_end_matches('/').into(),
            clock,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The faults that have not happened, each in a sentence.
    pub fn missed(&self) -> Vec<String> {
        let state = self.state();
        let rules = self.script.rules.iter().zip(&state.progress);
        rules
            .filter(|(_, progress)| !progress.happened)
            .map(|(rule, progress)| {
                let why = match &progress.passed {
                    Some(call) => {
                        format!("it meets {}, and {call} is none", rule.fault.meets().in_words())
                    }
                    None => format!("the run made {} calls, and none was meant", state.calls),
                };
                format!("the fault {rule} did not happen: {why}")
            })
            .collect()
    }

    async fn answer(&self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        match self.decide(&request) {
            Verdict::Pass => inner.oneshot(request).await,
            Verdict::Answer(response) => Ok(response),
            Verdict::Reset => Err(EgressError::Http(HttpError::ConnectionTerminated)),
            Verdict::Lose(in_its_place) => {
                // What ends the run is no answer that could be lost.
                if let Err(stop @ EgressError::Stop(_)) = inner.oneshot(request).await {
                    return Err(stop);
                }
                in_its_place.ok_or(EgressError::Http(HttpError::ConnectionTerminated))
            }
            Verdict::Change(rule, change) => {
                let response = inner.oneshot(request).await?;
                self.change(rule, change, response).await
            }
        }
    }

    /// Does to an answer what its fault does.
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
                self.state().persistent.extend(lag);
                (whole(bytes), happened)
            }
        };
        if let Some(progress) = self.state().progress.get_mut(rule) {
            progress.happened |= happened;
            progress.passed = Some("an answer without a body, or a refusal".to_owned());
        }
        Ok(http::Response::from_parts(head, body))
    }

    /// What becomes of the next call.
    fn decide(&self, request: &Request) -> Verdict {
        let mut state = self.state();
        state.calls = state.calls.saturating_add(1);
        let path = request.uri().path();
        let asked = Asked {
            request,
            path: path.strip_prefix(&*self.root).unwrap_or(path),
            number: state.calls,
            seed: self.script.seed,
            now: self.clock.now(),
        };
        let chosen = self.choose(&mut state, &asked);
        if let Some((index, rule)) = chosen {
            let verdict = verdict(index, rule, &asked, &mut state.persistent);
            // What becomes of an answer is only seen when there is one.
            let happens = !matches!(verdict, Verdict::Change(..));
            if let Some(progress) = state.progress.get_mut(index) {
                progress.happened |= happens;
            }
            return verdict;
        }
        let answer = state.persistent.iter_mut().find_map(|persistent| persistent.answer(&asked));
        answer.map_or(Verdict::Pass, Verdict::Answer)
    }

    /// The first rule that is meant for this call and can meet it. All of them count it.
    fn choose(&self, state: &mut Progressed, asked: &Asked<'_>) -> Option<(usize, &Rule)> {
        let uri = asked.request.uri();
        let method = asked.request.method();
        let path = asked.path;
        let mut chosen = None;
        for (index, (rule, progress)) in
            self.script.rules.iter().zip(&mut state.progress).enumerate()
        {
            let meant = match &rule.target {
                Target::Number(number) => *number == asked.number,
                Target::Kind { call, nth } => {
                    let of_kind = call.matches(method, path);
                    progress.seen = progress.seen.saturating_add(of_kind.into());
                    of_kind && progress.seen == *nth
                }
                Target::Every(k) => one_in(*k, asked, index),
            };
            if !meant || chosen.is_some() {
                continue;
            }
            if rule.covers(method, path, uri.query()) {
                chosen = Some((index, rule));
            } else {
                progress.passed = Some(format!("{method} {path}"));
            }
        }
        chosen
    }

    fn state(&self) -> MutexGuard<'_, Progressed> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a fault does to a call.
fn verdict(
    index: usize,
    rule: &Rule,
    asked: &Asked<'_>,
    persistent: &mut Vec<PersistentEffect>,
) -> Verdict {
    let value = rule.number().unwrap_or_default();
    Verdict::Answer(match rule.fault {
        Fault::Throttled => asked.throttled(ComeBack::Seconds(value)),
        Fault::ThrottledUntimed => asked.throttled(ComeBack::Unsaid),
        Fault::ThrottledFraction => asked.throttled(ComeBack::Fraction),
        Fault::ThrottledDate => asked.throttled(ComeBack::Date(value)),
        Fault::Unavailable => asked.unavailable(ComeBack::Seconds(value)),
        Fault::UnavailableUntimed => asked.unavailable(ComeBack::Unsaid),
        Fault::GatewayTimeoutBefore => asked.gateway_timeout(),
        Fault::GatewayTimeoutAfter => return Verdict::Lose(Some(asked.gateway_timeout())),
        Fault::ResetBefore => return Verdict::Reset,
        Fault::ResetAfter => return Verdict::Lose(None),
        Fault::ResetMidBody => return Verdict::Change(index, Change::Break),
        Fault::SlowBody => {
            let duration = Duration::from_secs(value.into());
            return Verdict::Change(index, Change::Slow(duration));
        }
        Fault::ReplicationLag => return Verdict::Change(index, Change::Lag(value)),
        Fault::PageTokenExpired => asked.page_token_expired(),
        Fault::TokenExpired => {
            persistent.push(PersistentEffect::TokenExpired);
            asked.token_expired()
        }
        Fault::LastSeatTaken => {
            let sku_id = persistent::sku_of(asked.request.body()).unwrap_or_default();
            let response = asked.no_seats(&sku_id);
            persistent.push(PersistentEffect::SeatTaken { sku_id });
            response
        }
        Fault::Html => asked.portal(),
        Fault::HtmlAfter => return Verdict::Lose(Some(asked.portal())),
        Fault::ErrorInSuccess => asked.error_in_success(),
        Fault::Empty => asked.empty(value),
        Fault::EmptyAfter => return Verdict::Lose(Some(asked.empty(value))),
        Fault::ProxyPage => asked.proxy_page(value),
        Fault::ByteOrderMark => return Verdict::Change(index, Change::Mark),
        Fault::CutJson => return Verdict::Change(index, Change::Cut),
    })
}

/// Whether the seed means this call for the rule with this index: one call in `k`.
fn one_in(k: u32, asked: &Asked<'_>, index: usize) -> bool {
    let mut hash = Sha256::new();
    hash.update(asked.seed.to_le_bytes());
    hash.update(asked.number.to_le_bytes());
    hash.update(index.to_le_bytes());
    let digest = hash.finalize();
    let bytes = digest.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(bytes).is_multiple_of(k.into())
}
