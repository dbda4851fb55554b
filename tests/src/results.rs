//! It returns too much, or what is no value.

use crate::bindings::connector::office365::types::{Error, ErrorKind, Who};
use crate::bindings::exports::connector::office365::reports::{
    AssignedServicePlan, ReportPage, ReportedUser,
};

/// A page by one of these names; of another an empty one.
pub fn page(name: &str, number: usize) -> ReportPage {
    let (users, next_cursor) = match name {
        "cursor" => (Vec::new(), Some("\u{0}\"\\\u{202e}..//%00{\"$ne\":1}".to_owned())),
        "long-cursor" => (Vec::new(), Some("x".repeat(number))),
        // No UTF-8.
        "no-text" => {
            // SAFETY: none; the host is to see that it is no text.
            (Vec::new(), Some(unsafe { String::from_utf8_unchecked(vec![0xff, 0xfe]) }))
        }
        // So many megabytes, all of them the same one.
        "megabytes" => (same_text(number), None),
        // So many of the smallest records there are.
        "records" => (vec![ReportedUser { assigned_service_plans: plans(number), ..user() }], None),
        "users" => ((0..number).map(|_| user()).collect(), None),
        _ => (Vec::new(), None),
    };
    ReportPage { users, next_cursor }
}

/// An error by one of these names.
pub fn error(name: &str, number: usize) -> Option<Error> {
    Some(match name {
        "error" => failed(),
        "long-error" => Error { message: "x".repeat(number), ..failed() },
        "many-steps" => Error { completed: vec![String::new(); number], ..failed() },
        _ => return None,
    })
}

/// An error as actions have them.
pub fn failed() -> Error {
    Error {
        kind: ErrorKind::Graph,
        message: "it failed".to_owned(),
        fix: String::new(),
        who: Who::Caller,
        retry_safe: true,
        completed: Vec::new(),
        problems: None,
        retry_after_seconds: None,
        graph: None,
    }
}

fn user() -> ReportedUser {
    ReportedUser {
        display_name: None,
        email: String::new(),
        assigned_service_plans: Vec::new(),
        provisioned_service_plans: Vec::new(),
        assigned_by_group: None,
        license_errors: None,
    }
}

fn plans(count: usize) -> Vec<AssignedServicePlan> {
    (0..count).map(|_| AssignedServicePlan { name: None, status: None }).collect()
}

fn same_text(count: usize) -> Vec<ReportedUser> {
    let text = "x".repeat(1 << 20).leak();
    let same = || {
        // SAFETY: none; each is of the same memory, which is never given back in time to
        // matter: the host copies it before.
        unsafe { String::from_raw_parts(text.as_ptr().cast_mut(), text.len(), text.len()) }
    };
    (0..count).map(|_| ReportedUser { email: same(), ..user() }).collect()
}
