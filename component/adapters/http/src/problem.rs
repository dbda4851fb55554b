//! Errors as problem documents (RFC 9457) that contain the whole error, as those of `o365 serve`.

use serde_json::{Map, Value, json};
use values::Problem as InputProblem;

use crate::wasi::Response;

/// The kinds of errors: name, status, title, and whether there is a `Retry-After`. The build
/// takes them from the runner's table.
const KINDS: &[(&str, u16, &str, bool)] = include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// The status of an error whose kind is not in the table.
const INTERNAL: (&str, u16, &str, bool) = ("", 500, "Internal Server Error", false);

/// An error, in the form of the record `error` of the contract.
pub struct Problem {
    error: Value,
    allow: Option<&'static str>,
}

impl Problem {
    /// Creates the error for a request that is refused before anything is called.
    pub fn refusal(kind: &str, message: &str, fix: &str) -> Self {
        Self::of(json!({
            "kind": kind, "message": message, "fix": fix, "who": "caller", "retrySafe": true,
            "completed": [],
        }))
    }

    /// Creates the error of an action.
    pub fn of(error: Value) -> Self {
        Self { error, allow: None }
    }

    /// Creates the error for an input with these problems.
    pub fn input(problems: &[InputProblem]) -> Self {
        let message = match problems {
            [one] if one.pointer.is_empty() => format!("the input is wrong: {}", one.message),
            [one] => format!("the input is wrong at {}: {}", one.pointer, one.message),
            _ => format!("{} things are wrong with the input", problems.len()),
        };
        let fix = "Correct the input and call again; nothing was sent.";
        let mut problem = Self::refusal("invalid-input", &message, fix);
        let list = |one: &InputProblem| json!({ "pointer": one.pointer, "message": one.message });
        if let Some(error) = problem.error.as_object_mut() {
            error.insert("problems".to_owned(), problems.iter().map(list).collect());
        }
        problem
    }

    /// Creates the error for a method other than those `allowed`.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let fix = format!("Use one of these methods: {allowed}.");
        let message = "the path does not have this method";
        Self { allow: Some(allowed), ..Self::refusal("method-not-allowed", message, &fix) }
    }

    /// Returns the response.
    pub fn response(self) -> Response {
        let kind = self.error.get("kind").and_then(Value::as_str).unwrap_or_default();
        let known = KINDS.iter().find(|(name, ..)| *name == kind);
        let (name, status, title, retry_after) = *known.unwrap_or(&INTERNAL);
        let seconds = self.error.get("retryAfterSeconds").and_then(Value::as_u64);
        let problem_type = match name {
            "" => "about:blank".to_owned(),
            name => format!("urn:o365:problem:{name}"),
        };
        let mut body = Map::new();
        body.insert("type".to_owned(), problem_type.into());
        body.insert("title".to_owned(), title.into());
        body.insert("status".to_owned(), status.into());
        body.insert("detail".to_owned(), self.error.get("message").cloned().unwrap_or_default());
        body.insert("error".to_owned(), self.error);
        let mut response = Response::new(status, "application/problem+json", Value::from(body));
        if let Some(seconds) = seconds.filter(|_| retry_after) {
            response.headers.push(("retry-after", seconds.to_string()));
        }
        if status == 401 {
            response.headers.push(("www-authenticate", "Bearer realm=\"o365\"".to_owned()));
        }
        if let Some(allow) = self.allow {
            response.headers.push(("allow", allow.to_owned()));
        }
        response
    }
}
