//! Every way to make a right JSON wrong in one place.

use serde_json::{Value, json};

use crate::shapes::Shape;

/// One change, at a JSON pointer.
#[derive(Clone, Debug)]
pub struct Mutation {
    pub pointer: String,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    /// A value that the type does not have.
    Replace(Value),
    /// A required key goes.
    Remove(&'static str),
    /// A key comes that the type does not know.
    Insert,
}

impl Mutation {
    /// The JSON with the change.
    pub fn apply(&self, json: &Value) -> Value {
        let mut changed = json.clone();
        let place = changed.pointer_mut(&self.pointer).unwrap();
        match &self.change {
            Change::Replace(value) => *place = value.clone(),
            Change::Remove(key) => {
                place.as_object_mut().unwrap().shift_remove(*key).unwrap();
            }
            Change::Insert => {
                place.as_object_mut().unwrap().insert("no such key".into(), json!(1));
            }
        }
        changed
    }
}

/// The changes that make `json`, a value of the type, wrong.
pub fn mutations(shape: &Shape, json: &Value) -> Vec<Mutation> {
    let mut list = Vec::new();
    collect(shape, json, String::new(), &mut list);
    list
}

fn collect(shape: &Shape, json: &Value, at: String, list: &mut Vec<Mutation>) {
    let mut add = |change| list.push(Mutation { pointer: at.clone(), change });
    for wrong in wrong(shape) {
        add(Change::Replace(wrong));
    }
    match (shape, json) {
        (Shape::Record(fields), _) => {
            add(Change::Insert);
            members(fields, json, &at, list);
        }
        (Shape::Variant(cases), _) => {
            add(Change::Insert);
            add(Change::Remove("kind"));
            let (_, payload) = cases.iter().find(|(name, _)| json["kind"] == *name).unwrap();
            match payload {
                None => {}
                Some(Shape::Record(fields)) if fields.iter().all(|(n, _)| *n != "kind") => {
                    members(fields, json, &at, list);
                }
                Some(payload) => members(&[("value", payload.clone())], json, &at, list),
            }
        }
        (Shape::List(item) | Shape::Fixed(item, _), Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                collect(item, value, format!("{at}/{index}"), list);
            }
        }
        (Shape::Tuple(types), Value::Array(items)) => {
            for (index, (ty, value)) in types.iter().zip(items).enumerate() {
                collect(ty, value, format!("{at}/{index}"), list);
            }
        }
        (Shape::Map(_, item), Value::Array(pairs)) => {
            for (index, pair) in pairs.iter().enumerate() {
                collect(item, &pair[1], format!("{at}/{index}/1"), list);
            }
        }
        (Shape::Option(payload), Value::Object(object)) if is_option(payload) => {
            add(Change::Insert);
            add(Change::Remove("some"));
            collect(payload, &object["some"], format!("{at}/some"), list);
        }
        (Shape::Option(payload), value) if !value.is_null() => {
            unless_null(payload, value, at, list);
        }
        (Shape::Result(ok, error), Value::Object(object)) => {
            add(Change::Insert);
            for (key, payload) in [("ok", ok), ("error", error)] {
                match (object.get(key), payload) {
                    (Some(value), Some(ty)) => collect(ty, value, format!("{at}/{key}"), list),
                    (Some(_), None) => list.push(Mutation {
                        pointer: format!("{at}/{key}"),
                        change: Change::Replace(json!(7)),
                    }),
                    (None, _) => {}
                }
            }
        }
        _ => {}
    }
}

/// The mutations of an option's payload; null in its place would be right.
fn unless_null(payload: &Shape, json: &Value, at: String, list: &mut Vec<Mutation>) {
    let mut inner = Vec::new();
    collect(payload, json, at.clone(), &mut inner);
    inner.retain(|m| m.pointer != at || !matches!(m.change, Change::Replace(Value::Null)));
    list.append(&mut inner);
}

fn members(fields: &[(&'static str, Shape)], json: &Value, at: &str, list: &mut Vec<Mutation>) {
    for (name, ty) in fields {
        let key = values::json_name(name);
        if !is_option(ty) {
            let key: &'static str = Box::leak(key.clone().into_boxed_str());
            list.push(Mutation { pointer: at.into(), change: Change::Remove(key) });
        }
        if let Some(value) = json.get(&key) {
            collect(ty, value, format!("{at}/{key}"), list);
        }
    }
}

fn is_option(shape: &Shape) -> bool {
    matches!(shape, Shape::Option(_))
}

/// Some JSON that is no value of the type.
fn wrong(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Simple("bool") => vec![json!(null), json!(0), json!("true")],
        Shape::Simple("u8") => vec![json!(256), json!(-1), json!(1.5), json!("1")],
        Shape::Simple("s8") => vec![json!(128), json!(-129), json!(true)],
        Shape::Simple("u16") => vec![json!(65_536), json!(-1), json!([1])],
        Shape::Simple("s16") => vec![json!(32_768), json!(-32_769), json!(0.1)],
        Shape::Simple("u32") => vec![json!(4_294_967_296_u64), json!(-1), json!({})],
        Shape::Simple("s32") => vec![json!(2_147_483_648_u64), json!(null)],
        Shape::Simple("u64") => vec![json!(-1), json!("-1"), json!("01"), json!(0.5)],
        Shape::Simple("s64") => vec![json!(u64::MAX), json!("+1"), json!("-0"), json!("")],
        Shape::Simple("f32") => vec![json!(1e39), json!(-1e39), json!("1")],
        Shape::Simple("f64") => vec![json!("NaN"), json!(null), json!([])],
        Shape::Simple("char") => vec![json!(""), json!("ab"), json!(7)],
        Shape::Simple(_) => vec![json!(7), json!(null), json!(["a"])],
        Shape::List(item) if matches!(**item, Shape::Simple("u8")) => {
            vec![json!([1]), json!("A"), json!("AB=C"), json!("AA-_")]
        }
        Shape::List(_) => vec![json!({}), json!("a"), json!(null)],
        Shape::Fixed(..) | Shape::Tuple(_) => vec![json!([]), json!({}), json!(null)],
        Shape::Map(..) => vec![json!({}), json!([1]), json!([[1]]), json!([[]])],
        Shape::Option(payload) if is_option(payload) => vec![json!(7), json!("a"), json!({})],
        Shape::Option(payload) => {
            wrong(payload).into_iter().filter(|value| !value.is_null()).collect()
        }
        Shape::Result(..) => vec![json!({}), json!({"other": null}), json!(null)],
        Shape::Enum(_) => vec![json!("no-such-case"), json!(0), json!(null)],
        Shape::Flags(names) => {
            vec![json!({}), json!([names[0], names[0]]), json!(["no-such-flag"]), json!([1])]
        }
        Shape::Record(_) => vec![json!([]), json!(null), json!("a")],
        Shape::Variant(_) => vec![json!({"kind": "no-such-case"}), json!({"kind": 1}), json!("x")],
    }
}
