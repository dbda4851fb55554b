//! What must hold of the requests: when one may be made again, and when not at all.

use std::time::Duration;

use http::Method;

use crate::rules::{Facts, must};
use support::faulted::Exchange;

/// The shortest wait before a repeat where Graph names none.
const FIRST_WAIT: Duration = Duration::from_secs(3);

/// How often one request is made in a row at most: three repeats, as Microsoft's SDKs.
const ATTEMPTS: usize = 4;

/// Checks it.
pub fn check(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let limit = facts.case.scenario.time_limit;
    let elapsed = facts.ran.elapsed;
    must(wrong, elapsed <= limit, || format!("the run took {elapsed:?}, and may take {limit:?}"));
    journal(facts, wrong);
    let asked = &facts.ran.asked;
    for (index, pair) in asked.windows(2).enumerate() {
        repeat(facts, index, &pair[0], &pair[1], wrong);
    }
    let numbered: Vec<(usize, &Exchange)> = asked.iter().enumerate().collect();
    for row in numbered.chunk_by(|(_, one), (_, other)| is_same(one, other)) {
        let is_refused = |(index, exchange): &&(usize, &Exchange)| {
            !is_answer(exchange) && !facts.is_crashed(*index)
        };
        let refused = row.iter().filter(is_refused).count();
        let name = row[0].1.name();
        must(wrong, refused <= ATTEMPTS, || format!("{name} was tried {refused} times in a row"));
    }
}

/// The audit log has every write that reached the tenant as one that was sent, in its order.
fn journal(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let mut journal = facts.ran.journal.iter();
    for write in facts.ran.reached.iter().filter(|exchange| exchange.method != Method::GET) {
        let is_it = journal.any(|line| {
            line.sent && line.method == write.method.as_str() && line.url.ends_with(&write.target)
        });
        must(wrong, is_it, || format!("the audit log does not have {}", write.name()));
    }
}

/// What may follow a call that failed.
fn repeat(
    facts: &Facts<'_>,
    index: usize,
    call: &Exchange,
    next: &Exchange,
    wrong: &mut Vec<String>,
) {
    let name = call.name();
    let lost = facts.is_lost(index);
    if lost && call.path.ends_with("/sendMail") {
        wrong.push(format!("{name} was followed by a call, though its answer was lost"));
    }
    if lost && name == "POST /users" {
        let looks = next.method == Method::GET && next.path == "/users/{id}";
        must(wrong, looks, || format!("{} followed the lost answer to {name}", next.name()));
    }
    if is_same(call, next) && !is_answer(call) && !facts.is_crashed(index) {
        let at = call.come_back.unwrap_or(call.sent + FIRST_WAIT);
        must(wrong, next.sent >= at, || {
            format!("{name} was repeated after {:?}, and not after {at:?}", next.sent)
        });
    }
}

fn is_same(one: &Exchange, other: &Exchange) -> bool {
    one.method == other.method && one.target == other.target
}

/// Whether it is one that a repeat does not change.
fn is_answer(exchange: &Exchange) -> bool {
    exchange.status.is_some_and(|status| !matches!(status, 429 | 503 | 504))
}
