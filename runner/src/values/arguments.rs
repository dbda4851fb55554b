//! `name=value` pairs to the JSON of an input.

use serde_json::{Map, Value};
use wasmtime::component::Type;

use super::expected::expected;
use super::problem::{Problem, Problems, Step, suggestion};
use super::shape::{self, Member};
use super::strict;

/// The input of the record type `ty` that the pairs say, for [`super::from_json()`].
///
/// Names are those of the JSON. The text of a field whose JSON is a string (a
/// `string`, `char`, `enum` or `list<u8>`, also optional) is taken as it is; any
/// other is read as JSON, such as `true`, `3` or `["a"]`. Fields that no pair
/// names are left out, so that pairs can be laid over another input.
///
/// # Errors
///
/// A pair without `=`, an unknown name, a name given twice, and text that is not
/// JSON. No message repeats a value, or a pair without `=`, since it may be a secret.
pub fn arguments<S: AsRef<str>>(pairs: &[S], ty: &Type) -> Result<Value, Vec<Problem>> {
    let mut problems = Problems::default();
    let Type::Record(record) = ty else {
        problems.add("this input is not a record with fields to name; give it as JSON");
        return Err(problems.finish());
    };
    let members = shape::members(record);
    let mut object = Map::new();
    for (position, pair) in (1..).zip(pairs) {
        argument(position, pair.as_ref(), &members, &mut object, &mut problems);
    }
    if problems.is_empty() { Ok(Value::Object(object)) } else { Err(problems.finish()) }
}

/// Adds what one pair says to `object`.
fn argument(
    position: usize,
    pair: &str,
    members: &[Member],
    object: &mut Map<String, Value>,
    problems: &mut Problems,
) {
    let known = members.iter().map(|member| member.key.as_str());
    let Some((name, text)) = pair.split_once('=') else {
        let hint = suggestion(pair, known);
        problems.add(format!("argument {position} has no `=`; write `name=value`{hint}"));
        return;
    };
    problems.enter(Step::Key(name.into()));
    match members.iter().find(|member| member.key == name) {
        None => problems.add(format!("there is no such field{}", suggestion(name, known))),
        Some(_) if object.contains_key(name) => problems.add("is given twice; keep one"),
        Some(member) => match value(text, &member.ty) {
            Some(value) => {
                object.insert(name.into(), value);
            }
            None => problems.add(format!("expected {}, written as JSON", expected(&member.ty))),
        },
    }
    problems.leave();
}

/// What `text` says for the type, if anything.
fn value(text: &str, ty: &Type) -> Option<Value> {
    if is_text(ty) { Some(text.into()) } else { strict::read(text.as_bytes()).ok() }
}

/// Whether the type's JSON is always a string.
fn is_text(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Char | Type::Enum(_) => true,
        Type::List(list) => shape::is_bytes(list),
        Type::Option(option) => !shape::is_wrapped(option) && is_text(&option.ty()),
        _ => false,
    }
}
