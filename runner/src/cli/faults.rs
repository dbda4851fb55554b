//! `o365 faults`: the faults that `--faults` can put in.

use serde::Serialize;

use super::failure::Failure;
use super::{Global, output};
use crate::egress::faults::{Fault, Number};

/// How a script is written, for people.
const SCRIPTS: &str = "
--faults SCRIPT, with --simulate or --replay: a file, or the script itself, lines or parts between
semicolons:
  429@2                     the second call of the run, repeats counted
  429=60@POST /users        the first call of this kind, with a number
  proxy-page=407@GET /users/{id}
                            with a status
  504-after@POST /users/{id}/assignLicense#2
                            the second call of this kind
  seed 7; 503@every 3       one call in three, as the seed decides
";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: &'static str,
    explanation: String,
    meets: &'static str,
    /// The number that it takes, if it takes one, when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<u32>,
    /// The numbers that it takes, if it does not take any.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'static [u32]>,
}

/// Lists the faults, on a terminal as a table.
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
    if output::for_people(global.json) {
        let row = |row: Row| vec![row.name.to_owned(), row.meets.to_owned(), row.explanation];
        output::table(&["fault", "meets", "what happens"], rows.into_iter().map(row))?;
        output::text(SCRIPTS)
    } else {
        output::result(&rows)
    }
}
