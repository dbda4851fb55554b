//! The members of objects, and what is wrapped or base64, in both directions.

use wasmtime::component::Type;
use wasmtime::component::types::{Case, List, OptionType, Record};

pub(super) use super::keys::{ERROR, KIND, OK, SOME, VALUE};
use super::name::json_name;

pub(super) struct Member {
    pub(super) key: String,
    pub(super) wit: String,
    pub(super) ty: Type,
}

/// The place of a case's payload in the variant's object.
pub(super) enum Payload {
    Absent,
    /// A record, its fields beside [`KIND`].
    Beside(Record),
    /// Another type, under [`VALUE`].
    Under(Type),
}

/// Returns the members of a record in the order of the WIT.
pub(super) fn members(record: &Record) -> Vec<Member> {
    record
        .fields()
        .map(|field| Member { key: json_name(field.name), wit: field.name.into(), ty: field.ty })
        .collect()
}

/// Returns the place of the payload. A record with a field `kind` cannot stand beside [`KIND`].
pub(super) fn payload(case: &Case<'_>) -> Payload {
    match &case.ty {
        None => Payload::Absent,
        Some(Type::Record(record)) if record.fields().all(|field| field.name != KIND) => {
            Payload::Beside(record.clone())
        }
        Some(ty) => Payload::Under(ty.clone()),
    }
}

/// Whether a payload is written as `{"some": ...}`, because it may be null.
pub(super) fn is_wrapped(option: &OptionType) -> bool {
    matches!(option.ty(), Type::Option(_))
}

pub(super) fn is_bytes(list: &List) -> bool {
    matches!(list.ty(), Type::U8)
}
