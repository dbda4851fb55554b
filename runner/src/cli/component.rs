//! `o365 component`: writes the component to a file, for other hosts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::failure::Failure;
use super::{Global, output, source};
use crate::compose::{Adapter, Names, compose};
use crate::contract::documents::wit_section;
use crate::run::host;

#[derive(Debug, Args)]
pub struct Options {
    /// The file, or stdout (-).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Compose the component with these adapters, separated by commas: connections or
    /// connections-static, environment, http.
    #[arg(long = "with", value_name = "ADAPTERS", value_delimiter = ',')]
    adapters: Vec<Adapter>,

    /// Also write the WIT package with its documentation, encoded as tools read it.
    #[arg(long, value_name = "FILE")]
    wit: Option<PathBuf>,

    /// Name the exported interfaces without their package, such as accounts.
    #[arg(long)]
    short_names: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    check(options)?;
    if global.component.is_some() {
        // It fails for a file that is no component with actions.
        source::documents(global)?;
    }
    let connector = source::component(global)?;
    let names = if options.short_names { Names::Short } else { Names::Full };
    let component = compose(&connector, &options.adapters, names)
        .map_err(|error| Failure::usage(error.to_string(), "See o365 component --help."))?;
    if let Some(path) = &options.wit {
        write("the WIT package", path, wit(&connector)?)?;
    }
    write("the component", &options.output, &component)?;
    if !options.adapters.is_empty() {
        note("connector", &connector);
        for adapter in &options.adapters {
            note(adapter.name(), adapter.component().unwrap_or_default());
        }
    }
    note("component", &component);
    Ok(())
}

/// Refuses options of which one would undo another.
fn check(options: &Options) -> Result<(), Failure> {
    if options.wit.as_ref() == Some(&options.output) {
        let fix = "Name another file for one of them.";
        return Err(Failure::usage("--wit and --output name the same file", fix));
    }
    Ok(())
}

/// Returns the WIT package. No tool shows the documentation from within a component.
fn wit(connector: &[u8]) -> Result<&[u8], Failure> {
    let section = wit_section(connector).context("the component cannot be read")?;
    Ok(section.context("the component has no documentation")?)
}

fn write(what: &str, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return output::bytes(bytes);
    }
    let failed = || format!("{what} cannot be written to {}", path.display());
    Ok(fs::write(path, bytes).with_context(failed)?)
}

/// Writes the size and the digest of a component to stderr.
fn note(name: &str, component: &[u8]) {
    let digest = host::digest(component);
    output::note(&format!("{name}: {} bytes, sha256:{digest}", component.len()));
}
