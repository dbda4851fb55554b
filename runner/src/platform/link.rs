//! A connection that a tenant may use, and the way over it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use uuid::Uuid;

use super::failure::Failure;
use crate::connections::config::Configured;
use crate::connections::tokens::{Credentials, TokenCache};
use crate::connections::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use crate::contract::Call;
use crate::egress::credential::Credential;
use crate::egress::live::{Client, ClientOptions, Faults, Proxies, way_out};
use crate::egress::observer::Observer;
use crate::egress::throttle::{Gate, Gates, Passage, Throttled};
use crate::egress::usage::Usage;
use crate::egress::{WayOut, correlation};
use crate::recording::scan::OtherSecrets;
use crate::sandbox::Clock;
use crate::simulator::{Caller, Simulator};

/// Where the Graph of a simulated tenant is taken to be.
const SIMULATED_GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// A connection of a tenant. Clones share what is open of it.
#[derive(Clone)]
pub struct Link {
    id: String,
    public: Connection,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Live(Arc<Live>),
    Simulated(Simulator),
    Given(WayOut),
}

/// A connection of the configuration.
struct Live {
    configured: Configured,
    open: OnceCell<Open>,
}

/// What runs of one tenant share of a live connection: one pool, one sign-in.
struct Open {
    client: Client,
    credentials: Credentials,
    gate: Gate,
}

/// What all connections of a process have in common.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub tokens: TokenCache,
    pub gates: Gates,
}

/// The way of one run.
pub(super) struct Opened {
    pub way_out: WayOut,
    /// Why the last request had no answer.
    pub faults: Faults,
}

/// The run that asks for a way.
pub(super) struct Asks {
    /// Its id.
    pub run: Uuid,
    /// The calls of its action, for the log.
    pub calls: Vec<Call>,
    /// How long it may take, from its start.
    pub time: Duration,
    /// Where it is counted what it waits.
    pub usage: Usage,
}

impl Link {
    /// A connection to Graph itself, under its id.
    pub fn live(configured: Configured) -> Self {
        Self {
            id: configured.id.clone(),
            public: configured.public(),
            kind: Kind::Live(Arc::new(Live { configured, open: OnceCell::new() })),
        }
    }

    /// A connection to a simulated tenant. Its runs wait in virtual time.
    pub fn simulated(id: impl Into<String>, simulator: Simulator) -> Self {
        let public = simulator.look(|tenant| Connection {
            graph_url: SIMULATED_GRAPH.to_owned(),
            tenant: tenant.initial_domain().to_owned(),
            sender: tenant.sender.clone(),
            access: Access::AppOnly,
            time_limit_ms: DEFAULT_TIME_LIMIT_MS,
        });
        Self { id: id.into(), public, kind: Kind::Simulated(simulator) }
    }

    /// A connection whose requests end in `way_out`, which adds whatever sign-in they need.
    pub fn given(id: impl Into<String>, public: Connection, way_out: WayOut) -> Self {
        Self { id: id.into(), public, kind: Kind::Given(way_out) }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a guest may know of it.
    pub fn public(&self) -> &Connection {
        &self.public
    }

    /// The same connection as `other` has it, if it is configured alike: what is open of that
    /// stays open.
    pub(super) fn kept_open(self, other: Option<&Self>) -> Self {
        match (&self.kind, other.map(|other| &other.kind)) {
            (Kind::Live(new), Some(Kind::Live(old))) if new.configured == old.configured => {
                Self { kind: Kind::Live(Arc::clone(old)), ..self }
            }
            _ => self,
        }
    }

    /// The clock of a run over it.
    pub(super) fn clock(&self) -> Clock {
        match self.kind {
            Kind::Simulated(_) => Clock::simulated(),
            Kind::Live(_) | Kind::Given(_) => Clock::real(),
        }
    }

    /// The layers from the gate down.
    pub(super) async fn open(
        &self,
        shared: &Shared,
        asks: Asks,
        clock: &Clock,
    ) -> Result<Opened, Failure> {
        let faults = Faults::default();
        let (network, gate) = match &self.kind {
            Kind::Live(live) => {
                let open = live.open(shared).await?;
                let network = way_out::way_out(open.client.clone(), faults.clone());
                let credential = Credential {
                    credentials: open.credentials.clone(),
                    graph_url: live.configured.graph_url.clone(),
                    known: OtherSecrets::default(),
                };
                (credential.in_front_of(network), Some(open.gate.clone()))
            }
            Kind::Simulated(simulator) => {
                (simulator.way_out(Caller::application(), clock.clone()), None)
            }
            Kind::Given(way_out) => (way_out.clone(), None),
        };
        let network = correlation::in_front_of(network, asks.run);
        let graph_url = self.public.graph_root().map_err(Failure::connection)?;
        let observed =
            Observer { calls: asks.calls, graph_url, watcher: None }.in_front_of(network);
        let way_out = match gate {
            Some(gate) => Passage { gate, time: asks.time, usage: asks.usage }
                .in_front_of(observed, clock.clone()),
            None => observed,
        };
        Ok(Opened { way_out, faults })
    }
}

impl Live {
    /// What is open of it, opened at the first run.
    async fn open(&self, shared: &Shared) -> Result<&Open, Failure> {
        self.open
            .get_or_try_init(|| async {
                let configured = &self.configured;
                let options = ClientOptions {
                    trust: configured.trust.clone(),
                    own_addresses: configured.own_addresses.clone(),
                    proxies: Proxies::from_env(),
                    ..ClientOptions::default()
                };
                let client = Client::new(&options).map_err(Failure::connection)?;
                let credentials = shared
                    .tokens
                    .credentials(configured, client.clone())
                    .map_err(Failure::sign_in)?;
                let gate = shared.gates.gate(Throttled {
                    graph: configured.graph_url.to_string(),
                    tenant: configured.tenant.to_ascii_lowercase(),
                    client_id: configured.client_id.to_ascii_lowercase(),
                });
                Ok(Open { client, credentials, gate })
            })
            .await
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, public, kind: _ } = self;
        f.debug_struct("Link").field("id", id).field("public", public).finish_non_exhaustive()
    }
}
