//! `--simulate`: a simulated tenant as the backend, kept in a file or in memory alone.

use std::ffi::OsString;
use std::path::Path;

use super::ChosenBackend;
use crate::cli::output;
use crate::run::{Backend, Simulated, simulated_connection};
use crate::simulator::state::StateFile;
use crate::simulator::{Simulator, Tenant};

const OPTION: &str = "--simulate";

/// The ending of a tenant's file, which distinguishes it from an action or an input.
const ENDING: &str = ".json";

/// The id of the connection when the caller gives none.
const CONNECTION: &str = "contoso";

/// Joins a tenant's file to the option before it: `--simulate tenant.json` becomes
/// `--simulate=tenant.json`. Any other word after the option can be an action or an input.
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
        let mut argument = argument;
        if let Some(file) = file {
            argument.push("=");
            argument.push(file);
        }
        joined.push(argument);
    }
    joined
}

fn is_file(argument: &OsString) -> bool {
    let text = argument.to_string_lossy();
    text.ends_with(ENDING) && !text.contains('=') && !text.starts_with('-')
}

/// Prepares the tenant in `file`, or the built-in one. `id` is the id of the connection that the
/// caller gives; each id is valid.
pub fn prepare(file: Option<&Path>, id: Option<&str>) -> anyhow::Result<ChosenBackend> {
    let file = file.map(open).transpose()?;
    let simulator = Simulator::new(tenant(file.as_ref(), None)?);
    let connection = simulated_connection(&simulator);
    let id = id.unwrap_or(CONNECTION);
    let kept = if file.is_some() { "" } else { ", and changes are not kept" };
    let notice =
        format!("the tenant {} is simulated: nothing reaches Microsoft{kept}", connection.tenant);
    let state = file.map(|file| (file, simulator.clone()));
    let backend = Backend::Simulated(Simulated::new(simulator));
    Ok(ChosenBackend {
        granted: Some((id.to_owned(), connection)),
        notice: Some(notice),
        state,
        ..ChosenBackend::new(backend, "in the simulation")
    })
}

/// Opens the file of a tenant, and waits for other processes that use it.
pub fn open(path: &Path) -> anyhow::Result<StateFile> {
    let waiting = || output::note(&format!("waiting for another run on {}", path.display()));
    Ok(StateFile::open(path, waiting)?)
}

/// Returns the tenant in `file`, a generated one with this number of `users`, or the built-in one.
pub fn tenant(file: Option<&StateFile>, users: Option<u32>) -> anyhow::Result<Tenant> {
    Ok(match (file, users) {
        (Some(file), _) => file.read()?,
        (None, Some(users)) => Tenant::generated(users)?,
        (None, None) => Tenant::built_in()?,
    })
}
