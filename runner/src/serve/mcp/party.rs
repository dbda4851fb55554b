//! Who calls a tool.

use std::sync::Arc;

use http::request::Parts;
use rmcp::model::Extensions;

use crate::platform::Tenant;
use crate::serve::access::RequestFacts;
use crate::serve::authentication::PresentedKey;
use crate::serve::service::{Caller, Service};

/// The tenant that calls, with its key.
#[derive(Clone)]
pub(super) struct Party {
    pub tenant: String,
    pub key: PresentedKey,
    /// What the access log has of the request; `None` without one.
    pub facts: Option<Arc<RequestFacts>>,
}

impl Party {
    /// Returns the tenant whose key an HTTP request has.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let extensions = &extensions.get::<Parts>()?.extensions;
        let Some(Caller::Tenant(tenant)) = extensions.get() else { return None };
        Some(Self {
            tenant: tenant.clone(),
            key: extensions.get::<PresentedKey>()?.clone(),
            facts: extensions.get::<Arc<RequestFacts>>().cloned(),
        })
    }

    /// Returns the tenant; `None` if it was removed.
    pub fn tenant(&self, service: &Service) -> Option<Tenant> {
        service.0.platform.tenant(&self.tenant)
    }
}
