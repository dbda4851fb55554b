//! The callbacks: a tenant is told when a run that nobody waits for has ended, as the Standard
//! Webhooks say.
//!
//! A callback that is due is in the store until the receiver has taken it, or a day is over. A
//! process claims it there before it sends it, so that one sends it at a time, and another one does
//! when this one is gone.
//!
//! - `due`: the callbacks that are due
//! - `queue`: their order
//! - `delivery`: an attempt to deliver one
//! - `message`: what is sent

mod delivery;
mod due;
mod message;
mod queue;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use crate::connections::config::CallbackConfig;
use crate::network::{Client, ClientError, ClientOptions, Proxies, Timeouts};

pub(in crate::serve) use delivery::deliver;

/// The number of callbacks that are sent at a time.
const AT_ONCE: usize = 16;

/// The largest response of a receiver that is read, in bytes. It says nothing beyond its status.
const LARGEST_RESPONSE: usize = 64 << 10;

/// The callbacks of all tenants.
pub(super) struct Callbacks {
    configured: ArcSwap<Configured>,
    turns: Arc<Semaphore>,
}

/// The callbacks of a configuration.
#[derive(Default)]
struct Configured {
    tenants: BTreeMap<String, CallbackConfig>,
    /// `None` if no tenant has a callback.
    client: Option<Client>,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self { configured: ArcSwap::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Callbacks {
    /// Replaces the callbacks. A secret that cannot be used is told in the log.
    pub fn set(&self, tenants: BTreeMap<String, CallbackConfig>) -> Result<(), ClientError> {
        for (tenant, callback) in &tenants {
            if let Err(error) = callback.key() {
                let fix = error.fix();
                tracing::warn!(tenant, %error, fix, "the callbacks of a tenant cannot be signed");
            }
        }
        let client = match tenants.is_empty() {
            true => None,
            false => Some(client(&tenants)?),
        };
        self.configured.store(Arc::new(Configured { tenants, client }));
        Ok(())
    }

    /// Returns whether a tenant has a callback.
    pub fn has(&self, tenant: &str) -> bool {
        self.configured.load().tenants.contains_key(tenant)
    }

    /// Returns the callback of a tenant, and the client that sends it.
    fn of(&self, tenant: &str) -> Option<(CallbackConfig, Client)> {
        let configured = self.configured.load();
        Some((configured.tenants.get(tenant)?.clone(), configured.client.clone()?))
    }
}

/// Returns a client that reaches this machine only where a callback names it.
fn client(tenants: &BTreeMap<String, CallbackConfig>) -> Result<Client, ClientError> {
    let urls = tenants.values().map(|callback| &callback.url);
    let is_here =
        |url: &&http::Uri| matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    Client::new(&ClientOptions {
        own_addresses: urls.filter(is_here).cloned().collect(),
        proxies: Proxies::from_env(),
        timeouts: Timeouts {
            first_byte: std::time::Duration::from_secs(20),
            ..Timeouts::default()
        },
        max_response_bytes: LARGEST_RESPONSE,
        ..ClientOptions::default()
    })
}
