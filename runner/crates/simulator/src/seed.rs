//! The built-in tenant, from `seed.json`: made-up people, and Microsoft's own public ids of
//! licences and of their main service plans.

use thiserror::Error;

use super::tenant::Tenant;

/// The built-in tenant cannot be read.
#[derive(Debug, Error)]
#[error("the built-in tenant is damaged: {0}")]
pub struct SeedError(serde_json::Error);

impl Tenant {
    /// Returns the built-in tenant, `contoso.onmicrosoft.com`: a dozen people, and licences with
    /// free seats, without, in their grace period, suspended, and for the whole company.
    pub fn built_in() -> Result<Self, SeedError> {
        serde_json::from_str(include_str!("seed.json")).map_err(SeedError)
    }
}
