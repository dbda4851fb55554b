//! A call of an action: what `o365 serve` checks of the request, in the same order.

use serde_json::Value;

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
    if let Some(input) = input.as_object_mut()
        && !input.contains_key("connectionId")
        && takes_connection(action)
    {
        input.insert("connectionId".to_owned(), connection.into());
    }
    match json::call(action, &input) {
        Called::Done(Ok(result)) => Ok(result),
        Called::Done(Err(error)) => Err(Problem::of(error)),
        Called::Input(problems) => Err(Problem::input(&problems)),
        Called::NoSuchAction => Err(no_such_action(action)),
    }
}

/// Returns whether the input of an action names a connection.
fn takes_connection(action: &str) -> bool {
    crate::documents::DESCRIPTIONS
        .iter()
        .any(|(name, text)| *name == action && text.contains("\"connectionId\""))
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
