//! What responds to the requests of a run.

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
use crate::egress::throttle::{Gate, Gates, Throttle, ThrottleKey};
use crate::egress::{EgressStack, network, nowhere, simulated};
use crate::network::{Client, ClientError, ClientOptions, Faults, Proxies};
use crate::recording::Secrets;
use crate::recording::har::Entry;
use crate::recording::scan::OtherSecrets;
use crate::report::Report;
use crate::simulator::{Caller, Simulator};

/// The version root of the simulated Graph.
const SIMULATED_GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// What responds to the requests of a run. Clones share what is open.
#[derive(Clone)]
pub enum Backend {
    /// Microsoft Graph, over a connection of the configuration.
    Live(Arc<LiveConnection>),
    /// A simulated tenant.
    Simulated(Simulated),
    /// The exchanges of a recording.
    Recorded(Vec<Entry>),
    /// A service of the embedder, which signs requests itself.
    Custom(EgressStack),
    /// No backend, for an action that makes no call.
    None,
}

/// A simulated tenant, with its caller.
#[derive(Clone)]
pub struct Simulated {
    /// The tenant.
    pub tenant: Simulator,
    /// Who calls it.
    pub caller: Caller,
    /// The throttling gate, as a live connection has it. On a virtual clock, each run needs a gate
    /// of its own.
    pub gate: Option<Gate>,
}

impl Simulated {
    /// Returns a tenant whose caller is the application itself, without a gate.
    pub fn new(tenant: Simulator) -> Self {
        Self { tenant, caller: Caller::application(), gate: None }
    }
}

/// A connection of the configuration, which its first run opens.
pub struct LiveConnection {
    /// The connection.
    pub configured: Configured,
    open: OnceCell<OpenConnection>,
}

/// An open connection: a pool of HTTP connections, a sign-in and a gate.
pub struct OpenConnection {
    /// The HTTP client.
    pub client: Client,
    /// The sign-in.
    pub credentials: Credentials,
    gate: Option<Gate>,
}

/// The state that all live connections of a process share.
#[derive(Debug, Default)]
pub struct Shared {
    /// The tokens.
    pub tokens: TokenCache,
    /// The gates of Graph's throttling. `None` for a process with a single run, which learns of
    /// throttling by its own responses.
    pub gates: Option<Gates>,
}

/// Why a connection cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The HTTP client cannot be created.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The sign-in fails.
    #[error("{0}")]
    SignIn(Box<Report>),
    /// The address of Graph is not valid.
    #[error(transparent)]
    GraphUrl(#[from] InvalidGraphUrl),
}

/// The parts of an egress stack that come from the backend.
pub(super) struct Opened {
    pub innermost: EgressStack,
    pub credential: Option<Credential>,
    pub throttle: Option<Throttle>,
    /// Why the last request had no response.
    pub faults: Faults,
    /// The replay of a recording.
    pub replay: Option<Replay>,
}

impl Backend {
    /// Returns the backend of a live connection.
    pub fn live(configured: Configured) -> Self {
        Self::Live(Arc::new(LiveConnection::new(configured)))
    }

    /// Returns the clock of a run.
    pub fn clock(&self) -> Clock {
        match self {
            Self::Simulated(_) | Self::Recorded(_) => Clock::simulated(),
            _ => Clock::real(),
        }
    }

    /// Opens the backend for one run with these secret inputs. Other secrets of the run are added
    /// to `known`.
    pub(super) async fn open(
        &self,
        shared: &Shared,
        context: &RunContext,
        secrets: &Secrets,
        known: Option<OtherSecrets>,
    ) -> Result<Opened, OpenError> {
        let clock = || context.clock.clone();
        let throttle = |gate: &Gate| Throttle::new(gate.clone(), context.clone());
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
                opened.throttle = open.gate.as_ref().map(throttle);
            }
            Self::Simulated(Simulated { tenant, caller, gate }) => {
                opened.innermost = simulated::egress(tenant, caller.clone(), clock());
                opened.throttle = gate.as_ref().map(throttle);
            }
            Self::Recorded(entries) => {
                let replay = Replay::new(entries.clone(), secrets.clone(), clock());
                opened.innermost = replay.egress();
                opened.replay = Some(replay);
            }
            Self::Custom(egress) => opened.innermost = egress.clone(),
            Self::None => {}
        }
        Ok(opened)
    }
}

impl LiveConnection {
    /// Returns a connection that is not open yet.
    pub fn new(configured: Configured) -> Self {
        Self { configured, open: OnceCell::new() }
    }

    /// Returns the open connection. The first call opens it.
    ///
    /// # Errors
    /// Fails when the HTTP client or the sign-in cannot be set up.
    pub async fn open(&self, shared: &Shared) -> Result<&OpenConnection, OpenError> {
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
            let key = || ThrottleKey {
                graph: configured.graph_url.to_string(),
                tenant: configured.tenant.to_ascii_lowercase(),
                client_id: configured.client_id.to_ascii_lowercase(),
            };
            let gate = shared.gates.as_ref().map(|gates| gates.gate(&key()));
            Ok(OpenConnection { client, credentials, gate })
        };
        self.open.get_or_try_init(open).await
    }

    /// Returns the warnings of the sign-in, once.
    pub fn take_warnings(&self) -> Vec<String> {
        self.open.get().map(|open| open.credentials.take_warnings()).unwrap_or_default()
    }
}

impl OpenConnection {
    fn credential(&self, configured: &Configured, known: Option<OtherSecrets>) -> Credential {
        if let Some(known) = &known {
            for (name, source, alphabet) in configured.grant.secrets() {
                // A secret that cannot be read is an error only where it is needed.
                if let Ok(secret) = source.read_of(alphabet) {
                    known.add(&format!("the connection's {name}"), secret);
                }
            }
        }
        let (credentials, graph_url) = (self.credentials.clone(), configured.graph_url.clone());
        Credential { credentials, graph_url, known }
    }
}

/// Returns the connection to a simulated tenant, as a guest sees it.
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
            Self::Custom(_) => "Custom",
            Self::None => "None",
        })
    }
}
