//! A tenant of the platform, as `o365.toml` configures it.

use std::collections::BTreeSet;

use crate::api_key::KeyHash;
use crate::limits::TenantLimits;

/// One `[tenants.ID]` of the configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantConfig {
    /// Its id.
    pub id: String,
    /// The keys by which it is known; at least one, and none of another tenant.
    pub keys: Vec<KeyHash>,
    /// The ids of the connections that it may use; at least one, all of them configured.
    pub connections: Vec<String>,
    /// The actions that it may run; none for all of them. Whether there are such actions is
    /// for the component to say.
    pub actions: Option<BTreeSet<String>>,
    /// What it may use.
    pub limits: TenantLimits,
}
