//! The tenant itself.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::Graph;
use super::error::{CallError, Doing};
use super::json::{self, FromJson};
use super::operation;
use super::request::Call;

/// Reading the tenant, in words.
pub const GET: Doing<'static> =
    Doing { operation: &operation::GET_ORGANIZATION, task: "read the tenant" };

/// With the permission `User.Read` alone, these are all the properties that Graph fills in.
const PATH: &str = "/organization?$select=id,displayName,verifiedDomains";

/// A tenant: Graph's `organization`, as far as it is used here.
pub struct Organization {
    /// The tenant's id.
    pub id: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// The domains that the tenant has proved to own.
    pub verified_domains: Vec<Domain>,
}

/// A domain of a tenant: Graph's `verifiedDomain`, as far as it is used here.
pub struct Domain {
    /// The name.
    pub name: String,
    /// Whether another identity provider than Entra signs its users in. Entra creates such
    /// users only with the id that they have there. Source: "Create user", Graph v1.0
    /// reference, on `onPremisesImmutableId`.
    pub is_federated: bool,
}

impl FromJson for Domain {
    fn from_json(domain: &Value) -> Option<Self> {
        let kind = json::text(domain, "type").unwrap_or_default();
        Some(Domain {
            name: json::text(domain, "name")?,
            is_federated: kind.eq_ignore_ascii_case("Federated"),
        })
    }
}

impl FromJson for Organization {
    /// Reads the response, which is a collection of exactly one.
    fn from_json(response: &Value) -> Option<Self> {
        let organization = json::array(response, "value").first()?;
        Some(Organization {
            id: json::text(organization, "id")?,
            display_name: json::text(organization, "displayName"),
            verified_domains: json::list(organization, "verifiedDomains"),
        })
    }
}

impl Graph<'_> {
    /// Reads the tenant.
    ///
    /// # Errors
    /// Graph did not give it.
    pub fn organization(&mut self) -> Result<Organization, CallError> {
        let call = Call::read(GET.operation, PATH.to_owned());
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        json::parse(&response, "a collection with the tenant")
    }
}
