//! The ways out that a run can take: one file each.
//!
//! - `faults`: any of the others, with calls that fail
//! - `live`: Graph itself, over a connection of the configuration
//! - `replay`: Graph's answers come from a recording
//! - `simulate`: they come from a simulated tenant
//!
//! A way is chosen before the input is checked, since it says which connection there is,
//! and opened afterwards, when the secrets of the input are known.

mod faults;
pub mod live;
mod replay;
pub mod simulate;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::failure::Failure;
use super::{Global, source};
use crate::connections::Connection;
use crate::connections::config::Configured;
use crate::connections::file::Connections;
use crate::contract::ActionPolicy;
use crate::egress::live::Faults;
use crate::egress::{WayOut, nowhere};
use crate::recording::Secrets;
use crate::recording::recorded::CONNECTION_ID;
use crate::recording::scan::OtherSecrets;
use crate::sandbox::Clock;
use crate::values::Problem;

/// Which way out to take.
#[derive(Debug, Args)]
pub struct WayOptions {
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

/// A way out that is not open yet.
pub trait Way {
    /// The connection that it leads over, under its id.
    fn lent(&self) -> Option<&(String, Connection)>;
    /// The clock of a run on it.
    fn clock(&self) -> Clock;
    /// Where its connections are, in the words of a message, such as "in the recording".
    fn place(&self) -> &'static str;
    /// Is told, before it is opened, that nothing will be written.
    fn only_reads(&mut self) {}
    /// Is told, before it is opened, how long the run may take.
    fn time_limit(&mut self, _: Duration) {}
    /// Is told, before it is opened, the id of the run.
    fn run_id(&mut self, _: Uuid) {}
    /// What everybody who sees the run's result has to know about it.
    fn notice(&self) -> Option<String> {
        None
    }
    /// Opens it for one run.
    fn open(self: Box<Self>, secrets: &Secrets, clock: &Clock) -> Result<Opened, Failure>;
}

/// The innermost part of a way out, and what is to be done when the run is over.
pub struct Opened {
    /// Where the requests go.
    pub way_out: WayOut,
    /// Ends the way; what it returns is told beside the result.
    pub close: Box<dyn FnOnce() -> Result<Vec<String>, Failure>>,
    /// Why the last request had no answer, where the way leads over a network.
    pub faults: Faults,
    /// Secrets that the run came to know on it, which no recording may hold.
    pub known: OtherSecrets,
}

impl WayOptions {
    /// The way that was asked for; `fields` is the input as far as it is known.
    pub fn choose(
        &self,
        global: &Global,
        action: &str,
        policy: &ActionPolicy,
        fields: &Map<String, Value>,
    ) -> Result<Box<dyn Way>, Failure> {
        let way = self.without_faults(global, action, policy, fields)?;
        Ok(match &self.faults {
            Some(script) => Box::new(faults::Faulty::new(way, script)?),
            None => way,
        })
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
    ) -> Result<Box<dyn Way>, Failure> {
        if let Some(path) = &self.replay {
            return Ok(Box::new(replay::Recorded::read(path, action, policy, self.id(fields))?));
        }
        if policy.calls.is_empty() {
            return Ok(Box::new(Nowhere));
        }
        if let Some(file) = &self.simulate {
            let named = self.connection.clone().map(Value::from);
            let id = named.as_ref().or(fields.get(CONNECTION_ID));
            return Ok(Box::new(simulate::Simulated::prepare(file.as_deref(), id, policy)?));
        }
        match source::configuration(global)? {
            Some(connections) => {
                let connection = self.pick(&connections, fields)?.clone();
                Ok(Box::new(live::Live::new(connection, policy, global.json)))
            }
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

    /// Writes the id of the one connection that is possible into the input where the caller
    /// left it out; and says what is wrong with the id that the caller gave.
    pub fn name_connection(
        &self,
        way: &dyn Way,
        fields: &mut Map<String, Value>,
    ) -> Option<Problem> {
        let problem =
            |message: String| Some(Problem { pointer: format!("/{CONNECTION_ID}"), message });
        if let Some(id) = &self.connection {
            let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
            if given != id {
                return problem("says another connection than --connection; keep one".to_owned());
            }
        }
        let (id, _) = way.lent()?;
        let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
        match given.as_str() {
            Some(given) if given != id => {
                problem(format!("there is no such connection {}; it has {id:?}", way.place()))
            }
            _ => None,
        }
    }
}

/// The way of an action that makes no call.
struct Nowhere;

impl Way for Nowhere {
    fn lent(&self) -> Option<&(String, Connection)> {
        None
    }

    fn clock(&self) -> Clock {
        Clock::real()
    }

    fn place(&self) -> &'static str {
        "in this run"
    }

    fn open(self: Box<Self>, _: &Secrets, _: &Clock) -> Result<Opened, Failure> {
        Ok(Opened {
            way_out: nowhere(),
            close: Box::new(|| Ok(Vec::new())),
            faults: Faults::default(),
            known: OtherSecrets::default(),
        })
    }
}
