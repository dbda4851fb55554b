//! What must hold on every host in every case, by what the proxy saw and what the tenant shows.

use serde_json::Value;

use crate::cases::{Action, PAGES, RESULT};
use crate::hosts::{Ended, Job, Ran, SLACK};
use crate::proxy::{Request, Seen, TOKEN};

/// The most connections that a run may have open at a time. It sends one request after the other.
const MOST_OPEN: usize = 4;

/// What the table says of a run, and what is wrong with it.
pub fn judge(job: &Job, ran: &Ran, seen: &Seen) -> (String, Vec<String>) {
    let mut problems = Vec::new();
    let cell = match &ran.ended {
        Ended::Result(result) => {
            if !is_right(job.case.action, result, seen) {
                problems.push(format!("the result {result} is not what the tenant shows"));
            }
            RESULT.to_owned()
        }
        Ended::Error(error) => {
            if is_called_unsent(error) && has_effect(job.case.action, seen) {
                problems.push(format!("what was carried out is called unsent: {error}"));
            }
            error["kind"].as_str().unwrap_or_default().to_owned()
        }
        Ended::Broken(why) => {
            problems.push(format!("it did not return: {why}"));
            "-".to_owned()
        }
    };
    if !job.case.ends.contains(&cell.as_str()) {
        problems.push(format!("it ended with {:?}, and not with {:?}", ran.ended, job.case.ends));
    }
    if ran.elapsed > job.case.limit + SLACK {
        problems.push(format!("it took {:?} of {:?}", ran.elapsed, job.case.limit));
    }
    problems.extend(writes(seen));
    problems.extend(requests(seen));
    if seen.most_open() > MOST_OPEN {
        problems.push(format!("it held {} connections", seen.most_open()));
    }
    (cell, problems)
}

/// Whether the action did what it is for.
fn is_right(action: Action, result: &Value, seen: &Seen) -> bool {
    match action {
        Action::Count => *result == true,
        Action::Create | Action::Delete | Action::Mail => has_effect(action, seen),
        Action::Report => seen.arrived.lock().unwrap().len() == PAGES,
    }
}

fn has_effect(action: Action, seen: &Seen) -> bool {
    match action {
        Action::Count | Action::Report => false,
        Action::Create => seen.directory.has_created(),
        Action::Delete => seen.directory.has_deleted(),
        Action::Mail => seen.directory.mails() > 0,
    }
}

/// Whether an error says that nothing was done, and that the same call may be made again.
fn is_called_unsent(error: &Value) -> bool {
    error["retrySafe"] == true && error["completed"].as_array().is_none_or(Vec::is_empty)
}

/// No write arrives twice but those that leave the same state when they are made twice.
fn writes(seen: &Seen) -> Option<String> {
    let is_once =
        |request: &Request| request.method == "POST" && !request.path().ends_with("/assignLicense");
    let arrived = seen.arrived.lock().unwrap();
    let carried_out =
        arrived.iter().filter(|arrived| arrived.carried_out && is_once(&arrived.request));
    let targets: Vec<&str> = carried_out.map(|arrived| arrived.request.target.as_str()).collect();
    (targets.len() > 1).then(|| format!("the tenant got {targets:?}"))
}

/// Each request is framed as a server can read it, is signed, and follows no redirect.
fn requests(seen: &Seen) -> Vec<String> {
    let arrived = seen.arrived.lock().unwrap();
    let wrong = arrived.iter().filter_map(|arrived| {
        let request = &arrived.request;
        let has = |name: &str| request.header(name).is_some();
        let why = if has("transfer-encoding") {
            "has a transfer-encoding"
        } else if request.method == "POST" && !has("content-length") {
            "has no content-length"
        } else if !has("host") {
            "has no host"
        } else if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            "is not signed"
        } else if request.path().ends_with("/elsewhere") {
            "follows a redirect"
        } else {
            return None;
        };
        Some(format!("{} {} {why}: {:?}", request.method, request.target, request.headers))
    });
    wrong.collect()
}
