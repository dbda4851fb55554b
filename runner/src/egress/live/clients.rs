//! Which client serves whom.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Client, ClientError, ClientOptions};

/// How long a client is kept that nobody asks for. Its connections are closed long before.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// One client for each connection of each of the platform's tenants. Tenants never share
/// one: what was decided when a connection was made (its certificates, its addresses, its
/// TLS session) holds for whoever uses it afterwards.
#[derive(Debug)]
pub struct Clients {
    kept: Duration,
    clients: Mutex<HashMap<Key, Kept>>,
}

/// The platform's tenant, and the connection's id.
type Key = (String, String);

#[derive(Debug)]
struct Kept {
    client: Client,
    options: ClientOptions,
    used: Instant,
}

impl Default for Clients {
    fn default() -> Self {
        Self::new(KEPT)
    }
}

impl Clients {
    /// No client yet. One that was not asked for in the time `kept` is dropped at the next
    /// question for any.
    pub fn new(kept: Duration) -> Self {
        Self { kept, clients: Mutex::default() }
    }

    /// The client of `tenant` for the connection `connection`; a new one, too, when its
    /// options are no longer the same.
    pub fn get(
        &self,
        tenant: &str,
        connection: &str,
        options: &ClientOptions,
    ) -> Result<Client, ClientError> {
        let now = Instant::now();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|_, kept| now.saturating_duration_since(kept.used) < self.kept);
        let key = (tenant.to_owned(), connection.to_owned());
        if let Some(kept) = clients.get_mut(&key).filter(|kept| kept.options == *options) {
            kept.used = now;
            return Ok(kept.client.clone());
        }
        let client = Client::new(options)?;
        let kept = Kept { client: client.clone(), options: options.clone(), used: now };
        clients.insert(key, kept);
        Ok(client)
    }

    /// How many clients there are.
    pub fn len(&self) -> usize {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
