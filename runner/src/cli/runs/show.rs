//! `o365 runs show`: shows what a run has done so far.

use super::shown::Detailed;
use super::{Named, find};
use crate::cli::failure::Failure;
use crate::cli::output::{self, printable};
use crate::cli::{Global, source};

pub async fn run(global: &Global, options: &Named) -> Result<(), Failure> {
    let unfinished = find(global, options.run).await?;
    let detailed = Detailed::of(&unfinished, &source::policy()?);
    if !output::for_people(global.json) {
        return output::result(&detailed);
    }
    let begun = &unfinished.begun;
    output::text(&format!(
        "{} of {}, began {:.0}\n\n",
        printable(&begun.action),
        printable(&begun.tenant),
        begun.started_at
    ))?;
    if let Some(damage) = &unfinished.damage {
        output::text(&format!("It cannot go on: {damage}.\n\n"))?;
    }
    let rows = detailed.exchanges().iter().map(|exchange| {
        let outcome = match (exchange.status, &exchange.error) {
            (_, Some(error)) => error.clone(),
            (Some(status), None) => status.to_string(),
            (None, None) => "no response".to_owned(),
        };
        vec![
            format!("{:.3}", exchange.sent_at),
            exchange.method.clone(),
            printable(&exchange.url),
            outcome,
        ]
    });
    output::table(&["sent (UTC)", "method", "URL", "response"], rows)
}
