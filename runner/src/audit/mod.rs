//! The audit log: what was done in which tenant.

/// A place.
#[derive(Clone, Debug)]
pub struct AuditLog;
