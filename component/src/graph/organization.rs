//! The tenant itself.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::Graph;
use super::error::{CallError, Doing};
use super::json::{self, FromJson};
use super::request::Call;

/// Reading the tenant, in words.
pub const GET: Doing<'static> = Doing { call: "GET /organization", task: "read the tenant" };

/// With the permission `User.Read` alone, these are all the properties that Graph fills in.
const PATH: &str = "/organization?$select=id,displayName,verifiedDomains";

/// A tenant: Graph's `organization`, as far as it is used here.
pub struct Organization {
    /// The tenant's id.
    pub id: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// The names of the domains that the tenant has proved to own.
    pub verified_domains: Vec<String>,
}

impl FromJson for Organization {
    /// Reads the answer, which is a collection of exactly one.
    fn from_json(answer: &Value) -> Option<Self> {
        let organization = json::array(answer, "value").first()?;
        let domains = json::array(organization, "verifiedDomains").iter();
        Some(Organization {
            id: json::text(organization, "id")?,
            display_name: json::text(organization, "displayName"),
            verified_domains: domains.filter_map(|domain| json::text(domain, "name")).collect(),
        })
    }
}

impl Graph<'_> {
    /// Reads the tenant.
    ///
    /// # Errors
    /// Graph did not give it.
    pub fn organization(&mut self) -> Result<Organization, CallError> {
        let call = Call::read(GET.call, PATH.to_owned());
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        json::parse(&response, "a collection with the tenant")
    }
}
