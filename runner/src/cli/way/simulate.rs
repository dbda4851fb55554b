//! `--simulate`: Graph's answers come from a tenant in memory, or in a file.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;

use super::{Opened, Way};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::connections::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use crate::contract::{ActionPolicy, Call};
use crate::egress::live::Faults;
use crate::egress::observer::Observer;
use crate::recording::Secrets;
use crate::recording::scan::OtherSecrets;
use crate::sandbox::Clock;
use crate::simulator::state::StateFile;
use crate::simulator::{Caller, Simulator, Tenant};

/// The option.
const OPTION: &str = "--simulate";

/// How a tenant's file ends, so that it can be told from an input without `=`.
const ENDING: &str = ".json";

/// The id of the connection into the simulated tenant, where the caller names none.
const CONNECTION: &str = "contoso";

/// Where the simulated Graph is taken to be.
const GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// A simulated tenant, and the file that it is kept in.
pub struct Simulated {
    lent: (String, Connection),
    /// The calls of the action, for the log.
    calls: Vec<Call>,
    tenant: Tenant,
    file: Option<StateFile>,
    only_reads: bool,
}

/// The arguments of the command line, with a tenant's file joined to the option before it:
/// `--simulate tenant.json` becomes `--simulate=tenant.json`. Any other word after the
/// option stays what it is, since it may be an action or an input.
pub fn joined(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    let mut arguments = arguments.into_iter().peekable();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            joined.push(argument);
            joined.extend(arguments);
            return joined;
        }
        let file = (argument == OPTION).then(|| arguments.next_if(is_file)).flatten();
        joined.push(match file {
            None => argument,
            Some(file) => {
                let mut both = argument;
                both.push("=");
                both.push(file);
                both
            }
        });
    }
    joined
}

fn is_file(argument: &OsString) -> bool {
    let text = argument.to_string_lossy();
    text.ends_with(ENDING) && !text.contains('=') && !text.starts_with('-')
}

impl Simulated {
    /// Prepares the tenant in `file`, or the built-in one; `id` is the connection that the
    /// caller names. Any is right: there is one tenant. The way is for an action with this
    /// policy.
    pub fn prepare(
        file: Option<&Path>,
        id: Option<&Value>,
        policy: &ActionPolicy,
    ) -> Result<Self, Failure> {
        let file = file.map(open).transpose()?;
        let tenant = match &file {
            Some(file) => file.read().map_err(anyhow::Error::from)?,
            None => Tenant::built_in().map_err(anyhow::Error::from)?,
        };
        let id = id.and_then(Value::as_str).unwrap_or(CONNECTION);
        let connection = Connection {
            graph_url: GRAPH.to_owned(),
            tenant: tenant.initial_domain().to_owned(),
            sender: tenant.sender.clone(),
            access: Access::AppOnly,
            time_limit_ms: DEFAULT_TIME_LIMIT_MS,
        };
        let (lent, calls) = ((id.to_owned(), connection), policy.calls.clone());
        Ok(Self { lent, calls, tenant, file, only_reads: false })
    }
}

fn open(path: &Path) -> Result<StateFile, Failure> {
    let waiting = || output::note(&format!("waiting for another run on {}", path.display()));
    Ok(StateFile::open(path, waiting).map_err(anyhow::Error::from)?)
}

impl Way for Simulated {
    fn lent(&self) -> Option<&(String, Connection)> {
        Some(&self.lent)
    }

    fn clock(&self) -> Clock {
        Clock::simulated()
    }

    fn place(&self) -> &'static str {
        "in the simulation"
    }

    fn notice(&self) -> Option<String> {
        let kept = if self.file.is_some() { "" } else { ", and nothing is kept of it" };
        Some(format!(
            "the tenant {} is simulated: nothing reaches Microsoft{kept}",
            self.lent.1.tenant
        ))
    }

    fn only_reads(&mut self) {
        self.only_reads = true;
    }

    fn open(self: Box<Self>, _: &Secrets, clock: &Clock) -> Result<Opened, Failure> {
        let Self { lent, calls, tenant, file, only_reads } = *self;
        let simulator = Simulator::new(tenant);
        let way_out = simulator.way_out(Caller::application(), clock.clone());
        let graph_url = lent.1.graph_root().map_err(anyhow::Error::from)?;
        let way_out = Observer { calls, graph_url, watcher: None }.in_front_of(way_out);
        let close = Box::new(move || {
            if let Some(file) = file.filter(|_| !only_reads) {
                simulator.look(|tenant| file.write(tenant)).map_err(anyhow::Error::from)?;
            }
            Ok(Vec::new())
        });
        Ok(Opened { way_out, close, faults: Faults::default(), known: OtherSecrets::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_is_joined_to_the_option() {
        let table: [(&[&str], &[&str]); 6] = [
            (&["--simulate", "a.json", "b=c"], &["--simulate=a.json", "b=c"]),
            (&["--simulate", "name=a.json"], &["--simulate", "name=a.json"]),
            (&["--simulate", "create-user"], &["--simulate", "create-user"]),
            (&["--simulate", "--json"], &["--simulate", "--json"]),
            (&["--simulate"], &["--simulate"]),
            (&["--", "--simulate", "a.json"], &["--", "--simulate", "a.json"]),
        ];
        for (given, expected) in table {
            assert_eq!(joined(given.iter().map(OsString::from)), expected, "{given:?}");
        }
    }
}
