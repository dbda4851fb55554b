//! `GET /users/delta`: the users, and later those that have changed. Source: "user: delta".

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::json::Shape;
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::objects::{Object, Type};
use crate::odata::paging;
use crate::odata::select;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// What a token says: Graph's tokens hold the options of the first request as well.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Token {
    /// The number of the change after which changes are listed; `None` for all users.
    since: Option<u64>,
    /// The number of the last change when the round began.
    until: u64,
    /// The last user of the previous page.
    after: Option<Guid>,
    /// The option `$select` of the first request.
    select: String,
}

/// Lists a page of users or changes.
pub fn users(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only_simulated(&["$select", "$deltatoken", "$skiptoken"])?;
    let token = Token::of(tenant, exchange)?;
    let select = select::of_type(&token.select, Type::User)?;
    let shape = Shape { select, expand: Vec::new() };
    let mut ids: Vec<Guid> = match token.since {
        None => tenant.users.after(token.after).map(|user| user.id).collect(),
        Some(since) => {
            let after = |id: &Guid| token.after.is_none_or(|after| *id > after);
            tenant.changes.since(since).filter(after).collect()
        }
    };
    let more = ids.len() > paging::DEFAULT;
    ids.truncate(paging::DEFAULT);
    let value: Vec<Value> = ids.iter().map(|id| shown(tenant, *id, &shape)).collect();
    let next = match more {
        true => ("@odata.nextLink", "$skiptoken", Token { after: ids.last().copied(), ..token }),
        false => {
            let since = Some(token.until);
            let round = Token { since, after: None, ..token };
            ("@odata.deltaLink", "$deltatoken", round)
        }
    };
    let context = exchange.context(&format!("users{}", shape.in_context()));
    let (name, option, token) = next;
    let link = format!("{}/users/delta?{option}={}", exchange.base, paging::seal(&token));
    let link = (name.to_owned(), Value::from(link));
    Ok(Response::json(Map::from_iter([context, link, ("value".to_owned(), value.into())])))
}

impl Token {
    /// Reads the token of a request; a first request begins a round.
    fn of(tenant: &Tenant, exchange: &Exchange<'_>) -> Result<Self, Refusal> {
        let query = &exchange.query;
        let select = query.get("$select").unwrap_or_default().to_owned();
        let until = tenant.changes.made();
        let continued = query.get("$skiptoken");
        match (continued, query.get("$deltatoken")) {
            (Some(token), _) => paging::open(token),
            (None, Some(token)) if token.eq_ignore_ascii_case("latest") => {
                Ok(Self { since: Some(until), until, after: None, select })
            }
            (None, Some(token)) => Ok(Self { until, ..paging::open(token)? }),
            (None, None) => Ok(Self { since: None, until, after: None, select }),
        }
    }
}

/// Returns a user, or the note that it was removed.
fn shown(tenant: &Tenant, id: Guid, shape: &Shape) -> Value {
    if let Some(user) = tenant.users.get(id) {
        let mut json = tenant.object_json(Object::User(user), shape, false);
        json.insert("id".to_owned(), json!(id));
        return json.into();
    }
    let can_return = tenant.deleted_users.iter().any(|deleted| deleted.user.id == id);
    let reason = if can_return { "changed" } else { "deleted" };
    json!({ "id": id, "@removed": { "reason": reason } })
}
