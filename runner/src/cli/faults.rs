//! `o365 faults`: lists the faults that `--faults` can inject.

use serde::Serialize;

use super::failure::Failure;
use super::{Global, output};
use crate::egress::faults::{Fault, Number};

/// The syntax of a script.
const SCRIPTS: &str = "
--faults takes a script, or a file with one, and needs --simulate or --replay; crashes need
--simulate. Lines or semicolons separate the rules of a script:
  429@2                     the second call of the run, with retries
  429=60@POST /users        the first such call, with a number
  proxy-page=407@GET /users/{id}
                            with a status
  504-after@POST /users/{id}/assignLicense#2
                            the second such call
  seed 7; 503@every 3       one call in three, chosen by the seed
";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: &'static str,
    explanation: String,
    meets: &'static str,
    /// The default of its number, if it takes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<u32>,
    /// The valid numbers, if not all are valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'static [u32]>,
}

pub fn run(global: &Global) -> Result<(), Failure> {
    let rows: Vec<Row> = Fault::ALL
        .iter()
        .map(|fault| Row {
            name: fault.name(),
            explanation: fault.explanation(),
            meets: fault.meets().in_words(),
            default_value: fault.number().default(),
            values: match fault.number() {
                Number::OneOf(values) => Some(values),
                Number::None | Number::From1(_) => None,
            },
        })
        .collect();
    output::rows(global.json, &rows, &["fault", "calls", "effect"], |row| {
        vec![row.name.to_owned(), row.meets.to_owned(), row.explanation.clone()]
    })?;
    if output::for_people(global.json) { output::text(SCRIPTS) } else { Ok(()) }
}
