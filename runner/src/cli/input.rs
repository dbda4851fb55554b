//! The input of an action: from a file, stdin and the command line.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, Value};
use wasmtime::component::Type;

use super::failure::Failure;
use super::files;
use crate::report::Report;
use crate::values::{self, Problem};

/// The longest input, in bytes. The largest field is a private key.
const MAX_BYTES: usize = 1024 * 1024;

/// One byte more than [`MAX_BYTES`], which shows that an input is too long.
const READ_BYTES: u64 = 1024 * 1024 + 1;

/// Returns the input from the file and the `name=value` pairs, and the problems of how it is
/// given.
pub fn assemble(
    file: Option<&PathBuf>,
    pairs: &[String],
    of_type: &Type,
) -> Result<(Map<String, Value>, Vec<Problem>), Failure> {
    let mut input = match file {
        Some(path) => object(values::parse(&read(path)?, MAX_BYTES).map_err(Report::input)?)?,
        None => Map::new(),
    };
    let (named, mut problems) = values::arguments(pairs, of_type);
    for (name, value) in named {
        if input.contains_key(&name) {
            problems.push(Problem {
                pointer: format!("/{name}"),
                message: "is given in the input file and on the command line; keep one".to_owned(),
            });
        } else {
            input.insert(name, value);
        }
    }
    Ok((input, problems))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        let context = || format!("the input {}", path.display());
        return files::read(path, READ_BYTES).with_context(context);
    }
    let mut text = Vec::new();
    io::stdin().lock().take(READ_BYTES).read_to_end(&mut text).context("the input on stdin")?;
    Ok(text)
}

fn object(value: Value) -> Result<Map<String, Value>, Report> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Report::input(vec![Problem {
            pointer: String::new(),
            message: "expected an object with the action's inputs".to_owned(),
        }])),
    }
}
