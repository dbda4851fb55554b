//! `--faults`: the script of the faults that a run meets.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context;

use crate::cli::failure::Failure;
use crate::egress::faults::Script;

/// The longest script, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The script that `--faults` gives, or the one in the file that it names.
pub fn script(given: &str) -> Result<Script, Failure> {
    let path = Path::new(given);
    let text = if path.is_file() || !given.contains('@') {
        read(path).with_context(|| format!("the faults {}", path.display()))?
    } else {
        given.to_owned()
    };
    text.parse().map_err(|error| {
        Failure::usage(
            format!("{error}"),
            "o365 faults lists the faults and explains how a script is written.",
        )
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
