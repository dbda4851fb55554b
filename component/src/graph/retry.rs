//! Sends a call: when to repeat it, and when its response is lost.
//!
//! As Microsoft's SDKs do, 429, 503 and 504 are retried up to three times, and besides
//! them 509 and a concurrency violation, for which Microsoft says the same. Unlike them, a
//! 504 or a broken connection after a write counts as a lost response: the write may have
//! happened. So does a success that is not the one that the operation has.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use super::Graph;
use super::code::Code;
use super::error::CallError;
use super::fault::Fault;
use super::operation::{Effect, Operation};
use super::request::{Call, LONGEST_ANSWER};
use super::transport::{Reach, Response, TransportError};
use super::wait;

/// The number of retries of one call, the SDKs' default.
const RETRIES: u32 = 3;

/// How much earlier than the run's own limit a host may end the wait for a response.
const HASTE: Duration = Duration::from_secs(1);

/// A successful response, or a refusal that no retry will change.
pub struct Answer {
    /// The response, when it is the success of the operation; else the fault.
    pub result: Result<Response, Fault>,
    /// Whether the response to an earlier attempt was lost, so that it may have been carried out.
    pub lost_before: bool,
}

/// What an attempt brought.
enum Verdict {
    /// A response that no retry will change.
    Stands(Result<Response, Fault>),
    /// Something that may pass.
    Passes(Trouble),
}

/// Why an attempt was of no use.
enum Trouble {
    /// Graph did not carry it out, and may do so later.
    Busy(Fault),
    /// It was not sent.
    NeverSent(String),
    /// It may have been carried out.
    Lost(String, Option<Fault>),
}

impl Graph<'_> {
    /// Sends `call` until there is a response that no retry will change.
    ///
    /// # Errors
    /// There is none: Graph stayed busy, could not be reached, the run's time is used up,
    /// or the response to a write was lost. A write that is not repeatable is never sent
    /// again after its response was lost.
    pub fn send(&mut self, call: &Call) -> Result<Answer, CallError> {
        let effect = call.operation.effect;
        let mut lost = false;
        let mut retry = 0;
        loop {
            let Some(left) = self.time_left() else {
                return Err(out_of_time(lost));
            };
            let request = self.request(call, retry, left);
            let trouble = match judge(self.host.transport.send(&request), call.operation)? {
                Verdict::Stands(Err(fault)) if lost && fault.leaves_open_what_was_before() => {
                    let message = format!("another attempt failed: {}", fault.in_words());
                    return Err(CallError::Lost { message, fault: Some(fault) });
                }
                Verdict::Stands(result) => {
                    return Ok(Answer { result, lost_before: lost });
                }
                Verdict::Passes(trouble) => trouble,
            };
            lost |= matches!(trouble, Trouble::Lost(..)) && effect != Effect::Read;
            if lost && !effect.is_repeatable() {
                return Err(unanswered(trouble, lost, None));
            }
            let wait = self.wait_for(&trouble, call, retry + 1);
            if retry == RETRIES {
                return Err(exhausted(trouble, lost, wait));
            }
            if !self.pause(wait) {
                let ours = left < LONGEST_ANSWER && self.time_left().is_none_or(|t| t < HASTE);
                return Err(match trouble {
                    Trouble::Lost(_, None) if ours && !lost => out_of_time(lost),
                    trouble => unanswered(trouble, lost, Some(wait)),
                });
            }
            retry += 1;
        }
    }

    /// How long to wait before retry number `retry` of `call`.
    fn wait_for(&self, trouble: &Trouble, call: &Call, retry: u32) -> Duration {
        let asked = match trouble {
            Trouble::Busy(fault) | Trouble::Lost(_, Some(fault)) => fault.retry_after,
            Trouble::NeverSent(_) | Trouble::Lost(_, None) => None,
        };
        asked.unwrap_or_else(|| {
            wait::back_off(retry, &[call.method.as_str(), &self.url(&call.path), &self.subject])
        })
    }
}

fn judge(
    outcome: Result<Response, TransportError>,
    operation: &Operation,
) -> Result<Verdict, CallError> {
    let mut response = match outcome {
        Ok(response) => response,
        Err(error) => return judge_silence(error, operation.effect).map(Verdict::Passes),
    };
    response.body = response.body.without_bom();
    if operation.is_done(&response) {
        return Ok(Verdict::Stands(Ok(response)));
    }
    let fault = Fault::read(&response);
    if (200..300).contains(&fault.status) {
        return judge_other_success(fault, operation);
    }
    if let Some(message) = lost_answer(&fault, operation.effect) {
        return Ok(Verdict::Passes(Trouble::Lost(message, Some(fault))));
    }
    let busy = match fault.status {
        // A limit of a whole day is no more than the error to tell.
        429 => !fault.means(Code::MessageLimit),
        503 | 509 => true,
        409 => fault.means(Code::ConcurrencyViolation),
        _ => false,
    };
    Ok(if busy { Verdict::Passes(Trouble::Busy(fault)) } else { Verdict::Stands(Err(fault)) })
}

/// Judges a response whose success status is not that of the operation. A
/// write may have been carried out all the same.
fn judge_other_success(fault: Fault, operation: &Operation) -> Result<Verdict, CallError> {
    // Other JSON, or nothing, is neither Graph's refusal nor a page of something between.
    let is_other = !fault.is_of_graph() && !fault.is_foreign();
    let message = if is_other {
        format!("{} was expected, and {} came", operation.expected(), fault.text())
    } else {
        fault.in_words()
    };
    match operation.effect {
        Effect::Read if is_other => Err(CallError::Malformed { message }),
        Effect::Read => Ok(Verdict::Stands(Err(fault))),
        _ => Ok(Verdict::Passes(Trouble::Lost(message, Some(fault)))),
    }
}

/// Why a response does not say whether the call was carried out, if it does not.
fn lost_answer(fault: &Fault, effect: Effect) -> Option<String> {
    match fault.status {
        504 => Some("a gateway stopped waiting for Graph".to_owned()),
        // Graph's own 503 has a time in it; one without can be any gateway's on the way back.
        503 if effect == Effect::Message && fault.retry_after.is_none() => {
            Some("something on the way to Graph was busy".to_owned())
        }
        // Not sent on, by their definition.
        503 | 511 => None,
        // Refusals: the bandwidth or the mailbox is used up.
        507 | 509 if fault.is_of_graph() => None,
        408 | 499 | 500..=599 if !effect.is_repeatable() => Some(fault.in_words()),
        _ => None,
    }
}

fn judge_silence(error: TransportError, effect: Effect) -> Result<Trouble, CallError> {
    match (error.reach, effect) {
        (Reach::NeverSent, _) => Ok(Trouble::NeverSent(error.message)),
        (Reach::Refused, _) => Err(CallError::NotPossible { message: error.message }),
        (Reach::TooLarge, Effect::Read) => Err(CallError::Malformed { message: error.message }),
        (Reach::Lost | Reach::TooLarge, _) => Ok(Trouble::Lost(error.message, None)),
    }
}

/// The error after the last retry; `wait` would have been the next wait.
fn exhausted(trouble: Trouble, lost: bool, wait: Duration) -> CallError {
    match trouble {
        Trouble::Busy(fault) if !lost && !asks_to_wait(&fault) => CallError::Fault(fault),
        Trouble::Lost(_, Some(fault)) if !lost => CallError::Fault(fault),
        other => unanswered(other, lost, Some(wait)),
    }
}

/// Whether a fault is about how much is asked, or names a time to come back.
fn asks_to_wait(fault: &Fault) -> bool {
    match fault.status {
        429 | 509 => true,
        503 => fault.retry_after.is_some(),
        _ => false,
    }
}

/// The error when `trouble` could not be waited out. Once a response to a write is lost,
/// it stays unknown whether the write happened, whatever came later.
fn unanswered(trouble: Trouble, lost: bool, wait: Option<Duration>) -> CallError {
    match trouble {
        Trouble::Busy(fault) if lost => CallError::Lost {
            message: "the attempt after a lost answer was put off".to_owned(),
            fault: Some(fault),
        },
        Trouble::Busy(fault) => CallError::Throttled { wait, fault },
        Trouble::NeverSent(message) if !lost => CallError::Unreachable { message, wait },
        Trouble::NeverSent(message) => CallError::Lost { message, fault: None },
        Trouble::Lost(message, fault) if lost => CallError::Lost { message, fault },
        Trouble::Lost(_, Some(fault)) => CallError::Throttled { wait, fault },
        Trouble::Lost(message, None) => CallError::Unreachable { message, wait },
    }
}

/// The error when the run's time was used up before the call was sent (again).
fn out_of_time(lost: bool) -> CallError {
    if lost {
        let message = "the run's time was used up before another attempt".to_owned();
        return CallError::Lost { message, fault: None };
    }
    CallError::OutOfTime { progress: None }
}
