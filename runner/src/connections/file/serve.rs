//! `[serve]`: the server.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use toml::Spanned;
use toml::de::DeValue;

use super::hashes::{self, Owners};
use super::keys::{Keys, Problems};
use crate::base_url::BaseUrl;
use crate::connections::config::{
    ForwardedHeader, ProxyConfig, ServeConfig, StoreConfig, TlsFiles,
};
use crate::connections::secret::SecretSource;
use crate::store::jetstream::options::Options;

/// The key of the table.
pub const TABLE: &str = "serve";

/// The command that creates a key of operators.
const COMMAND: &str = "o365 tenant add --operator";

/// What the key `public-url` must be.
const PUBLIC_URL: &str = "an absolute http or https URL without a user, a query or a fragment";

/// The value of the key `tls`.
const BY_PROXY: &str = "terminated-by-proxy";

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
    let expected = "an IP address and a port";
    let address =
        keys.parsed("address", expected, "127.0.0.1:8365", |text| text.parse::<SocketAddr>().ok());
    let tls = tls(keys);
    let proxies = proxies(keys);
    let is_open = address.is_some_and(|address| !address.ip().is_loopback());
    if is_open && !has_tls(keys) && !proxies.end_tls {
        keys.problem(
            "address",
            "can be reached from other machines, and there is no certificate",
            "Add certificate and private-key; or write tls = \"terminated-by-proxy\" where a proxy ends TLS and nobody else reaches the address; or set address to 127.0.0.1 and its port.",
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
        connections_per_address: keys
            .number("connections-per-address", 1..=4096, "connections")
            .unwrap_or(default.connections_per_address),
        proxies,
        audit_log: keys.file("audit-log"),
        operator_keys: hashes::read(keys, "operator-keys", TABLE, COMMAND, owners)
            .unwrap_or_default(),
        public_url: keys.parsed(
            "public-url",
            PUBLIC_URL,
            "https://o365.contoso.com",
            BaseUrl::parse,
        ),
        store: store(keys),
    }
}

/// Reads the store that processes share.
fn store(keys: &mut Keys<'_, '_>) -> Option<StoreConfig> {
    let expected = "the URL of NATS servers, with a comma between several";
    let servers = keys.parsed("store", expected, "nats://127.0.0.1:4222", |text| {
        let servers: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        servers.iter().all(|server| Options::is_server(server)).then_some(servers)
    });
    let credentials = keys.file("store-credentials");
    let authorities = keys.file("store-authorities");
    let replicas = keys.number("store-replicas", 1..=5, "servers");
    let key = keys.secret("store-key");
    if !keys.has("store") {
        for key in ["store-credentials", "store-authorities", "store-replicas", "store-key"] {
            if keys.has(key) {
                let fix = "Add store = \"nats://HOST:4222\", or remove this key.";
                keys.problem(key, "is of no use without store", fix);
            }
        }
        return None;
    }
    if !keys.has("store-key") {
        let fix = "Add store-key = { file = \"FILE\" }, with the output of `openssl rand -base64 32`, the same for all processes: what they share contains secrets.";
        keys.problem("store-key", "is missing beside store", fix);
    }
    let replicas = replicas.unwrap_or(1);
    let jetstream = Options { servers: servers?, credentials, authorities, replicas };
    Some(StoreConfig { jetstream, key: key? })
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

fn proxies(keys: &mut Keys<'_, '_>) -> ProxyConfig {
    let ended = keys.parsed("tls", &format!("\"{BY_PROXY}\""), BY_PROXY, |text| {
        (text == BY_PROXY).then_some(())
    });
    if ended.is_some() && has_tls(keys) {
        keys.problem(
            "tls",
            "says that a proxy ends TLS, and there is a certificate",
            "Remove tls, or certificate and private-key.",
        );
    }
    let trusted = keys.list("trusted-proxies", network).unwrap_or_default();
    let names = ForwardedHeader::NAMED;
    let expected = names.map(|(name, _)| format!("\"{name}\"")).join(" or ");
    let header = keys.parsed("forwarded-header", &expected, "Forwarded", |text| {
        names.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, it)| it)
    });
    if header.is_some() && trusted.is_empty() {
        keys.problem(
            "forwarded-header",
            "is of no use without trusted-proxies",
            "Add trusted-proxies = [\"ADDRESS\"]: the addresses of the proxies.",
        );
    }
    ProxyConfig { end_tls: ended.is_some(), trusted, header: header.unwrap_or_default() }
}

/// Reads the addresses of proxies.
fn network(text: &str) -> Result<IpNet, (String, String)> {
    let network = text.parse::<IpNet>().ok();
    let Some(network) = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) else {
        let fix = "Write addresses such as \"192.0.2.1\" and networks such as \"10.0.0.0/8\".";
        return Err(("has what is no address and no network".to_owned(), fix.to_owned()));
    };
    if network.prefix_len() == 0 {
        return Err((
            "has a network of all addresses, with which every client could claim to be another"
                .to_owned(),
            "Name only the addresses of the proxies, such as \"192.0.2.1\" or \"10.0.0.0/8\"."
                .to_owned(),
        ));
    }
    let whole = network.trunc();
    if network != whole {
        let address = network.addr();
        return Err((
            format!("has {network}, an address within a network"),
            format!("Write \"{whole}\" for the network, or \"{address}\" for the address."),
        ));
    }
    Ok(network)
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
