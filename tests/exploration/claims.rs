//! What a run says in words is true of the tenant: the steps that it says are completed, what
//! an error says is or is not there, and the findings of `verify-connection`.

use runner::egress::faults::Fault;
use runner::simulator::Guid;
use runner::simulator::tenant::{Target, User};
use serde_json::Value;

use crate::cases::FREE;
use crate::rules::{Facts, must};
use crate::shown;
use support::faulted::SENDER;

/// What is said of a user that is left, where it is not known for sure.
const HEDGE: &str = "as far as is known";

/// Words that blame the connection: they are for what Graph answered, and not for what
/// something between here and Graph did.
const BLAME: &[&str] = &["The connection may not", "did not accept the connection's sign-in"];

/// A line of `completed`: it has happened, and to whom it says.
pub fn completed(facts: &Facts<'_>, line: &str, wrong: &mut Vec<String>) {
    let user = id_in(line).and_then(|id| made(facts, id));
    let here = |user: &User| facts.ran.tenant.users.get(user.id).is_some();
    let licensed = |user: &User| user.has_license(FREE.parse().unwrap());
    let holds = match line.split(' ').next() {
        Some("created") => user.is_some(),
        Some("deleted") => user.is_some_and(|user| !here(user)),
        Some("assigned") => user.or(facts.user_after()).is_some_and(licensed),
        Some("sent") => facts.mails() == 1,
        _ => false,
    };
    must(wrong, holds, || format!("it is not so that the run {line:?}"));
}

/// The user of that id that the run made, as it is or as it was deleted.
fn made<'a>(facts: &Facts<'a>, id: Guid) -> Option<&'a User> {
    let (before, after) = (facts.before, &facts.ran.tenant);
    let deleted = after.deleted_users.iter().skip(before.deleted_users.len());
    let all = after.users.iter().chain(deleted.map(|deleted| &deleted.user));
    all.into_iter().find(|user| user.id == id && before.users.get(id).is_none())
}

fn id_in(line: &str) -> Option<Guid> {
    let (_, rest) = line.split_once("(object id ")?;
    rest.split_once(')')?.0.parse().ok()
}

/// The message of an error, or of a finding that says why it could not be made.
pub fn message(facts: &Facts<'_>, text: &str, wrong: &mut Vec<String>) {
    for (claim, holds) in claims(facts, text) {
        let said = text.contains(claim);
        must(wrong, holds || !said, || format!("{claim:?} is not so: {text}"));
    }
    let html = text.contains("<html") || text.contains("<!DOCTYPE");
    must(wrong, !html, || format!("a page of HTML in a message: {text}"));
}

/// What may be said, and whether it is so.
fn claims(facts: &Facts<'_>, text: &str) -> Vec<(&'static str, bool)> {
    let here = facts.user_after().is_some();
    let deleting = facts.lost_writes().any(|call| call.method == http::Method::DELETE);
    let hedged = text.contains(HEDGE) && deleting;
    let tenant = &facts.ran.tenant;
    let sku = shown::wanted_sku(facts.case, tenant);
    let full = |sku| shown::available(sku) == 0;
    let blamed = facts.has(Fault::TokenExpired);
    let licences = || tenant.skus.iter().filter(|sku| sku.applies_to == Target::User);
    let mut claims = vec![
        ("no user is left", !here),
        ("was deleted again", !here),
        ("is left", here || hedged || text.contains("no user is left")),
        ("The user is there", here),
        ("exists already", here),
        ("A user of this name exists", here),
        ("is not in the tenant, so", !here || facts.lags()),
        ("is not among the tenant's subscriptions", sku.is_none()),
        ("it has none", tenant.skus.is_empty()),
        ("No seat of the licence", sku.is_none_or(full)),
        ("No seat is free in any", licences().all(full)),
        ("has no licences that can be assigned", licences().next().is_none()),
        ("has no mailbox", false),
        ("is not a verified domain", false),
    ];
    claims.extend(BLAME.iter().map(|words| (*words, blamed)));
    claims
}

/// Whether the mailbox is in the tenant that the connection sends from.
fn has_sender(facts: &Facts<'_>) -> bool {
    facts.ran.tenant.users.find(SENDER).is_some()
}

/// A finding of `verify-connection` that is good news is so: whom it names is in the tenant.
pub fn finding(facts: &Facts<'_>, finding: &Value, wrong: &mut Vec<String>) {
    let text = finding["message"].as_str().unwrap();
    if finding["verdict"] != "passed" {
        let absent = text.contains("The sender") && text.contains("is not in the tenant");
        must(wrong, !absent || !has_sender(facts), || format!("the sender is there: {text}"));
        return message(facts, text, wrong);
    }
    let tenant = &facts.ran.tenant;
    let skus = || tenant.skus.iter().filter(|sku| sku.applies_to == Target::User);
    let usable = skus().filter(|sku| sku.capability_status.is_usable()).count();
    let free = skus().filter(|sku| shown::available(sku) > 0).count();
    let holds = match finding["check"].as_str().unwrap() {
        "tenant" => text.contains(&*tenant.display_name) && text.contains(&tenant.id.to_string()),
        "domain" => {
            let verified = tenant.domains.iter().filter(|domain| domain.is_verified);
            verified.into_iter().any(|domain| text.contains(&format!("domain {} ", domain.name)))
        }
        "sender" => has_sender(facts),
        "seats" => free > 0 && text.ends_with(&format!("{free} of {usable}.")),
        _ => false,
    };
    must(wrong, holds, || format!("a finding of what the tenant does not show: {finding}"));
}
