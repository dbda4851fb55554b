//! Objects of any type, and questions about their groups.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::json::{self, Shape};
use crate::exchange::{Exchange, Response, ResponseOrRefusal, member};
use crate::guid::Guid;
use crate::objects::Type;
use crate::refusal::Refusal;
use crate::relations::Relation;
use crate::route::{MembershipQuery, Owner};
use crate::tenant::Tenant;

/// The number of ids in a request. Source: "directoryObject: getByIds".
const MOST_IDS: usize = 1_000;

/// The number of groups in a question. Source: "directoryObject: checkMemberGroups".
const MOST_GROUPS: usize = 20;

/// `GET /directoryObjects/{id}`.
pub fn get(tenant: &Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    exchange.query.only_simulated(&["$select"])?;
    let shape = Shape::of(tenant, exchange, Type::Any)?;
    let object = tenant.object_at(id)?;
    Ok(Response::json(json::entity(tenant, exchange, object, &shape, Type::Any)))
}

/// `POST /directoryObjects/getByIds`: the objects that exist, of the types in the request.
pub fn by_ids(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    let shape = Shape::of(tenant, exchange, Type::Any)?;
    let body = exchange.object()?;
    graph::only(&body, &["ids", "types"], "getByIds")?;
    let types = texts(&body, "types").unwrap_or_default();
    let wanted = |kind: Type| {
        let is = |name: &&str| name.eq_ignore_ascii_case(kind.name()) || *name == "directoryObject";
        types.is_empty() || types.iter().any(is)
    };
    let objects: Vec<Value> = ids(&body, "ids", MOST_IDS)?
        .into_iter()
        .filter_map(|id| tenant.object(id))
        .filter(|object| wanted(object.kind()))
        .map(|object| tenant.object_json(object, &shape, true).into())
        .collect();
    Ok(values(exchange, &format!("directoryObjects{}", shape.in_context()), objects.into()))
}

/// `getMemberGroups`, `getMemberObjects`, `checkMemberGroups` and `checkMemberObjects`: ids of
/// groups, direct and indirect ones.
pub fn memberships(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    owner: &Owner,
    query: MembershipQuery,
) -> ResponseOrRefusal {
    let id = owner.id(tenant, exchange)?;
    let body = exchange.object()?;
    let object = tenant.object(id).ok_or_else(|| Refusal::absent(&id.to_string()))?;
    let all = tenant.related(object, Relation::TransitiveMemberOf);
    let found: BTreeSet<Guid> = match query {
        MembershipQuery::All => {
            let flag = member(&body, "securityEnabledOnly").unwrap_or(&Value::Bool(false));
            let only_security = flag.as_bool().ok_or_else(|| invalid("securityEnabledOnly"))?;
            let is_wanted = |id: &Guid| {
                !only_security || tenant.groups.get(*id).is_some_and(|group| group.security_enabled)
            };
            all.into_iter().filter(is_wanted).collect()
        }
        MembershipQuery::Among => {
            let name = if member(&body, "ids").is_some() { "ids" } else { "groupIds" };
            ids(&body, name, MOST_GROUPS)?.into_iter().filter(|id| all.contains(id)).collect()
        }
    };
    Ok(values(exchange, "Collection(Edm.String)", found.iter().map(Guid::to_string).collect()))
}

fn values(exchange: &Exchange<'_>, context: &str, value: Value) -> Response {
    Response::json(Map::from_iter([exchange.context(context), ("value".to_owned(), value)]))
}

fn texts<'a>(body: &'a Map<String, Value>, name: &str) -> Option<Vec<&'a str>> {
    member(body, name)?.as_array()?.iter().map(Value::as_str).collect()
}

fn ids(body: &Map<String, Value>, name: &str, most: usize) -> Result<Vec<Guid>, Refusal> {
    let texts = texts(body, name).ok_or_else(|| invalid(name))?;
    if texts.len() > most {
        return Err(Refusal::bad(format!(
            "Too many ids are in the request: the maximum of '{name}' is {most}."
        )));
    }
    texts.into_iter().map(|id| id.parse().map_err(|_| invalid(name))).collect()
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad(format!("Invalid value specified for the parameter '{name}'."))
}
