//! `[serve]`: the server.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::hashes::{self, Owners};
use super::keys::{Keys, Problems};
use crate::base_url::BaseUrl;
use crate::connections::config::{ServeConfig, TlsFiles};
use crate::connections::secret::SecretSource;

/// The key of the table.
pub const TABLE: &str = "serve";

/// The command that creates a key of operators.
const COMMAND: &str = "o365 tenant add --operator";

/// What the key `public-url` must be.
const PUBLIC_URL: &str = "an absolute http or https URL without a user, a query or a fragment, such as https://o365.contoso.com";

/// Reads the server, and adds its problems to `problems`.
pub fn read(
    key: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    directory: &Path,
    owners: &mut Owners,
    problems: &mut Problems<'_>,
) -> ServeConfig {
    let Some(table) = value.get_ref().as_table() else {
        let fix = format!("Write [{TABLE}], and its keys below.");
        problems.add(&key.span(), TABLE, "is not a table", fix);
        return ServeConfig::default();
    };
    let mut keys =
        Keys::new("the server", TABLE.to_owned(), key.span(), table, directory, problems);
    let serve = configured(&mut keys, owners);
    keys.finish();
    serve
}

fn configured(keys: &mut Keys<'_, '_>, owners: &mut Owners) -> ServeConfig {
    let default = ServeConfig::default();
    let expected = "an IP address and a port such as 127.0.0.1:8365";
    let address = keys.parsed("address", expected, |text| text.parse::<SocketAddr>().ok());
    let tls = tls(keys);
    if address.is_some_and(|address| !address.ip().is_loopback()) && !has_tls(keys) {
        keys.problem(
            "address",
            "can be reached from other machines, and there is no certificate",
            "Add certificate and private-key, or set address to 127.0.0.1 and its port, perhaps behind a proxy that speaks TLS.",
        );
    }
    ServeConfig {
        address: address.unwrap_or(default.address),
        tls,
        max_runs: keys.number("max-runs", 1..=1000, "runs").unwrap_or(default.max_runs),
        grace: keys.number("grace", 0..=3600, "seconds").map_or(default.grace, Duration::from_secs),
        keep_alive: keys
            .number("keep-alive", 1..=3600, "seconds")
            .map_or(default.keep_alive, Duration::from_secs),
        audit_log: keys.file("audit-log"),
        operator_keys: hashes::read(keys, "operator-keys", TABLE, COMMAND, owners)
            .unwrap_or_default(),
        public_url: keys.parsed("public-url", PUBLIC_URL, BaseUrl::parse),
    }
}

fn tls(keys: &mut Keys<'_, '_>) -> Option<TlsFiles> {
    let certificate = pem(keys, "certificate");
    let private_key = pem(keys, "private-key");
    match (keys.has("certificate"), keys.has("private-key")) {
        (true, false) => keys.problem(
            "private-key",
            "is missing beside certificate",
            "Add private-key = \"FILE\": the PEM file of the certificate's key.",
        ),
        (false, true) => keys.problem(
            "certificate",
            "is missing beside private-key",
            "Add certificate = \"FILE\": a PEM file with the certificate and those that lead to its authority.",
        ),
        _ => {}
    }
    Some(TlsFiles { certificate: certificate?, private_key: SecretSource::File(private_key?) })
}

/// Returns whether TLS is configured; its problems have been added.
fn has_tls(keys: &Keys<'_, '_>) -> bool {
    keys.has("certificate") || keys.has("private-key")
}

/// Reads the path of a PEM file, and refuses its content.
fn pem(keys: &mut Keys<'_, '_>, key: &'static str) -> Option<PathBuf> {
    let text = keys.text(key)?;
    if text.contains("-----BEGIN") {
        let fix =
            format!("Put it into a file that nobody else can read, and write {key} = \"FILE\".");
        keys.problem(key, "contains what belongs in a file of its own", fix);
        return None;
    }
    keys.file(key)
}
