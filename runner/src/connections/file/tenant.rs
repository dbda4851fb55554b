//! One `[tenants.ID]`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use http::Uri;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::hashes::{self, Owners};
use super::keys::{Keys, Problems, shown};
use super::table::table;
use crate::connections::allowed::AllowedSecrets;
use crate::connections::config::{CallbackConfig, TenantConfig};
use crate::connections::secret::SecretSource;
use crate::limits::{self, TenantLimits};
use crate::values::problem::nearest;

/// The key of the table of all tenants.
pub const TABLE: &str = "tenants";

/// What the table describes.
const KIND: &str = "a tenant";

/// What the address of a receiver must be, and an example.
const CALLBACK: &str = "an address: https (or http on loopback), a host, no user and no fragment";
const RECEIVER: &str = "https://contoso.com/hooks/o365";

/// The longest name of an action, in bytes.
const MAX_NAME: usize = 64;

/// What tenants may name.
pub struct Named<'a> {
    /// The connections.
    pub connections: &'a BTreeSet<&'a str>,
    /// The actions; `None` where any name will do.
    pub actions: Option<&'a BTreeSet<&'a str>>,
}

/// Reads one tenant, which may name what is in `named`, and adds its problems to `problems`.
pub fn read(
    id: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    directory: &Path,
    named: &Named<'_>,
    owners: &mut Owners,
    problems: &mut Problems<'_>,
) -> Option<TenantConfig> {
    let name: &str = id.get_ref();
    let key = format!("{TABLE}.{}", shown(name));
    let table = table(KIND, &key, id, value, problems)?;
    let mut keys = Keys::new(KIND, key.clone(), id.span(), table, directory, problems);
    let command = format!("o365 tenant add {name} --another-key");
    let hashes = hashes::read(&mut keys, "keys", &key, &command, owners);
    if !keys.has("keys") {
        let fix = format!("Write keys = [], and make one with {command}.");
        keys.problem("keys", "is missing", fix);
    }
    let own = keys.list("connections", |id| connection(id, named.connections));
    let fix = "Write connections = [\"ID\"]: the ids of the connections that it may use.";
    at_least_one(&mut keys, "connections", own.as_ref(), fix);
    let actions = keys.list("actions", |name| action(name, named.actions));
    if actions.is_some() {
        let fix = "Name the actions that it may run, or leave actions out for all of them.";
        at_least_one(&mut keys, "actions", actions.as_ref(), fix);
    }
    let secrets = keys.list("secrets", secret);
    let limits = limits(&mut keys);
    let callback = callback(&mut keys);
    keys.finish();
    Some(TenantConfig {
        id: name.to_owned(),
        keys: hashes?,
        connections: own?,
        actions: actions.map(BTreeSet::from_iter),
        secrets: AllowedSecrets::new(secrets.unwrap_or_default(), directory),
        limits,
        callback,
    })
}

/// Reads where a tenant is told of its runs.
fn callback(keys: &mut Keys<'_, '_>) -> Option<CallbackConfig> {
    let (url, secret) =
        (keys.parsed("callback", CALLBACK, RECEIVER, receiver), keys.secret("callback-secret"));
    match (keys.has("callback"), keys.has("callback-secret")) {
        (true, false) => keys.problem(
            "callback-secret",
            "is missing beside callback",
            "Add callback-secret = { file = \"FILE\" }: the file with whsec_ and the base64 of random bytes.",
        ),
        (false, true) => keys.problem(
            "callback",
            "is missing beside callback-secret",
            "Add callback = \"URL\": the address of the receiver.",
        ),
        _ => {}
    }
    Some(CallbackConfig { url: url?, secret: secret? })
}

/// Parses the address of a receiver, which may have a query.
fn receiver(text: &str) -> Option<Uri> {
    let url = Url::parse(text).ok()?;
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here;
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_safe && is_plain { url.as_str().parse().ok() } else { None }
}

/// Adds a problem if a list is missing or empty.
fn at_least_one<T>(keys: &mut Keys<'_, '_>, key: &'static str, list: Option<&Vec<T>>, fix: &str) {
    if !keys.has(key) {
        keys.problem(key, "is missing", fix);
    } else if list.is_some_and(Vec::is_empty) {
        keys.problem(key, "is empty", fix);
    }
}

fn connection(id: &str, known: &BTreeSet<&str>) -> Result<String, (String, String)> {
    if known.contains(id) {
        return Ok(id.to_owned());
    }
    let fix = match nearest(id, known.iter().copied()) {
        Some(nearest) => format!("Did you mean {}?", shown(nearest)),
        None => {
            "Name one that o365 connection list shows, or add it as [connections.ID].".to_owned()
        }
    };
    Err(("names no connection of this file".to_owned(), fix))
}

fn action(name: &str, known: Option<&BTreeSet<&str>>) -> Result<String, (String, String)> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_name = name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.split('-').all(is_word);
    let or_see = "Write a name that o365 actions shows, such as create-user.";
    if !is_name {
        let message = "has an item that cannot be the name of an action";
        return Err((message.to_owned(), or_see.to_owned()));
    }
    let Some(known) = known.filter(|known| !known.contains(name)) else {
        return Ok(name.to_owned());
    };
    let fix = match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("Did you mean {nearest}?"),
        None => or_see.to_owned(),
    };
    Err((format!("has {name}, which is no action of the component"), fix))
}

fn secret(name: &str) -> Result<SecretSource, (String, String)> {
    let fix = "Write env: and the name of a variable, or file: and the path of a file.";
    name.parse().map_err(|_| ("has an item that names no secret".to_owned(), fix.to_owned()))
}

fn limits(keys: &mut Keys<'_, '_>) -> TenantLimits {
    let mut limits = TenantLimits::default();
    for row in limits::ROWS {
        if let Some(value) = keys.number(row.key, row.possible.clone(), row.unit.name()) {
            row.set(&mut limits, value);
        }
    }
    limits
}
