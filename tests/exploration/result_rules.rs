//! What the run says must be true.

use runner::run::Host;
use runner::simulator::tenant::{License, User};
use serde_json::Value;
use support::library::Outcome;

use crate::cases::FREE;
use crate::rules::{Facts, must};
use crate::schedule::script;
use crate::{claims, shown, tenant_rules};

/// Checks it.
pub fn check(facts: &Facts<'_>, host: &Host, wrong: &mut Vec<String>) {
    match &facts.ran.outcome {
        Outcome::Done(result) => done(facts, result, wrong),
        Outcome::Failed(error) => failed(facts, error, host, wrong),
    }
}

/// A run that did what it was asked: so it is in the tenant.
fn done(facts: &Facts<'_>, result: &Value, wrong: &mut Vec<String>) {
    match facts.action() {
        "create-user" | "assign-license-to-existing-user" => match facts.user_after() {
            Some(user) => {
                account(facts, result, user, wrong);
                must(wrong, !facts.is_unread(), || {
                    format!("a licence that no read has shown: {result}")
                });
            }
            None => wrong.push("done, and there is no user".to_owned()),
        },
        "delete-user" => {
            must(wrong, facts.user_after().is_none(), || "done, and the user is there".to_owned());
        }
        "verify-connection" => findings(facts, result, wrong),
        action if action.starts_with("send-") => {
            must(wrong, facts.mails() == 1, || "done, and no mail was sent".to_owned());
        }
        _ => {
            let same = facts.ran.outcome == facts.plain.outcome;
            must(wrong, same, || format!("another result than without faults: {result}"));
            read(facts, result, wrong);
        }
    }
}

/// A result of reading is what the tenant shows.
fn read(facts: &Facts<'_>, result: &Value, wrong: &mut Vec<String>) {
    let Some(expected) = shown::expected(facts.case, &facts.ran.tenant) else { return };
    let given = shown::without_names(result.clone());
    must(wrong, given == expected, || format!("the tenant shows {expected}, and not {given}"));
}

/// The account is the tenant's user, and has the licence.
fn account(facts: &Facts<'_>, result: &Value, user: &User, wrong: &mut Vec<String>) {
    let location = user.usage_location.as_deref();
    let fields = [
        ("objectId", Some(user.id.to_string())),
        ("userPrincipalName", Some(user.user_principal_name.to_string())),
        ("displayName", Some(user.display_name.to_string())),
        ("usageLocation", location.map(str::to_owned)),
    ];
    for (name, expected) in fields {
        let same = result[name].as_str() == expected.as_deref();
        must(wrong, same, || {
            format!("{name} is {expected:?}, and the result says {}", result[name])
        });
    }
    let mut said: Vec<String> = list(result, "assignedLicenses").map(Value::to_string).collect();
    let mut had: Vec<String> = user.assigned().iter().map(|own| license(own).to_string()).collect();
    said.sort();
    had.sort();
    must(wrong, said == had, || format!("the licences are {had:?}, and the result says {said:?}"));
    let groups = shown::by_group(user);
    let said: Vec<Value> = list(result, "assignedByGroup").cloned().collect();
    must(wrong, said == groups, || {
        format!("by groups are {groups:?}, and the result says {said:?}")
    });
    let wanted = user.has_license(FREE.parse().unwrap());
    must(wrong, wanted, || "done, and the user does not have the licence".to_owned());
    let plans = facts.ran.tenant.plans(user).assigned;
    for plan in list(result, "assignedPlans") {
        let id = plan["servicePlanId"].as_str();
        let has = plans.iter().any(|own| Some(own.service_plan_id.to_string().as_str()) == id);
        must(wrong, has, || format!("the user does not have the plan {plan}"));
    }
}

/// A licence as the contract has it.
fn license(own: &License) -> Value {
    serde_json::json!({"disabledPlans": own.disabled_plans, "skuId": own.sku_id})
}

/// A finding is what it is without faults, or says that it could not be made.
fn findings(facts: &Facts<'_>, result: &Value, wrong: &mut Vec<String>) {
    let Outcome::Done(plain) = &facts.plain.outcome else { return };
    let mut failures = 0;
    let count = |result| list(result, "findings").count();
    must(wrong, count(result) == count(plain), || format!("other findings: {result}"));
    for (finding, plain) in list(result, "findings").zip(list(plain, "findings")) {
        let failed = finding["verdict"] == "failed";
        failures += usize::from(failed);
        let known = finding == plain || failed && finding["check"] == plain["check"];
        must(wrong, known, || format!("a finding of nothing: {finding}"));
        claims::finding(facts, finding, wrong);
    }
    let usable = failures == 0;
    must(wrong, result["usable"] == usable, || format!("usable, with {failures} failures"));
    must(wrong, usable || !facts.passes(), || format!("the faults pass: {result}"));
}

/// A run that failed: what it left is said, and what to do about it is right.
fn failed(facts: &Facts<'_>, error: &Value, host: &Host, wrong: &mut Vec<String>) {
    for text in ["message", "fix", "who"] {
        let said = error[text].as_str().is_some_and(|text| !text.is_empty());
        must(wrong, said, || format!("{text} is empty: {error}"));
    }
    let lost = facts.lost_writes().next().is_some();
    let unknown = facts.kind() == "outcome-unknown";
    must(wrong, lost || facts.may_be_unread() || !unknown, || {
        "unknown, and no answer to a write was lost".to_owned()
    });
    claims::message(facts, error["message"].as_str().unwrap_or_default(), wrong);
    let completed: Vec<&str> = list(error, "completed").filter_map(Value::as_str).collect();
    steps(facts, &completed, wrong);
    let changed = is_changed(facts);
    must(wrong, !changed || unknown || !completed.is_empty(), || {
        format!("the tenant was changed, and the error says nothing of it: {error}")
    });
    orphan(facts, error, wrong);
    if error["retrySafe"] == true {
        again(facts, host, wrong);
    } else {
        must(wrong, changed || lost, || format!("nothing keeps it from being repeated: {error}"));
    }
}

/// The steps that are said to be completed are so, and that of a user who is new is said.
fn steps(facts: &Facts<'_>, completed: &[&str], wrong: &mut Vec<String>) {
    for line in completed {
        claims::completed(facts, line, wrong);
    }
    let here = facts.user_before().is_none() && facts.user_after().is_some();
    let has = |word: &str| completed.iter().any(|line| line.starts_with(word));
    let (created, deleted) = (has("created user"), has("deleted user"));
    let maybe_deleted = facts.lost_writes().any(|call| call.method == http::Method::DELETE);
    let told = created || !here || facts.kind() == "outcome-unknown";
    let gone = deleted || here || maybe_deleted || !created;
    must(wrong, told && gone && (created || !deleted), || {
        format!("completed is {completed:?}, and the user is here: {here}")
    });
}

/// A user that is left is named, by its id where Graph has told it.
fn orphan(facts: &Facts<'_>, error: &Value, wrong: &mut Vec<String>) {
    let Some(user) = facts.user_after().filter(|_| facts.user_before().is_none()) else { return };
    let message = error["message"].as_str().unwrap_or_default();
    let mut calls = facts.ran.asked.iter().enumerate();
    let told = calls.any(|(index, call)| call.status == Some(201) && !facts.is_lost(index));
    let name = if told { user.id.to_string() } else { user.user_principal_name.to_string() };
    must(wrong, message.contains(&name), || format!("{name} is left and not named: {error}"));
}

/// A repeat that is said to be safe does nothing twice, and reaches what it is for.
fn again(facts: &Facts<'_>, host: &Host, wrong: &mut Vec<String>) {
    let scenario = &facts.case.scenario;
    let ran = match scenario.run_on(facts.ran.tenant.clone(), host, script(&[])) {
        Ok(ran) => ran,
        Err(stop) => return wrong.push(format!("a repeat is said to be safe: {stop}")),
    };
    let second = Facts { before: &facts.ran.tenant, ran: &ran, rules: &[], ..*facts };
    let mut twice = Vec::new();
    tenant_rules::check(&second, &mut twice);
    let mails = ran.tenant.mail.len() - facts.before.mail.len();
    must(&mut twice, mails <= 1, || format!("{mails} mails were sent"));
    wrong.extend(twice.into_iter().map(|text| format!("after a repeat that was safe: {text}")));
    let (given, expected) = (ran.outcome(), facts.plain.outcome());
    must(wrong, given == expected, || {
        format!(
            "a repeat is said to be safe, and ends with {given} and not {expected}: {}",
            facts.said()
        )
    });
}

/// Whether the run changed users, licences or mail.
fn is_changed(facts: &Facts<'_>) -> bool {
    let (before, after) = (facts.before, &facts.ran.tenant);
    let licenses = |user: Option<&User>| user.map(|user| user.licenses.clone());
    let counts = before.users.len() != after.users.len() || facts.mails() > 0;
    counts
        || before.deleted_users.len() != after.deleted_users.len()
        || licenses(facts.user_before()) != licenses(facts.user_after())
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}
