//! Chooses the backend of a run, before the check of its input, since the backend determines the
//! connection.
//!
//! - `faults`: `--faults`
//! - `replay`: `--replay`, a recording
//! - `simulate`: `--simulate`, a simulated tenant
//!
//! The default is Microsoft Graph over a connection of the configuration.

mod faults;
mod replay;
pub mod simulate;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::failure::Failure;
use super::{Global, source};
use crate::connections::config::Configured;
use crate::connections::file::Connections;
use crate::contract::{ActionPolicy, Connection};
use crate::egress::faults::Script;
use crate::recording::recorded::CONNECTION_ID;
use crate::run::{Backend, Executed};
use crate::simulator::Simulator;
use crate::simulator::state::StateFile;
use crate::values::Problem;

#[derive(Debug, Args)]
pub struct BackendOptions {
    /// Use a recording (HAR) as the backend. Nothing leaves this machine.
    #[arg(long, value_name = "FILE", group = "offline")]
    replay: Option<PathBuf>,
    /// Use a simulated tenant: the built-in one, or the one in STATE, which keeps the changes of
    /// the run and is created if it does not exist. The name of STATE ends in .json, or follows a
    /// =.
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, group = "offline")]
    simulate: Option<Option<PathBuf>>,
    /// Inject faults by a script, such as 429@2, or a file with one. See o365 faults.
    #[arg(long, value_name = "SCRIPT", requires = "offline")]
    faults: Option<String>,
    /// The id of the connection, in place of the input connectionId.
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
}

/// The backend of one run.
pub struct ChosenBackend {
    /// The connection with its id.
    pub granted: Option<(String, Connection)>,
    pub backend: Backend,
    pub faults: Option<Script>,
    /// A notice beside every result.
    pub notice: Option<String>,
    /// Where the connections are, for messages, such as "in the recording".
    place: &'static str,
    /// The file of a simulated tenant.
    state: Option<(StateFile, Simulator)>,
}

impl ChosenBackend {
    /// Returns a backend without a connection.
    fn new(backend: Backend, place: &'static str) -> Self {
        Self { granted: None, backend, faults: None, notice: None, place, state: None }
    }

    fn live(connection: Configured) -> Self {
        let granted = Some((connection.id.clone(), connection.public()));
        Self { granted, ..Self::new(Backend::live(connection), "in the configuration") }
    }

    /// Adapts the backend to a plan, which sends no writes: a simulated tenant is not kept, and
    /// recorded writes are ignored. Recorded reads can remain unused, since the plan responds to
    /// reads of its own writes.
    pub fn for_plan(&mut self) {
        self.state = None;
        if let Backend::Recorded(entries) = &mut self.backend {
            entries.retain(|entry| entry.request.method == "GET");
        }
    }

    /// Warns of a connection that trusts additional certificates.
    pub fn warn(&self, global: &Global) {
        if let Backend::Live(live) = &self.backend {
            source::warn_of_trust(global, &live.configured);
        }
    }

    /// Closes the backend after a run, and stores a simulated tenant. Returns the warnings.
    pub fn close(&self, executed: &Executed) -> Result<Vec<String>, Failure> {
        if let Some((file, simulator)) = &self.state {
            simulator.look(|tenant| file.write(tenant)).map_err(anyhow::Error::from)?;
        }
        let sign_in = match &self.backend {
            Backend::Live(live) => live.take_warnings(),
            _ => Vec::new(),
        };
        let replay = executed.replay.as_ref().filter(|_| executed.plan.is_none());
        let unused = replay.map(|replay| replay.unused()).unwrap_or_default();
        let unused = unused.into_iter().map(|request| {
            format!(
                "the recording contains a request that this run did not send: {} {}",
                request.method, request.url
            )
        });
        Ok(sign_in.into_iter().chain(unused).chain(executed.missed.iter().cloned()).collect())
    }
}

impl BackendOptions {
    /// Returns the chosen backend. `fields` is the input so far.
    pub fn choose(
        &self,
        global: &Global,
        action: &str,
        policy: &ActionPolicy,
        fields: &Map<String, Value>,
    ) -> Result<ChosenBackend, Failure> {
        let mut chosen = if let Some(path) = &self.replay {
            replay::read(path, action, policy, self.id(fields).map(ToOwned::to_owned))?
        } else if policy.calls.is_empty() {
            ChosenBackend::new(Backend::None, "in this run")
        } else if let Some(file) = &self.simulate {
            simulate::prepare(file.as_deref(), self.id(fields))?
        } else if let Some(connections) = source::configuration(global)? {
            ChosenBackend::live(pick(&connections, self.id(fields))?.clone())
        } else {
            return Err(Failure::usage(
                format!("{action} calls Microsoft Graph, and there is no connection"),
                "Describe a connection in o365.toml, as the README shows. Or add --simulate for a simulated tenant, or --replay FILE for a recording, such as those in fixtures/.",
            ));
        };
        chosen.faults = self.faults.as_deref().map(faults::script).transpose()?;
        let crashes = chosen.faults.as_ref().is_some_and(Script::crashes);
        if crashes && matches!(chosen.backend, Backend::Recorded(_)) {
            return Err(Failure::usage(
                "a recording has no response to what a run does after a crash",
                "Use --simulate with the faults whose names begin with crash-.",
            ));
        }
        Ok(chosen)
    }

    /// Adds the id of the connection to the input. Returns a problem when the input has another id.
    pub fn name_connection(
        &self,
        chosen: &ChosenBackend,
        fields: &mut Map<String, Value>,
    ) -> Option<Problem> {
        let problem = |message| Problem { pointer: format!("/{CONNECTION_ID}"), message };
        if let Some(id) = &self.connection {
            let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
            if given != id {
                let message = "names another connection than --connection; keep one";
                return Some(problem(message.to_owned()));
            }
        }
        let (id, _) = chosen.granted.as_ref()?;
        let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
        let other = given.as_str().is_some_and(|given| given != id);
        let place = chosen.place;
        other.then(|| problem(format!("there is no such connection {place}; it has {id:?}")))
    }

    /// Returns the connection's id, if the caller gave one.
    fn id<'a>(&'a self, fields: &'a Map<String, Value>) -> Option<&'a str> {
        self.connection.as_deref().or_else(|| fields.get(CONNECTION_ID)?.as_str())
    }
}

/// Returns the connection with this id, or the only one.
fn pick<'a>(connections: &'a Connections, id: Option<&str>) -> Result<&'a Configured, Failure> {
    if let Some(id) = id {
        return source::connection(connections, id);
    }
    let ids: Vec<&str> = connections.iter().map(|connection| connection.id.as_str()).collect();
    let path = connections.path().display();
    let message = match (connections.iter().next(), ids.len()) {
        (Some(only), 1) => return Ok(only),
        (None, _) => format!("{path} has no connection"),
        (Some(_), _) => format!("{path} has more than one connection: {}", ids.join(", ")),
    };
    Err(Failure::usage(message, "Name a connection with --connection ID."))
}
