//! Turns the permissions of `wit/actions.toml` into a constant table, so that the
//! component can name the missing permission without reading a file.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const ACTIONS: &str = "../wit/actions.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ACTIONS}");
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
