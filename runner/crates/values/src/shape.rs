//! The JSON forms that have a choice: the keys of objects, what is wrapped, what is base64.
//!
//! One place for both directions, so that what is written can be read.

use wasmtime::component::Type;
use wasmtime::component::types::{Case, List, OptionType, Record};

use super::name::json_name;

/// Up to here every integer has a floating-point number of its own (2^53-1). Most
/// readers of JSON take every number for one, and would round a greater integer.
pub(super) const MAX_SAFE: i128 = 9_007_199_254_740_991;

/// The key under which a variant's object names its case.
pub(super) const KIND: &str = "kind";
/// The key of a payload that is no record.
pub(super) const VALUE: &str = "value";
/// The key of an option's payload that could itself be null.
pub(super) const SOME: &str = "some";
/// The keys of a result.
pub(super) const OK: &str = "ok";
pub(super) const ERROR: &str = "error";

/// One key of an object, and what stands under it.
pub(super) struct Member {
    /// The key.
    pub(super) key: String,
    /// The field's name in WIT.
    pub(super) wit: String,
    /// The type of the value.
    pub(super) ty: Type,
}

/// How a case's payload stands in the variant's object.
pub(super) enum Payload {
    /// There is none.
    Absent,
    /// A record, its fields beside [`KIND`].
    Beside(Record),
    /// Anything else, under [`VALUE`].
    Under(Type),
}

/// The members of a record, in WIT's order.
pub(super) fn members(record: &Record) -> Vec<Member> {
    record
        .fields()
        .map(|field| Member { key: json_name(field.name), wit: field.name.into(), ty: field.ty })
        .collect()
}

/// How the payload of `case` stands; a record with a field `kind` cannot stand beside it.
pub(super) fn payload(case: &Case<'_>) -> Payload {
    match &case.ty {
        None => Payload::Absent,
        Some(Type::Record(record)) if record.fields().all(|field| field.name != KIND) => {
            Payload::Beside(record.clone())
        }
        Some(ty) => Payload::Under(ty.clone()),
    }
}

/// Whether some payload is written as `{"some": ...}`, because it may itself be null.
pub(super) fn is_wrapped(option: &OptionType) -> bool {
    matches!(option.ty(), Type::Option(_))
}

/// Whether the list is bytes, written as base64.
pub(super) fn is_bytes(list: &List) -> bool {
    matches!(list.ty(), Type::U8)
}
