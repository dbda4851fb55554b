//! The keys of objects that stand for other types.

/// The key of a variant's case.
pub(super) const KIND: &str = "kind";
/// The key of a payload that is not a record.
pub(super) const VALUE: &str = "value";
/// The key of an option's payload that may be null.
pub(super) const SOME: &str = "some";
/// The keys of a result.
pub(super) const OK: &str = "ok";
pub(super) const ERROR: &str = "error";
