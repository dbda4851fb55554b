//! The audit log: what was done in which tenant.
