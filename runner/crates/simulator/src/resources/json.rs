//! Objects of the directory in Graph's JSON.

use serde_json::{Map, Value};

use crate::exchange::Exchange;
use crate::objects::{Object, Type};
use crate::odata::expand::Expand;
use crate::odata::select;
use crate::refusal::Refusal;
use crate::relations::Relation;
use crate::tenant::Tenant;
use graph::properties::{GROUP_DEFAULT, USER_DEFAULT};

/// The number of related objects that `$expand` shows. Source: "Query parameters", limits of
/// `$expand` on objects of the directory.
const EXPANDED: usize = 20;

/// What a response shows of objects.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The selected properties; `None` for the default ones.
    pub select: Option<Vec<&'static str>>,
    /// The expanded relations.
    pub expand: Vec<Expand>,
}

impl Shape {
    /// Reads the options of a query on objects of the type `kind`.
    pub fn of(tenant: &Tenant, exchange: &Exchange<'_>, kind: Type) -> Result<Self, Refusal> {
        let option = exchange.query.get("$select").unwrap_or_default();
        let select = select::of_type(option, kind)?;
        let has_activity = select.as_ref().is_some_and(|names| names.contains(&"signInActivity"));
        if has_activity && !tenant.premium {
            return Err(Refusal::not_premium());
        }
        Ok(Self { select, expand: Expand::of(&exchange.query, kind)? })
    }

    /// The default properties.
    pub const fn default() -> Self {
        Self { select: None, expand: Vec::new() }
    }

    /// Returns the selection in the form of an `@odata.context`.
    pub fn in_context(&self) -> String {
        let expanded = self.expand.iter().map(|expand| format!("{}()", expand.relation.name()));
        let names = self.select.iter().flatten().map(|name| (*name).to_owned());
        let all: Vec<String> = names.chain(expanded).collect();
        if all.is_empty() { String::new() } else { format!("({})", all.join(",")) }
    }
}

impl Tenant {
    /// Returns an object; `typed` if its type is not that of the collection.
    pub(super) fn object_json(
        &self,
        object: Object<'_>,
        shape: &Shape,
        typed: bool,
    ) -> Map<String, Value> {
        let mut json = Map::new();
        if typed {
            let kind = format!("#microsoft.graph.{}", object.kind().name());
            json.insert("@odata.type".to_owned(), kind.into());
        }
        let default = match object.kind() {
            Type::Group => GROUP_DEFAULT,
            _ => USER_DEFAULT,
        };
        // Only a selection for objects of any type has names that the type does not know.
        let own = |name: &&&str| !typed || object.kind().property(name).is_some();
        for name in shape.select.as_deref().unwrap_or(default).iter().filter(own) {
            let value = match object {
                Object::User(user) => self.user_property(user, name),
                Object::Group(group) => self.group_property(group, name),
            };
            json.insert((*name).to_owned(), value);
        }
        for expand in &shape.expand {
            self.expand(object, expand, &mut json);
        }
        json
    }

    fn expand(&self, object: Object<'_>, expand: &Expand, json: &mut Map<String, Value>) {
        let shape = Shape { select: expand.select.clone(), expand: Vec::new() };
        let related = self.related(object, expand.relation);
        let mut shown = related
            .into_iter()
            .filter_map(|id| self.object(id))
            .map(|other| Value::from(self.object_json(other, &shape, true)));
        let name = expand.relation.name().to_owned();
        if expand.relation != Relation::Manager {
            json.insert(name, shown.take(EXPANDED).collect());
        } else if let Some(manager) = shown.next() {
            json.insert(name, manager);
        }
    }
}

/// Returns one object as the body of a response. `collection` is its collection in the context.
pub fn entity(
    tenant: &Tenant,
    exchange: &Exchange<'_>,
    object: Object<'_>,
    shape: &Shape,
    collection: Type,
) -> Map<String, Value> {
    let context = format!("{}{}/$entity", collection.collection(), shape.in_context());
    let mut body = Map::from_iter([exchange.context(&context)]);
    body.extend(tenant.object_json(object, shape, collection == Type::Any));
    body
}
