//! A call of an action: what `o365 serve` checks of the request, in the same order.

use serde_json::Value;
use values::Problem as InputProblem;

use crate::documents::DESCRIPTIONS;
use crate::json::{self, Called};
use crate::problem::Problem;
use crate::routes::no_such_action;
use crate::wasi::{BodyError, Request};

/// The longest input, in bytes, as that of the server.
const MAX_INPUT: usize = 1 << 20;

/// Calls an action. `connection` is the connection of an input that names none.
pub fn respond(request: &mut Request, action: &str, connection: String) -> Result<Value, Problem> {
    check_query(&request.query())?;
    check_headers(request)?;
    let body = request.body(MAX_INPUT).map_err(incomplete)?;
    let mut input =
        values::parse(&body, MAX_INPUT).map_err(|problems| Problem::input(&problems))?;
    let described = DESCRIPTIONS.iter().find(|(name, _)| *name == action);
    let (_, description) = described.ok_or_else(|| no_such_action(action))?;
    let Some(members) = input.as_object_mut() else { return Err(Problem::input(&[no_object()])) };
    // The input of every action but those that send no request names a connection.
    if description.contains("\"connectionId\"") && !members.contains_key("connectionId") {
        members.insert("connectionId".to_owned(), connection.into());
    }
    match json::call(action, &input) {
        Called::Done(Ok(result)) => Ok(result),
        Called::Done(Err(error)) => Err(Problem::of(error)),
        Called::Input(problems) => Err(Problem::input(&problems)),
        Called::NoSuchAction => Err(no_such_action(action)),
    }
}

fn no_object() -> InputProblem {
    let message = "expected an object with the action's inputs".to_owned();
    InputProblem { pointer: String::new(), message }
}

/// Refuses a plan, for which the runner is needed, and unknown parameters.
fn check_query(query: &str) -> Result<(), Problem> {
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("plan", "false") => {}
            ("plan", _) => {
                return Err(invalid(
                    "this server makes no plans",
                    "Call without the parameter plan, or ask o365 serve for the plan.",
                ));
            }
            _ => {
                return Err(invalid(
                    "the query has an unknown parameter",
                    "Remove it: the only query parameter of a call is plan.",
                ));
            }
        }
    }
    Ok(())
}

fn check_headers(request: &Request) -> Result<(), Problem> {
    if !request.headers("idempotency-key").is_empty() {
        return Err(invalid(
            "this server keeps no responses, so it cannot honour an Idempotency-Key",
            "Call without the header, or use o365 serve.",
        ));
    }
    let types = request.headers("content-type");
    let essence = types.first().and_then(|one| one.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") || types.len() > 1 {
        return Err(unsupported(
            "the Content-Type is not application/json",
            "Send the input as JSON, with Content-Type: application/json.",
        ));
    }
    if request.headers("content-encoding").iter().any(|coding| coding != "identity") {
        return Err(unsupported(
            "the body is compressed",
            "Send the input uncompressed, without Content-Encoding.",
        ));
    }
    Ok(())
}

fn invalid(message: &str, fix: &str) -> Problem {
    Problem::refusal("invalid-input", message, fix)
}

fn unsupported(message: &str, fix: &str) -> Problem {
    Problem::refusal("unsupported-media-type", message, fix)
}

fn incomplete(error: BodyError) -> Problem {
    match error {
        BodyError::TooLarge => Problem::refusal(
            "too-large",
            &format!("the body has more than {MAX_INPUT} bytes"),
            "Send a smaller input.",
        ),
        BodyError::Incomplete => invalid("the body is incomplete", "Send the whole request again."),
        BodyError::Late => Problem::refusal(
            "timeout",
            "the body did not arrive in time",
            "Send the whole request at once.",
        ),
    }
}
