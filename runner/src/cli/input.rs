//! An action's input: from a file, from stdin, from the command line.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, Value};
use wasmtime::component::Type;

use super::failure::Failure;
use crate::report::Report;
use crate::values::{self, Problem};

/// The longest input, in bytes. The largest thing in one is a private key.
const MAX_BYTES: usize = 1024 * 1024;

/// How much is read at most, in bytes: one more is enough to see that it is too long.
const READ_BYTES: u64 = 1024 * 1024 + 1;

/// The input that the file and the `name=value` pairs say together, and what is wrong
/// with how they say it.
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

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(READ_BYTES).read_to_end(&mut text).context("the input on stdin")?;
    } else {
        let file = File::open(path).with_context(|| format!("the input {}", path.display()))?;
        file.take(READ_BYTES)
            .read_to_end(&mut text)
            .with_context(|| format!("the input {}", path.display()))?;
    }
    Ok(text)
}

fn object(value: Value) -> Result<Map<String, Value>, Failure> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Failure::from(Report::input(vec![Problem {
            pointer: String::new(),
            message: "expected an object with the action's inputs".to_owned(),
        }]))),
    }
}
