//! The operations, parameters and schemas of a document, each with its place.

use serde_json::{Value, json};

/// A schema.
pub struct Schema<'a> {
    pub value: &'a Value,
    /// Whether it is that of a whole body, response or parameter.
    pub is_whole: bool,
}

/// An operation.
pub struct Operation<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub value: &'a Value,
}

impl<'a> Operation<'a> {
    pub fn id(&self) -> &'a str {
        self.text("operationId")
    }

    /// A text of it; empty without one.
    pub fn text(&self, name: &str) -> &'a str {
        self.value[name].as_str().unwrap_or_default()
    }

    pub fn parameters(&self) -> &'a [Value] {
        self.value["parameters"].as_array().map_or(&[], Vec::as_slice)
    }
}

/// The members of an object; none of anything else.
pub fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Whether a value has a member that is this text.
pub fn says(value: &Value, name: &str, text: &str) -> bool {
    value[name] == text
}

pub fn operations(document: &Value) -> Vec<(String, Operation<'_>)> {
    let of_path = |(path, item)| {
        members(item).map(move |(method, value)| {
            (format!("{method} {path}"), Operation { method, path, value })
        })
    };
    members(&document["paths"]).flat_map(of_path).collect()
}

/// The operation with this id.
pub fn operation<'a>(document: &'a Value, id: &Value) -> Option<Operation<'a>> {
    let mut all = operations(document).into_iter().map(|(_, operation)| operation);
    all.find(|operation| *id == operation.id())
}

pub fn parameters(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (place, operation) in operations(document) {
        for parameter in operation.parameters() {
            all.push((format!("{place}: {}", parameter["name"]), parameter));
        }
    }
    all
}

/// The responses of operations, by their status.
pub fn responses(document: &Value) -> Vec<(String, &str, &Value)> {
    let mut all = Vec::new();
    for (place, operation) in operations(document) {
        for (status, response) in members(&operation.value["responses"]) {
            all.push((format!("{place}: {status}"), status, response));
        }
    }
    all
}

/// Every schema, those inside of others too.
pub fn schemas(document: &Value) -> Vec<(String, Schema<'_>)> {
    let mut found = Vec::new();
    for (name, schema) in members(&document["definitions"]) {
        collect(format!("#/definitions/{name}"), schema, true, &mut found);
    }
    for (place, parameter) in parameters(document) {
        let schema = if says(parameter, "in", "body") { &parameter["schema"] } else { parameter };
        collect(place, schema, true, &mut found);
    }
    for (place, _, response) in responses(document) {
        if let Some(schema) = response.get("schema") {
            collect(place, schema, true, &mut found);
        }
    }
    found
}

fn collect<'a>(
    place: String,
    schema: &'a Value,
    is_whole: bool,
    found: &mut Vec<(String, Schema<'a>)>,
) {
    for (name, property) in members(&schema["properties"]) {
        collect(format!("{place}/{name}"), property, false, found);
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(below) = schema.get(keyword).filter(|below| below.is_object()) {
            collect(format!("{place}/{keyword}"), below, false, found);
        }
    }
    found.push((place, Schema { value: schema, is_whole }));
}

/// The properties of all objects, each with the object.
pub fn properties(document: &Value) -> Vec<(String, (&str, &Value, &Value))> {
    let mut found = Vec::new();
    for (place, schema) in schemas(document) {
        for (name, property) in members(&schema.value["properties"]) {
            found.push((format!("{place}/{name}"), (name, property, schema.value)));
        }
    }
    found
}

/// What a schema refers to, or itself.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|it| document.pointer(it.strip_prefix('#')?));
    target.unwrap_or(schema)
}

/// How many schemas there are below one and with it, those that it refers to each time.
pub fn count(document: &Value, schema: &Value) -> usize {
    let schema = resolved(document, schema);
    let properties = members(&schema["properties"]).map(|(_, property)| property);
    let below = properties.chain(schema.get("items"));
    1 + below.map(|below| count(document, below)).sum::<usize>()
}

/// Whether a value is of a type.
pub fn is_of(value: &Value, name: &Value) -> bool {
    name.is_null() || jsonschema::is_valid(&json!({ "type": name }), value)
}

/// Calls `see` with each object of the document and its place.
pub fn each_object<'a>(place: &str, value: &'a Value, see: &mut dyn FnMut(&str, &'a Value)) {
    match value {
        Value::Object(members) => {
            see(place, value);
            for (name, member) in members {
                each_object(&format!("{place}/{name}"), member, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(place, item, see)),
        _ => {}
    }
}
