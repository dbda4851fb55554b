//! The paths, and who may call them.

use adapter::Settings;
use adapter::settings::{ALLOW_UNAUTHENTICATED, API_KEY, CONNECTION_ID, invalid, missing};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use values::problem::nearest;

use crate::call;
use crate::documents::{DESCRIPTIONS, LIST};
use crate::problem::Problem;
use crate::wasi::{self, Request, Response};

/// The path of the actions.
const ACTIONS: &str = "/v1/actions";

/// The media type of the responses that are no errors.
const JSON: &str = "application/json";

/// The shortest key.
const SHORTEST_KEY: usize = 16;

/// The member of an input that names the connection.
const CONNECTION: &str = "connectionId";

/// Responds to a request.
pub fn respond(request: &mut Request) -> Result<Response, Problem> {
    let settings = Settings::new(&wasi::setting);
    let path = request.path();
    match path.as_str() {
        "/healthz" => read_only(request).map(|()| ok(json!({ "status": "ok" }))),
        "/readyz" => read_only(request).map(|()| ready(&settings)),
        _ => {
            authenticate(&settings, request)?;
            match path.strip_prefix(ACTIONS) {
                Some("") => read_only(request).map(|()| Response::text(200, JSON, LIST.to_owned())),
                Some(rest) => match rest.strip_prefix('/') {
                    Some(action) if !action.is_empty() && !action.contains('/') => {
                        one_action(&settings, request, action)
                    }
                    _ => Err(no_such_path()),
                },
                None => Err(no_such_path()),
            }
        }
    }
}

fn one_action(
    settings: &Settings<'_>,
    request: &mut Request,
    action: &str,
) -> Result<Response, Problem> {
    match request.method().as_str() {
        "GET" | "HEAD" => describe(settings, action),
        "POST" => call::respond(request, action, connection(settings)?).map(ok),
        _ => Err(Problem::method_not_allowed("GET, HEAD, POST")),
    }
}

/// Returns the description of an action. Its connection is optional, as there is only one.
fn describe(settings: &Settings<'_>, action: &str) -> Result<Response, Problem> {
    let known = DESCRIPTIONS.iter().find(|(name, _)| *name == action);
    let (_, text) = known.ok_or_else(|| no_such_action(action))?;
    let mut described: Value = values::parse(text.as_bytes(), text.len()).unwrap_or_default();
    let id = settings.value(CONNECTION_ID).map_err(|reason| configuration(&reason))?;
    if let Some(input) = described.get_mut("input") {
        if let Some(required) = input.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name != CONNECTION);
        }
        let property = input.get_mut("properties").and_then(|of| of.get_mut(CONNECTION));
        if let (Some(property), Some(id)) = (property.and_then(Value::as_object_mut), id) {
            property.insert("enum".to_owned(), json!([id]));
        }
    }
    Ok(ok(described))
}

/// Returns the id of the connection for inputs without one.
fn connection(settings: &Settings<'_>) -> Result<String, Problem> {
    let id = settings.value(CONNECTION_ID).map_err(|reason| configuration(&reason))?;
    Ok(id.unwrap_or_else(|| "default".to_owned()))
}

/// Refuses a request without the key. Without a key in the settings, every request is refused,
/// unless the settings say that everybody may call.
fn authenticate(settings: &Settings<'_>, request: &Request) -> Result<(), Problem> {
    let Some(key) = key(settings).map_err(|reason| configuration(&reason))? else { return Ok(()) };
    let Some(given) = request.bearer() else {
        return Err(unauthenticated("the request has no key"));
    };
    // The time of the comparison depends on the lengths alone.
    match bool::from(given.as_bytes().ct_eq(key.as_bytes())) {
        true => Ok(()),
        false => Err(unauthenticated("the key does not belong to any tenant")),
    }
}

/// Returns the key of the callers; `None` if everybody may call.
fn key(settings: &Settings<'_>) -> Result<Option<String>, String> {
    let open = settings.parsed(ALLOW_UNAUTHENTICATED, |text| (text == "true").then_some(()))?;
    match (settings.secret(API_KEY)?, open) {
        (Some(_), Some(())) => Err(invalid(ALLOW_UNAUTHENTICATED, "stands beside api-key")),
        (Some(key), None) if key.len() < SHORTEST_KEY => Err(invalid(API_KEY, "is too short")),
        (Some(key), None) => Ok(Some(key)),
        (None, Some(())) => Ok(None),
        (None, None) => Err(missing(API_KEY)),
    }
}

fn ready(settings: &Settings<'_>) -> Response {
    match key(settings) {
        Ok(_) => ok(json!({ "status": "ready" })),
        Err(reason) => Response::new(503, JSON, json!({ "status": "not-ready", "reason": reason })),
    }
}

fn ok(value: Value) -> Response {
    Response::new(200, JSON, value)
}

fn read_only(request: &Request) -> Result<(), Problem> {
    match request.method().as_str() {
        "GET" | "HEAD" => Ok(()),
        _ => Err(Problem::method_not_allowed("GET, HEAD")),
    }
}

fn unauthenticated(message: &str) -> Problem {
    let fix = "Send the key in the setting api-key of the server, as Authorization: Bearer KEY.";
    Problem::refusal("unauthenticated", message, fix)
}

fn configuration(reason: &str) -> Problem {
    let fix = "Correct the setting, and start the server again.";
    Problem::refusal("configuration", reason, fix)
}

/// Returns the error for an action that does not exist.
pub fn no_such_action(action: &str) -> Problem {
    let fix = match nearest(action, DESCRIPTIONS.iter().map(|(name, _)| *name)) {
        Some(nearest) => format!("Did you mean {nearest}? List all actions."),
        None => "List all actions.".to_owned(),
    };
    Problem::refusal("no-such-action", "there is no such action", &fix)
}

fn no_such_path() -> Problem {
    let fix = "The paths are /v1/actions and /v1/actions/ACTION.";
    Problem::refusal("no-such-path", "there is no such path", fix)
}
