//! Generates what the adapter must know of the actions, so that a new action needs no change
//! here: how their inputs and results are JSON, the lists and schemas that it serves, and the
//! statuses of the kinds of errors.

#[path = "build/codec.rs"]
mod codec;
#[path = "build/documents.rs"]
mod documents;
#[allow(dead_code, reason = "one table for the runner and for this adapter, which needs less")]
#[path = "../../../runner/src/report/kind.rs"]
mod kind;

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use wit_parser::{Function, Interface, Resolve, WorldItem};

/// The contract.
const WIT: &str = "../../../wit";

/// The table of kinds.
const KINDS: &str = "../../../runner/src/report/kind.rs";

fn main() -> Result<(), Box<dyn Error>> {
    for source in ["build.rs", "build", "../wit", WIT, KINDS] {
        println!("cargo::rerun-if-changed={source}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let mut resolve = Resolve::default();
    resolve.push_dir(Path::new(WIT))?;
    resolve.push_dir(Path::new("../wit"))?;
    let interfaces = interfaces(&resolve)?;
    fs::write(out.join("codec.rs"), codec::source(&resolve, &interfaces)?)?;
    let policy = fs::read_to_string(Path::new(WIT).join("actions.toml"))?;
    fs::write(out.join("documents.rs"), documents::source(&resolve, &interfaces, &policy)?)?;
    fs::write(out.join("kinds.rs"), kinds()?)?;
    Ok(())
}

/// Returns the interfaces with actions. Fails for one that the adapter does not import.
fn interfaces(resolve: &Resolve) -> Result<Vec<&Interface>, Box<dyn Error>> {
    let world =
        |name: &str| resolve.worlds.iter().map(|(_, world)| world).find(|world| world.name == name);
    let connector = world("office365").ok_or("wit/ has no world office365")?;
    let adapter = world("http").ok_or("component/adapters/wit/ has no world http")?;
    let mut interfaces = Vec::new();
    for item in connector.exports.values() {
        let WorldItem::Interface { id, .. } = item else { continue };
        let interface = resolve.interfaces.get(*id).ok_or("an interface is missing")?;
        let imported = |item: &WorldItem| matches!(item, WorldItem::Interface { id: other, .. } if other == id);
        if !adapter.imports.values().any(imported) {
            let name = interface.name.as_deref().unwrap_or_default();
            return Err(format!(
                "the world http lacks {name}; add `import connector:office365/{name}@1.0.0;` to \
                 component/adapters/wit/world.wit"
            )
            .into());
        }
        interfaces.push(interface);
    }
    Ok(interfaces)
}

/// Returns the actions of the interfaces, each with the interface that it is in.
fn actions<'a>(
    interfaces: &'a [&'a Interface],
) -> impl Iterator<Item = (&'a Interface, &'a Function)> {
    interfaces.iter().flat_map(|interface| {
        interface.functions.values().map(move |function| (*interface, function))
    })
}

/// The source of the table of kinds: name, status, title, and whether there is a `Retry-After`.
fn kinds() -> Result<String, Box<dyn Error>> {
    let mut source = String::from("&[\n");
    for (kind, http) in kind::Kind::over_http() {
        let (name, status) = (kind.name(), http.status.as_u16());
        let (title, retry_after) = (http.title, http.retry_after);
        writeln!(source, "    ({name:?}, {status}, {title:?}, {retry_after}),")?;
    }
    source.push_str("]\n");
    Ok(source)
}
