//! Converts `name=value` pairs to the JSON of an input.

use serde_json::{Map, Value};
use wasmtime::component::Type;

use super::expected::expected;
use super::problem::{Problem, Problems, Step, suggestion};
use super::shape::{self, Member};
use super::strict;

/// Returns the input of the record type `ty`, for [`super::from_json()`].
///
/// Names are those of the JSON. The text of a field whose JSON is a string (a `string`, `char`,
/// `enum` or `list<u8>`, also optional) is taken as it is; any other is parsed as JSON, such as
/// `true`, `3` or `["a"]`. Fields without a pair are left out, so that pairs can override another
/// input. Reports a pair without `=`, an unknown name, a duplicate name, and text that is not
/// JSON, beside the input of the other pairs. No message repeats a given value or name: with a
/// misplaced blank or `=`, either may be a secret.
pub fn arguments<S: AsRef<str>>(pairs: &[S], ty: &Type) -> (Map<String, Value>, Vec<Problem>) {
    let mut problems = Problems::default();
    let Type::Record(record) = ty else {
        problems.add("this input is not a record with fields to name; give it as JSON");
        return (Map::new(), problems.finish());
    };
    let members = shape::members(record);
    let mut object = Map::new();
    for (position, pair) in (1..).zip(pairs) {
        argument(position, pair.as_ref(), &members, &mut object, &mut problems);
    }
    (object, problems.finish())
}

/// Adds one pair to `object`.
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
    let Some(member) = members.iter().find(|member| member.key == name) else {
        let hint = suggestion(name, known);
        problems
            .add(format!("argument {position} names a field that the action does not have{hint}"));
        return;
    };
    problems.path.enter(Step::Key(name.into()));
    if object.contains_key(name) {
        problems.add("is given twice; keep one");
    } else if let Some(value) = value(text, &member.ty) {
        object.insert(name.into(), value);
    } else {
        problems.add(format!("expected {}, written as JSON", expected(&member.ty)));
    }
    problems.path.leave();
}

/// Returns the value of `text` for the type.
fn value(text: &str, ty: &Type) -> Option<Value> {
    if is_text(ty) { Some(text.into()) } else { strict::read(text.as_bytes()).ok() }
}

/// Whether the JSON of the type is always a string.
fn is_text(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Char | Type::Enum(_) => true,
        Type::List(list) => shape::is_bytes(list),
        Type::Option(option) => !shape::is_wrapped(option) && is_text(&option.ty()),
        _ => false,
    }
}
