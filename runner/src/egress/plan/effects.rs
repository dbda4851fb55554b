//! The writes whose effects are known: what each would change, in words, and what Graph
//! would answer. Source: the pages of these calls in the Graph v1.0 reference.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::world::{User, World};
use crate::egress::{Response, whole};

/// A write that was asked for.
pub struct Write<'a> {
    /// Method and path, for a call that is not known.
    pub call: String,
    /// The user in its path, if there is one.
    pub key: Option<String>,
    /// Its body, if it is JSON.
    pub body: &'a Value,
    /// Graph's version root, for addresses in answers.
    pub root: &'a str,
}

/// What a write would change, and what Graph would answer.
pub struct Effect {
    /// The change, in words.
    pub changes: String,
    /// The answer.
    pub answer: Response,
}

/// One row of the table.
type Row = (&'static str, fn(&mut World, &Write<'_>) -> Effect);

/// The known writes, as `actions.toml` names them.
pub const KNOWN: [Row; 5] = [
    ("POST /users", create),
    ("POST /users/{id}/assignLicense", assign),
    ("DELETE /users/{id}", delete),
    ("POST /users/{id}/sendMail", send),
    ("POST /me/sendMail", send),
];

fn create(world: &mut World, write: &Write<'_>) -> Effect {
    let user = User::planned(write.body);
    let changes = format!("creates the user {} ({})", user.name, text(write.body, "displayName"));
    let mut body = user.default_set();
    body.insert(
        "@odata.context".to_owned(),
        format!("{}/$metadata#users/$entity", write.root).into(),
    );
    let mut answer = answer(StatusCode::CREATED, Some(Value::Object(body)));
    let location =
        format!("{}/directoryObjects/{}/Microsoft.DirectoryServices.User", write.root, user.id);
    answer
        .headers_mut()
        .extend(HeaderValue::try_from(location).ok().map(|at| (header::LOCATION, at)));
    world.create(user);
    Effect { changes, answer }
}

fn assign(world: &mut World, write: &Write<'_>) -> Effect {
    let key = write.key.clone().unwrap_or_default();
    let added = list(write.body, "addLicenses");
    let removed = list(write.body, "removeLicenses");
    let name = world.name(&key);
    let mut changes: Vec<String> = Vec::new();
    for license in added {
        let without = match list(license, "disabledPlans").len() {
            0 => String::new(),
            1 => ", without one of its service plans".to_owned(),
            count => format!(", without {count} of its service plans"),
        };
        let sku = world.sku(text(license, "skuId"));
        changes.push(format!("assigns the licence {sku} to the user {name}{without}"));
    }
    for sku_id in removed.iter().filter_map(Value::as_str) {
        changes.push(format!("takes the licence {} from the user {name}", world.sku(sku_id)));
    }
    if changes.is_empty() {
        changes.push(format!("leaves the licences of the user {name} as they are"));
    }
    world.assign(&key, added, removed);
    let user = match world.user(&key) {
        Some(user) => user.default_set(),
        None => Map::from_iter([("id".to_owned(), Value::from(key))]),
    };
    Effect { changes: changes.join("; "), answer: answer(StatusCode::OK, Some(user.into())) }
}

fn delete(world: &mut World, write: &Write<'_>) -> Effect {
    let key = write.key.clone().unwrap_or_default();
    let changes = format!("deletes the user {}, who can be restored for 30 days", world.name(&key));
    world.delete(&key);
    Effect { changes, answer: answer(StatusCode::NO_CONTENT, None) }
}

fn send(world: &mut World, write: &Write<'_>) -> Effect {
    let message = write.body.get("message").unwrap_or(&Value::Null);
    let to: Vec<&str> = ["toRecipients", "ccRecipients", "bccRecipients"]
        .into_iter()
        .flat_map(|field| list(message, field))
        .filter_map(|recipient| recipient.pointer("/emailAddress/address")?.as_str())
        .collect();
    let from = write.key.as_ref().map_or("the signed-in user".to_owned(), |key| world.name(key));
    let attached = match list(message, "attachments").len() {
        0 => "",
        _ => ", with an attachment",
    };
    let changes = format!(
        "sends the mail \"{}\" from {from} to {}{attached}",
        text(message, "subject"),
        to.join(", ")
    );
    Effect { changes, answer: answer(StatusCode::ACCEPTED, None) }
}

/// The effect of a write that the table does not have.
pub fn unknown(write: &Write<'_>) -> Effect {
    Effect {
        changes: format!("does {}, of which no more is known", write.call),
        answer: answer(StatusCode::OK, Some(json!({}))),
    }
}

/// An answer of Graph's.
pub fn answer(status: StatusCode, body: Option<Value>) -> Response {
    let text = body.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut response = http::Response::new(whole(text));
    *response.status_mut() = status;
    if body.is_some() {
        let json = HeaderValue::from_static("application/json;charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    response
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
