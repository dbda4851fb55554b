//! The tenants and the keys of a configuration.

use crate::connections::file::Connections;
use crate::platform::{Link, Tenant};

use super::service::Keys;

/// The tenants that a file configures; `link` makes a connection of what is configured of it.
pub fn tenants(
    file: &Connections,
    link: impl Fn(&crate::connections::config::Configured) -> Link,
) -> Vec<Tenant> {
    let tenant = |configured: &crate::connections::config::TenantConfig| Tenant {
        id: configured.id.clone(),
        links: configured.connections.iter().filter_map(|id| file.get(id)).map(&link).collect(),
        actions: configured.actions.clone(),
        limits: configured.limits.clone(),
    };
    file.tenants().map(tenant).collect()
}

/// Who may call by a file.
pub fn keys(file: &Connections) -> Keys {
    Keys {
        tenants: file.tenants().map(|tenant| (tenant.id.clone(), tenant.keys.clone())).collect(),
        operators: file.serve().operator_keys.clone(),
    }
}
