//! Where Graph's responses come from.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::OnceCell;

use crate::connections::config::Configured;
use crate::connections::tokens::{Credentials, TokenCache};
use crate::context::{Clock, RunContext};
use crate::contract::{Access, Connection, DEFAULT_TIME_LIMIT_MS, InvalidGraphUrl};
use crate::egress::credential::Credential;
use crate::egress::replay::Replay;
use crate::egress::throttle::{Gate, Gates, Passage, Throttled};
use crate::egress::{EgressStack, network, nowhere, simulated};
use crate::network::{Client, ClientError, ClientOptions, Faults, Proxies};
use crate::recording::Secrets;
use crate::recording::har::Entry;
use crate::recording::scan::OtherSecrets;
use crate::report::Report;
use crate::simulator::{Caller, Simulator};

/// The version root of a simulated Graph.
const SIMULATED_GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// Where Graph's responses come from. Clones share what is open.
#[derive(Clone)]
pub enum Backend {
    /// Microsoft Graph, over a connection of the configuration.
    Live(Arc<Live>),
    /// A simulated tenant.
    Simulated(Simulated),
    /// The exchanges of a recording, in their order.
    Recorded(Vec<Entry>),
    /// A service of the caller's own, which adds whatever sign-in is needed.
    Given(EgressStack),
    /// There are none: for an action that makes no call.
    Nothing,
}

/// A simulated tenant, as a run reaches it.
#[derive(Clone)]
pub struct Simulated {
    /// The tenant.
    pub tenant: Simulator,
    /// Who asks it.
    pub caller: Caller,
    /// The gate that runs pass, as those of a live connection do. On a virtual clock each run
    /// needs one of its own.
    pub gate: Option<Gate>,
}

impl Simulated {
    /// The application itself asks, without a gate.
    pub fn new(tenant: Simulator) -> Self {
        Self { tenant, caller: Caller::application(), gate: None }
    }
}

/// A connection of the configuration, opened by the first run that needs it.
pub struct Live {
    /// The connection.
    pub configured: Configured,
    open: OnceCell<Open>,
}

/// A live connection that is open: one pool of HTTP connections, one sign-in, one gate.
pub struct Open {
    /// The HTTP client.
    pub client: Client,
    /// The sign-in.
    pub credentials: Credentials,
    gate: Gate,
}

/// What all live connections of a process share.
#[derive(Debug, Default)]
pub struct Shared {
    /// Their tokens.
    pub tokens: TokenCache,
    /// What is known of Graph's throttling.
    pub gates: Gates,
}

/// Why a connection cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no HTTP client for it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It cannot sign in.
    #[error("{0}")]
    SignIn(Box<Report>),
    /// Its Graph address is not usable.
    #[error(transparent)]
    GraphUrl(#[from] InvalidGraphUrl),
}

/// The part of a stack that belongs to the backend.
pub(super) struct Opened {
    pub innermost: EgressStack,
    pub credential: Option<Credential>,
    pub throttle: Option<Passage>,
    /// Why the last request had no response.
    pub faults: Faults,
    /// The recording that is replayed.
    pub replay: Option<Replay>,
}

impl Backend {
    /// Graph itself.
    pub fn live(configured: Configured) -> Self {
        Self::Live(Arc::new(Live::new(configured)))
    }

    /// The clock of a run on it.
    pub fn clock(&self) -> Clock {
        match self {
            Self::Simulated(_) | Self::Recorded(_) => Clock::simulated(),
            Self::Live(_) | Self::Given(_) | Self::Nothing => Clock::real(),
        }
    }

    /// Opens it for one run with these secret inputs. The secrets that the run comes to know
    /// are added to `known`.
    pub(super) async fn open(
        &self,
        shared: &Shared,
        context: &RunContext,
        secrets: &Secrets,
        known: Option<OtherSecrets>,
    ) -> Result<Opened, OpenError> {
        let clock = || context.clock.clone();
        let faults = Faults::default();
        let mut opened = Opened {
            innermost: nowhere(),
            credential: None,
            throttle: None,
            faults: faults.clone(),
            replay: None,
        };
        match self {
            Self::Live(live) => {
                let open = live.open(shared).await?;
                opened.innermost = network::egress(open.client.clone(), faults);
                opened.credential = Some(open.credential(&live.configured, known));
                let (gate, context) = (open.gate.clone(), context.clone());
                opened.throttle = Some(Passage { gate, context });
            }
            Self::Simulated(Simulated { tenant, caller, gate }) => {
                opened.innermost = simulated::egress(tenant, caller.clone(), clock());
                let passage = |gate| Passage { gate, context: context.clone() };
                opened.throttle = gate.clone().map(passage);
            }
            Self::Recorded(entries) => {
                let replay = Replay::new(entries.clone(), secrets.clone(), clock());
                opened.innermost = replay.egress();
                opened.replay = Some(replay);
            }
            Self::Given(egress) => opened.innermost = egress.clone(),
            Self::Nothing => {}
        }
        Ok(opened)
    }
}

impl Live {
    /// A connection that nothing is open of yet.
    pub fn new(configured: Configured) -> Self {
        Self { configured, open: OnceCell::new() }
    }

    /// What is open of it, opened by the first who asks.
    ///
    /// # Errors
    /// When there is no HTTP client or no sign-in for it.
    pub async fn open(&self, shared: &Shared) -> Result<&Open, OpenError> {
        let open = || async {
            let configured = &self.configured;
            let options = ClientOptions {
                trust: configured.trust.clone(),
                own_addresses: configured.own_addresses.clone(),
                proxies: Proxies::from_env(),
                ..ClientOptions::default()
            };
            let client = Client::new(&options)?;
            let credentials = shared.tokens.credentials(configured, client.clone());
            let credentials = credentials.map_err(|report| OpenError::SignIn(Box::new(report)))?;
            let gate = shared.gates.gate(Throttled {
                graph: configured.graph_url.to_string(),
                tenant: configured.tenant.to_ascii_lowercase(),
                client_id: configured.client_id.to_ascii_lowercase(),
            });
            Ok(Open { client, credentials, gate })
        };
        self.open.get_or_try_init(open).await
    }

    /// What a person should know of its sign-in, once.
    pub fn take_warnings(&self) -> Vec<String> {
        self.open.get().map(|open| open.credentials.take_warnings()).unwrap_or_default()
    }
}

impl Open {
    fn credential(&self, configured: &Configured, known: Option<OtherSecrets>) -> Credential {
        if let Some(known) = &known {
            for (name, source, alphabet) in configured.grant.secrets() {
                // One that cannot be read is an error when it is needed.
                if let Ok(secret) = source.read_of(alphabet) {
                    known.add(&format!("the connection's {name}"), secret);
                }
            }
        }
        let (credentials, graph_url) = (self.credentials.clone(), configured.graph_url.clone());
        Credential { credentials, graph_url, known }
    }
}

/// The connection to a simulated tenant, as a guest sees it.
pub fn simulated_connection(simulator: &Simulator) -> Connection {
    simulator.look(|tenant| Connection {
        graph_url: SIMULATED_GRAPH.to_owned(),
        tenant: tenant.initial_domain().to_owned(),
        sender: tenant.sender.clone(),
        access: Access::AppOnly,
        time_limit_ms: DEFAULT_TIME_LIMIT_MS,
    })
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live(_) => "Live",
            Self::Simulated(_) => "Simulated",
            Self::Recorded(_) => "Recorded",
            Self::Given(_) => "Given",
            Self::Nothing => "Nothing",
        })
    }
}
