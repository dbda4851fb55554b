//! The configuration of a tenant of the platform.

use std::collections::BTreeSet;

use super::CallbackConfig;
use crate::api_key::AcceptedKey;
use crate::connections::allowed::AllowedSecrets;
use crate::limits::TenantLimits;

/// One `[tenants.ID]`, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantConfig {
    /// The id.
    pub id: String,
    /// The API keys, none of another tenant. A tenant without one has no access.
    pub keys: Vec<AcceptedKey>,
    /// The ids of the connections that it may use: at least one, all configured.
    pub connections: Vec<String>,
    /// The names of the actions that it may run, which need not exist; `None` for all.
    pub actions: Option<BTreeSet<String>>,
    /// The secrets that its callers may name in inputs.
    pub secrets: AllowedSecrets,
    /// The limits.
    pub limits: TenantLimits,
    /// Where it is told of its runs that nobody waits for.
    pub callback: Option<CallbackConfig>,
}
