//! Which outcome fits which fault.

use runner::egress::faults::{Fault, Rule};

use support::library::Outcome;

use crate::rules::{Facts, must};

/// What a directory leads to that lags for longer than the run can wait.
const OF_LAG: &[&str] = &["license-unavailable", "not-found"];

/// Checks it.
pub fn check(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let kind = facts.kind();
    let plain = facts.plain.outcome();
    let of_faults = facts.rules.iter().flat_map(|rule| fitting(facts, rule));
    let mut fitting: Vec<&str> = of_faults.collect();
    if facts.before.lag > 0 {
        fitting.extend(OF_LAG);
    }
    if facts.lost_writes().next().is_some() || facts.may_be_unread() {
        fitting.push("outcome-unknown");
    }
    must(wrong, kind == plain || fitting.contains(&kind), || {
        format!("the outcome {kind} fits no fault; expected {plain} or one of {fitting:?}")
    });
    if survivable(facts) {
        let same = kind == plain || kind == "outcome-unknown" && facts.is_window_used_up();
        must(wrong, same, || format!("{kind}, where the faults pass: {}", facts.said()));
    }
    if facts.action() == "verify-connection" {
        let done = matches!(facts.ran.outcome, Outcome::Done(_));
        must(wrong, done, || "the verification failed instead of saying what it found".to_owned());
    }
}

/// The kinds of errors that a fault can lead to. What a lost answer to a write leads to is
/// not among them.
fn fitting(facts: &Facts<'_>, rule: &Rule) -> Vec<&'static str> {
    let kinds: &[&str] = match rule.fault {
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
        | Fault::SlowBody
        | Fault::CrashBefore
        | Fault::CrashAfter => &["throttled", "transport"],
        Fault::ReplicationLag => OF_LAG,
        Fault::PageTokenExpired => &["graph"],
        Fault::TokenExpired => &["unauthorized"],
        Fault::LastSeatTaken => &["license-unavailable"],
        Fault::FederatedDomain => &["invalid-input"],
        Fault::AddressTaken => &["already-exists"],
        Fault::DirectoryFull => &["graph"],
        Fault::MessageLimit => &["throttled"],
        Fault::SendingBlocked => &["forbidden"],
        Fault::Html
        | Fault::HtmlAfter
        | Fault::Empty
        | Fault::EmptyAfter
        | Fault::CutJson
        | Fault::ProxyPage
        | Fault::ErrorInSuccess => return of_no_answer(facts, rule),
        Fault::ByteOrderMark | Fault::CrashNoted => &[],
    };
    kinds.to_vec()
}

/// The kinds of errors where an answer has the status of success and is none, or is not
/// Graph's. A read has failed by it. A write may have been carried out, whatever the answer
/// says: that is no failure but an outcome that is unknown, unless the answer refuses the
/// call, or `create-user` has deleted its user again, after which nothing is unknown.
fn of_no_answer(facts: &Facts<'_>, rule: &Rule) -> Vec<&'static str> {
    let refuses = rule.fault == Fault::ProxyPage || facts.is_refusal_cut(rule);
    let of_write = refuses || facts.action() == "create-user";
    if !facts.met(rule, true) && !of_write {
        return Vec::new();
    }
    match rule.fault {
        // Graph has said it, so that its words count.
        Fault::ErrorInSuccess if facts.met(rule, true) => vec!["graph"],
        Fault::ErrorInSuccess => vec!["graph", "transport"],
        _ => vec!["transport"],
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
