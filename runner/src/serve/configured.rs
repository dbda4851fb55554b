//! The tenants, the keys and the callbacks of a configuration.

use std::collections::BTreeMap;

use super::service::Keys;
use crate::connections::config::{CallbackConfig, Configured, TenantConfig};
use crate::connections::file::Connections;
use crate::platform::{Link, Tenant};

/// Returns the tenants that a file configures, with the connections that `link` creates for the
/// tenant with an id.
pub fn tenants(file: &Connections, link: impl Fn(&str, &Configured) -> Link) -> Vec<Tenant> {
    let links = |configured: &TenantConfig| {
        let known = configured.connections.iter().filter_map(|id| file.get(id));
        known.map(|one| link(&configured.id, one)).collect()
    };
    let tenant = |configured: &TenantConfig| Tenant {
        id: configured.id.clone(),
        links: links(configured),
        actions: configured.actions.clone(),
        secrets: configured.secrets.clone(),
        limits: configured.limits.clone(),
    };
    file.tenants().map(tenant).collect()
}

/// Returns the callbacks that a file configures, by the ids of their tenants.
pub fn callbacks(file: &Connections) -> BTreeMap<String, CallbackConfig> {
    let callback = |it: &TenantConfig| Some((it.id.clone(), it.callback.clone()?));
    file.tenants().filter_map(callback).collect()
}

/// Returns the API keys that a file configures.
pub fn keys(file: &Connections) -> Keys {
    Keys {
        tenants: file.tenants().map(|tenant| (tenant.id.clone(), tenant.keys.clone())).collect(),
        operators: file.serve().operator_keys.clone(),
    }
}
