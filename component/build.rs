//! Turns the permissions of `wit/actions.toml` into a constant table, so that the
//! component can name the missing permission without reading a file, and sets the size of the
//! component's memory.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const ACTIONS: &str = "../wit/actions.toml";

/// The linear memory of a new instance, in bytes: the stack, the constants, and a heap that is
/// enough for most actions. Each growth, and the reset after it, is a system call of the host.
const INITIAL_MEMORY: u32 = 2 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ACTIONS}");
    if env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--initial-memory={INITIAL_MEMORY}");
    }
    let table = permission_table(&fs::read_to_string(ACTIONS)?)?;
    let folder = env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?;
    fs::write(Path::new(&folder).join("permissions.rs"), table)?;
    Ok(())
}

/// The table's source: a row of call, least delegated and least application permission for each call.
fn permission_table(actions: &str) -> Result<String, Box<dyn Error>> {
    let actions: toml::Table = actions.parse()?;
    let calls = actions
        .get("calls")
        .and_then(toml::Value::as_table)
        .ok_or_else(|| format!("{ACTIONS} has no table `calls`"))?;
    let mut source = String::from("&[\n");
    for (call, permissions) in calls {
        let delegated = least(call, permissions, "delegated")?;
        let application = least(call, permissions, "application")?;
        writeln!(source, "    ({call:?}, {delegated:?}, {application:?}),")?;
    }
    source.push_str("]\n");
    Ok(source)
}

/// The least permission of one kind is the first in its list; none where the call cannot
/// be made in that way.
fn least<'a>(
    call: &str,
    permissions: &'a toml::Value,
    kind: &str,
) -> Result<Option<&'a str>, String> {
    let list = permissions
        .get(kind)
        .and_then(toml::Value::as_array)
        .ok_or_else(|| format!("{ACTIONS}: the call `{call}` has no list `{kind}`"))?;
    Ok(list.first().and_then(toml::Value::as_str))
}
