//! Which backend a run of the command line has, chosen before its input is checked, since it
//! says which connection there is.
//!
//! - `faults`: `--faults`, calls that fail
//! - `replay`: `--replay`, Graph's responses come from a recording
//! - `simulate`: `--simulate`, they come from a simulated tenant
//!
//! and Microsoft Graph itself, over a connection of the configuration.

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

/// Which backend to use.
#[derive(Debug, Args)]
pub struct BackendOptions {
    /// Take Graph's answers from a recording (HAR); nothing leaves this machine.
    #[arg(long, value_name = "FILE", group = "offline")]
    replay: Option<PathBuf>,
    /// Simulate a tenant, the built-in one or the one in STATE, which is made if it does not
    /// exist and keeps what the run changes. STATE ends in .json, or is given after a =.
    #[arg(
        long,
        value_name = "STATE",
        num_args = 0..=1,
        require_equals = true,
        group = "offline"
    )]
    simulate: Option<Option<PathBuf>>,
    /// Let calls fail: a script such as 429@2, or a file with one. o365 faults lists them.
    #[arg(long, value_name = "SCRIPT", requires = "offline")]
    faults: Option<String>,
    /// The connection to use; as the input connectionId.
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
}

/// The backend of one run.
pub struct Chosen {
    /// The connection, under its id.
    pub granted: Option<(String, Connection)>,
    /// The backend.
    pub backend: Backend,
    /// The faults that the run meets.
    pub faults: Option<Script>,
    /// What everybody who sees the run's result has to know about it.
    pub notice: Option<String>,
    /// Where its connections are, in the words of a message, such as "in the recording".
    place: &'static str,
    /// The file that a simulated tenant is kept in.
    state: Option<(StateFile, Simulator)>,
    only_reads: bool,
}

impl Chosen {
    /// A backend without a connection, for an action that makes no call.
    fn new(backend: Backend, place: &'static str) -> Self {
        Self {
            granted: None,
            backend,
            faults: None,
            notice: None,
            place,
            state: None,
            only_reads: false,
        }
    }

    fn live(connection: Configured) -> Self {
        let granted = Some((connection.id.clone(), connection.public()));
        Self { granted, ..Self::new(Backend::live(connection), "in the configuration") }
    }

    /// The same for a plan, which writes nothing. Recorded writes are not waited for; what a
    /// plan reads of its own writes does not come from the recording either, so that some
    /// recorded reads may be left over.
    pub fn for_plan(mut self) -> Self {
        self.only_reads = true;
        self.state = None;
        if let Backend::Recorded(entries) = &mut self.backend {
            entries.retain(|entry| entry.request.method == "GET");
        }
        self
    }

    /// Warns of a connection that trusts more than it should.
    pub fn warn(&self, global: &Global) {
        if let Backend::Live(live) = &self.backend {
            source::warn_of_trust(global, &live.configured);
        }
    }

    /// Ends it after a run: a simulated tenant is kept. What it returns is said beside the
    /// result.
    pub fn close(self, executed: &Executed) -> Result<Vec<String>, Failure> {
        if let Some((file, simulator)) = self.state {
            simulator.look(|tenant| file.write(tenant)).map_err(anyhow::Error::from)?;
        }
        let sign_in = match &self.backend {
            Backend::Live(live) => live.take_warnings(),
            _ => Vec::new(),
        };
        let replay = executed.replay.as_ref().filter(|_| !self.only_reads);
        let unused = replay.map(|replay| replay.unused()).unwrap_or_default();
        let unused = unused.into_iter().map(|request| {
            format!(
                "the recording holds a request that this run did not make: {} {}",
                request.method, request.url
            )
        });
        Ok(sign_in.into_iter().chain(unused).chain(executed.missed.iter().cloned()).collect())
    }

    /// Writes the id of the one connection that is possible into the input where the caller
    /// left it out; and says what is wrong with the id that the caller gave.
    fn name_connection(&self, fields: &mut Map<String, Value>) -> Option<Problem> {
        let (id, _) = self.granted.as_ref()?;
        let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
        let other = given.as_str().is_some_and(|given| given != id);
        let place = self.place;
        other.then(|| problem(format!("there is no such connection {place}; it has {id:?}")))
    }
}

impl BackendOptions {
    /// The backend that was asked for; `fields` is the input as far as it is known.
    pub fn choose(
        &self,
        global: &Global,
        action: &str,
        policy: &ActionPolicy,
        fields: &Map<String, Value>,
    ) -> Result<Chosen, Failure> {
        let chosen = self.without_faults(global, action, policy, fields)?;
        let faults = self.faults.as_deref().map(faults::script).transpose()?;
        Ok(Chosen { faults, ..chosen })
    }

    /// Writes the connection of the run into its input; and says what is wrong with the one
    /// that the caller gave.
    pub fn name_connection(
        &self,
        chosen: &Chosen,
        fields: &mut Map<String, Value>,
    ) -> Option<Problem> {
        if let Some(id) = &self.connection {
            let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
            if given != id {
                let message = "says another connection than --connection; keep one";
                return Some(problem(message.to_owned()));
            }
        }
        chosen.name_connection(fields)
    }

    /// The connection's id, if the caller gave one.
    fn id(&self, fields: &Map<String, Value>) -> Option<String> {
        let given = fields.get(CONNECTION_ID).and_then(Value::as_str).map(ToOwned::to_owned);
        self.connection.clone().or(given)
    }

    fn without_faults(
        &self,
        global: &Global,
        action: &str,
        policy: &ActionPolicy,
        fields: &Map<String, Value>,
    ) -> Result<Chosen, Failure> {
        if let Some(path) = &self.replay {
            return replay::read(path, action, policy, self.id(fields));
        }
        if policy.calls.is_empty() {
            return Ok(Chosen::new(Backend::None, "in this run"));
        }
        if let Some(file) = &self.simulate {
            let named = self.connection.clone().map(Value::from);
            let id = named.as_ref().or(fields.get(CONNECTION_ID));
            return simulate::prepare(file.as_deref(), id);
        }
        match source::configuration(global)? {
            Some(connections) => Ok(Chosen::live(self.pick(&connections, fields)?.clone())),
            None => Err(Failure::usage(
                format!("{action} needs a way to Microsoft Graph, and none was chosen"),
                "Write o365.toml with a connection, as the README shows; or add --simulate to try it on a simulated tenant, or --replay FILE to take Graph's answers from a recording, such as those in fixtures/.",
            )),
        }
    }

    /// The connection that is asked for, or the only one there is.
    fn pick<'a>(
        &self,
        connections: &'a Connections,
        fields: &Map<String, Value>,
    ) -> Result<&'a Configured, Failure> {
        let named = fields.get(CONNECTION_ID).and_then(Value::as_str);
        if let Some(id) = self.connection.as_deref().or(named) {
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
}

fn problem(message: String) -> Problem {
    Problem { pointer: format!("/{CONNECTION_ID}"), message }
}
