//! `--faults`: the script of the faults that a run meets.

use std::path::Path;

use anyhow::Context;

use crate::cli::failure::Failure;
use crate::cli::files;
use crate::egress::faults::Script;

/// The longest script, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Parses the script that `--faults` gives, or the one in the file that it names.
pub fn script(given: &str) -> Result<Script, Failure> {
    let path = Path::new(given);
    let text = if path.is_file() || !given.contains('@') {
        let context = || format!("the faults {}", path.display());
        let bytes = files::read(path, MAX_BYTES).with_context(context)?;
        String::from_utf8(bytes).with_context(context)?
    } else {
        given.to_owned()
    };
    text.parse().map_err(|error| {
        Failure::usage(
            format!("{error}"),
            "Run o365 faults to see the faults and the syntax of a script.",
        )
    })
}
