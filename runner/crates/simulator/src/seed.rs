//! The built-in tenant, from `seed.json`: made-up people, and Microsoft's own public ids of
//! licences and of their main service plans.

use thiserror::Error;

use super::tenant::Tenant;

/// The tenant, in the form that a tenant's file has.
const SEED: &str = include_str!("seed.json");

/// The built-in tenant is not readable.
#[derive(Debug, Error)]
#[error("the built-in tenant is damaged: {0}")]
pub struct SeedError(serde_json::Error);

/// The built-in tenant.
pub fn built_in() -> Result<Tenant, SeedError> {
    serde_json::from_str(SEED).map_err(SeedError)
}

impl Tenant {
    /// The built-in tenant, `contoso.onmicrosoft.com`: a dozen people, and licences with
    /// seats, without, in their grace period, suspended, and for the whole company.
    pub fn built_in() -> Result<Self, SeedError> {
        built_in()
    }
}
