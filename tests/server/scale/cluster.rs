//! Servers of the same tenants on one store.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use runner::store::jetstream::JetStream;
use runner::store::jetstream::options::Options;

use crate::serve::server::{Place, Server, eventually};
use support::nats::Nats;

/// The key that seals what the servers of a test share: 32 bytes, which everybody may know.
const STORE_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Servers of one tenant, each in a place of its own, on one store.
pub struct Cluster {
    /// The servers of the store.
    pub nats: Vec<Nats>,
    pub places: Vec<Place>,
    /// The key of the tenant.
    pub key: String,
}

impl Cluster {
    /// A cluster of servers with these connections, each named `main`; none where there is no NATS.
    pub fn new(connections: &[String]) -> Option<Self> {
        Some(Self::on(vec![Nats::start()?], connections))
    }

    /// The same on three servers of NATS.
    pub fn on_three(connections: &[String]) -> Option<Self> {
        let nats = Nats::three()?;
        let servers = nats.iter().map(Nats::url).collect();
        let options = Options { servers, replicas: 3, ..nats[0].options() };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        // They elect a leader first.
        eventually("the store is there", || runtime.block_on(JetStream::open(&options)).is_ok());
        let cluster = Self::on(nats, connections);
        cluster.set("serve", "store-replicas = 3");
        Some(cluster)
    }

    fn on(nats: Vec<Nats>, connections: &[String]) -> Self {
        let urls = nats.iter().map(Nats::url).collect::<Vec<_>>().join(",");
        let place = |connection: &String| {
            let place = Place::with(&format!("{}{connection}", shared(&urls)));
            secret(&place);
            place
        };
        let places = connections.iter().map(place).collect();
        let cluster = Self { nats, places, key: String::new() };
        let key = cluster.add("contoso");
        Self { key, ..cluster }
    }

    /// Adds a tenant to all configurations; its key.
    pub fn add(&self, tenant: &str) -> String {
        let key = self.places[0].add(tenant, "main", &[]);
        let text = fs::read_to_string(self.places[0].config()).unwrap();
        // With the hash of its key.
        let table = &text[text.find(&format!("[tenants.{tenant}]")).unwrap()..];
        for place in &self.places[1..] {
            let own = fs::read_to_string(place.config()).unwrap();
            fs::write(place.config(), format!("{own}\n{table}")).unwrap();
        }
        key
    }

    /// Adds a line to a table of all configurations.
    pub fn set(&self, table: &str, line: &str) {
        for place in &self.places {
            place.set(table, line);
        }
    }

    /// A server, by its number.
    pub fn serve(&self, number: usize) -> Server {
        self.places[number].serve(&[])
    }
}

/// The table of a server that shares the store at `url`.
pub fn shared(url: &str) -> String {
    format!("[serve]\nstore = \"{url}\"\nstore-key = {{ file = \"store-key\" }}\n\n")
}

/// Writes the key of the store.
pub fn secret(place: &Place) {
    let path = place.path("store-key");
    fs::write(&path, STORE_KEY).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
