//! Which outcome fits which fault.

use runner::egress::faults::{Fault, Rule};
use runner::sandbox::Outcome;

use crate::rules::{Facts, must};

/// What a directory leads to that lags for longer than the run can wait.
const OF_LAG: &[&str] = &["license-unavailable", "not-found"];

/// Checks it.
pub fn check(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let kind = facts.kind();
    let plain = facts.plain.outcome();
    let of_faults = facts.rules.iter().flat_map(fitting);
    let mut fitting: Vec<&str> = of_faults.copied().collect();
    if facts.before.lag > 0 {
        fitting.extend(OF_LAG);
    }
    if facts.lost_writes().next().is_some() {
        fitting.push("outcome-unknown");
    }
    must(wrong, kind == plain || fitting.contains(&kind), || {
        format!("the outcome {kind} fits no fault; expected {plain} or one of {fitting:?}")
    });
    if survivable(facts) {
        let same = kind == plain;
        must(wrong, same, || format!("{kind}, where the faults pass: {}", facts.said()));
    }
    if facts.action() == "verify-connection" {
        let done = matches!(facts.ran.outcome, Outcome::Done(_));
        must(wrong, done, || "the verification failed instead of saying what it found".to_owned());
    }
}

/// The kinds of errors that a fault can lead to.
fn fitting(rule: &Rule) -> &'static [&'static str] {
    match rule.fault {
        Fault::Throttled
        | Fault::ThrottledUntimed
        | Fault::ThrottledFraction
        | Fault::ThrottledDate => &["throttled"],
        Fault::Unavailable
        | Fault::UnavailableUntimed
        | Fault::GatewayTimeoutBefore
        | Fault::GatewayTimeoutAfter
        | Fault::ResetBefore
        | Fault::ResetAfter
        | Fault::ResetMidBody
        | Fault::SlowBody => &["throttled", "transport"],
        Fault::ReplicationLag => OF_LAG,
        Fault::PageTokenExpired => &["graph"],
        Fault::TokenExpired => &["unauthorized"],
        Fault::LastSeatTaken => &["license-unavailable"],
    }
}

/// Whether what the action is for is reached in spite of the faults: each of them passes,
/// and no answer is lost that cannot be asked for.
fn survivable(facts: &Facts<'_>) -> bool {
    let mut mails = facts.lost_writes().filter(|call| call.path.ends_with("/sendMail"));
    let creations = facts.lost_writes().filter(|call| call.name() == "POST /users").count();
    let pages = facts.rules.iter().filter(|rule| rule.fault == Fault::PageTokenExpired).count();
    let pages_at_most = usize::from(facts.action().ends_with("-report"));
    facts.passes() && mails.next().is_none() && creations <= 1 && pages <= pages_at_most
}
