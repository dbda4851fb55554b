//! Refuses types without a JSON form when a component is loaded.

use wasmtime::component::Type;

use super::problem::{Path, Step};
use super::{MAX_DEPTH, expected, shape};

/// A type without a JSON form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the type at `{path}` {reason}; an action takes and returns plain values only")]
pub struct Unsupported {
    /// The place in the type: names as in JSON, `*` for the items of a list.
    pub path: String,
    /// Why it is not supported.
    pub reason: String,
}

/// Fails for a type with values that have no JSON form. The types of a component are finite
/// trees, since wasmtime limits their size. Refuses resources, futures, streams and error
/// contexts, which are handles into a running component, and types whose JSON would nest deeper
/// than [`MAX_DEPTH`].
pub fn check_type(ty: &Type) -> Result<(), Unsupported> {
    walk(ty, &mut Path::default())
}

fn walk(ty: &Type, path: &mut Path) -> Result<(), Unsupported> {
    if path.depth() >= MAX_DEPTH {
        return refuse(path, format!("nests more than {MAX_DEPTH} levels deep"));
    }
    match ty {
        Type::Own(_) | Type::Borrow(_) | Type::Future(_) | Type::Stream(_) | Type::ErrorContext => {
            refuse(path, format!("is {}", expected::handle(ty)))
        }
        Type::List(list) => below("*", &list.ty(), path),
        Type::FixedLengthList(list) => below("*", &list.ty(), path),
        Type::Map(map) => {
            path.enter(Step::Key("*".into()));
            let checked =
                below("0", &map.key(), path).and_then(|()| below("1", &map.value(), path));
            path.leave();
            checked
        }
        Type::Tuple(tuple) => (0..)
            .zip(tuple.types())
            .try_for_each(|(index, item)| below(&usize::to_string(&index), &item, path)),
        Type::Record(record) => shape::members(record)
            .iter()
            .try_for_each(|member| below(&member.key, &member.ty, path)),
        Type::Variant(variant) => variant
            .cases()
            .filter_map(|case| case.ty.map(|ty| (case.name, ty)))
            .try_for_each(|(name, ty)| below(name, &ty, path)),
        Type::Option(option) => below(shape::SOME, &option.ty(), path),
        Type::Result(result) => {
            let arms = [(shape::OK, result.ok()), (shape::ERROR, result.err())];
            arms.iter().try_for_each(|(name, ty)| match ty {
                Some(ty) => below(name, ty, path),
                None => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

fn below(name: &str, ty: &Type, path: &mut Path) -> Result<(), Unsupported> {
    path.enter(Step::Key(name.into()));
    let checked = walk(ty, path);
    path.leave();
    checked
}

fn refuse(path: &Path, reason: String) -> Result<(), Unsupported> {
    let path = path.pointer();
    Err(Unsupported { path: if path.is_empty() { "/".into() } else { path }, reason })
}
