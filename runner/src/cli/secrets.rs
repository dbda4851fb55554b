//! `o365 secrets`: the secrets that the host made up for runs.

use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

use super::failure::Failure;
use super::job::block_on;
use super::output::{self, printable};
use super::serve::sessions::user_directory;
use super::serve::state::{RUNS, SECRETS, SharedParts};
use super::{Global, source};
use crate::report::{Kind, Report};
use crate::store::generated::{Generated, GeneratedError, GeneratedSecrets};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the runs whose secrets nobody has taken.
    List,
    /// Print the secrets of a run, which are gone then.
    Take(Named),
}

#[derive(Debug, Args)]
pub struct Named {
    /// The run.
    #[arg(value_name = "RUN")]
    run: Uuid,
}

pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    block_on(async {
        let place = of_server(global).await?;
        match command {
            Command::List => list(global, &place).await,
            Command::Take(Named { run }) => take(global, &place, *run).await,
        }
    })?
}

async fn list(global: &Global, place: &GeneratedSecrets) -> Result<(), Failure> {
    let kept = place.list().await.map_err(failed)?;
    if !output::for_people(global.json) {
        let rows = kept.iter().map(|one| {
            let inputs: Vec<&String> = one.secrets.keys().collect();
            json!({
                "run": one.run, "tenant": one.tenant, "action": one.action, "at": one.at,
                "inputs": inputs,
            })
        });
        return output::result(&rows.collect::<Vec<_>>());
    }
    let rows = kept.iter().map(|one| {
        let inputs: Vec<&str> = one.secrets.keys().map(String::as_str).collect();
        let (tenant, action) = (printable(&one.tenant), printable(&one.action));
        vec![format!("{:.0}", one.at), one.run.to_string(), tenant, action, inputs.join(", ")]
    });
    output::table(&["made up (UTC)", "run", "tenant", "action", "inputs"], rows)
}

async fn take(global: &Global, place: &GeneratedSecrets, run: Uuid) -> Result<(), Failure> {
    let Some(taken) = place.take(run).await.map_err(failed)? else {
        let message = format!("nothing is kept of the run {run}");
        let fix = "Run o365 secrets list for the runs with secrets; what was taken is gone.";
        return Err(Report::new(Kind::NoSuchRun, message, fix).into());
    };
    let printed = show(global, &taken);
    if printed.is_err() {
        // Nobody has seen them.
        place.keep(&taken).await.map_err(failed)?;
    }
    printed
}

fn show(global: &Global, taken: &Generated) -> Result<(), Failure> {
    if !output::for_people(global.json) {
        return output::result(&taken.secrets);
    }
    let lines = taken.secrets.iter().map(|(name, secret)| format!("{name}  {secret}\n"));
    output::text(&lines.collect::<String>())
}

fn failed(error: GeneratedError) -> Failure {
    Failure::setup(&error, error.fix())
}

/// Returns where this user's runs keep their secrets.
pub fn of_user() -> Result<GeneratedSecrets, Failure> {
    Ok(GeneratedSecrets::in_directory(user_directory()?.join(SECRETS)))
}

/// Returns where the configured server keeps the secrets of its runs.
async fn of_server(global: &Global) -> Result<GeneratedSecrets, Failure> {
    let store = source::configuration(global)?.and_then(|file| file.serve().store.clone());
    let Some(store) = store else { return of_user() };
    let shared = SharedParts::open(&store, user_directory()?.join(RUNS)).await?;
    Ok(GeneratedSecrets::shared(shared.store))
}
