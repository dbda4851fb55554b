//! `--simulate`: Graph's responses come from a tenant in memory, or in a file.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;

use super::Chosen;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::run::{Backend, Simulated, simulated_connection};
use crate::simulator::state::StateFile;
use crate::simulator::{Simulator, Tenant};

/// The option.
const OPTION: &str = "--simulate";

/// How a tenant's file ends, so that it can be told from an input without `=`.
const ENDING: &str = ".json";

/// The id of the connection into the simulated tenant, where the caller names none.
const CONNECTION: &str = "contoso";

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

/// The tenant in `file`, or the built-in one; `id` is the connection that the caller names.
/// Any is right: there is one tenant.
pub fn prepare(file: Option<&Path>, id: Option<&Value>) -> Result<Chosen, Failure> {
    let file = file.map(open).transpose()?;
    let tenant = match &file {
        Some(file) => file.read().map_err(anyhow::Error::from)?,
        None => Tenant::built_in().map_err(anyhow::Error::from)?,
    };
    let simulator = Simulator::new(tenant);
    let connection = simulated_connection(&simulator);
    let id = id.and_then(Value::as_str).unwrap_or(CONNECTION);
    let kept = if file.is_some() { "" } else { ", and nothing is kept of it" };
    let notice =
        format!("the tenant {} is simulated: nothing reaches Microsoft{kept}", connection.tenant);
    let state = file.map(|file| (file, simulator.clone()));
    let backend = Backend::Simulated(Simulated::new(simulator));
    Ok(Chosen {
        granted: Some((id.to_owned(), connection)),
        notice: Some(notice),
        state,
        ..Chosen::new(backend, "in the simulation")
    })
}

fn open(path: &Path) -> Result<StateFile, Failure> {
    let waiting = || output::note(&format!("waiting for another run on {}", path.display()));
    Ok(StateFile::open(path, waiting).map_err(anyhow::Error::from)?)
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
