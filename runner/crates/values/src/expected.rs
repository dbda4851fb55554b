//! Describes types in messages.

use wasmtime::component::Type;

use super::problem::one_of;
use super::shape;

/// Describes a value of the type `ty`, such as `a string`.
pub(super) fn expected(ty: &Type) -> String {
    if let Some((min, max)) = integer_range(ty) {
        return format!("an integer from {min} to {max}");
    }
    match ty {
        Type::Bool => "true or false".into(),
        Type::Float32 | Type::Float64 => "a number".into(),
        Type::Char => "a string of one character".into(),
        Type::String => "a string".into(),
        Type::List(list) if shape::is_bytes(list) => "a base64 string".into(),
        Type::List(_) => "a list".into(),
        Type::Map(_) => "a list of [key, value]".into(),
        Type::Tuple(tuple) => format!("a list of {}", tuple.types().len()),
        Type::FixedLengthList(list) => format!("a list of {}", list.len()),
        Type::Option(option) if shape::is_wrapped(option) => "null or {\"some\": ...}".into(),
        Type::Option(option) => format!("{} or null", expected(&option.ty())),
        Type::Result(_) => "{\"ok\": ...} or {\"error\": ...}".into(),
        Type::Variant(_) => "an object with `kind`".into(),
        Type::Record(_) => "an object".into(),
        Type::Enum(cases) => one_of(cases.names()),
        Type::Flags(flags) => format!("a list of names, each {}", one_of(flags.names())),
        other => format!("{}, which JSON cannot say", handle(other)),
    }
}

/// Returns the least and the greatest value of an integer type.
pub(super) fn integer_range(ty: &Type) -> Option<(i128, i128)> {
    Some(match ty {
        Type::S8 => (i8::MIN.into(), i8::MAX.into()),
        Type::U8 => (u8::MIN.into(), u8::MAX.into()),
        Type::S16 => (i16::MIN.into(), i16::MAX.into()),
        Type::U16 => (u16::MIN.into(), u16::MAX.into()),
        Type::S32 => (i32::MIN.into(), i32::MAX.into()),
        Type::U32 => (u32::MIN.into(), u32::MAX.into()),
        Type::S64 => (i64::MIN.into(), i64::MAX.into()),
        Type::U64 => (u64::MIN.into(), u64::MAX.into()),
        _ => return None,
    })
}

/// Returns the name in WIT, with its article, of a type that is a handle.
pub(super) fn handle(ty: &Type) -> &'static str {
    match ty {
        Type::Own(_) | Type::Borrow(_) => "a resource",
        Type::Future(_) => "a future",
        Type::Stream(_) => "a stream",
        Type::ErrorContext => "an error-context",
        _ => "a value",
    }
}
