//! One `[connections.ID]`.

use std::borrow::Cow;
use std::path::Path;

use http::Uri;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::keys::{Keys, Problems, shown};
use super::table::table;
use crate::connections::cloud::Cloud;
use crate::connections::config::{Configured, Grant, TokenStore};
use crate::connections::secret::SecretSource;
use crate::contract::call::is_guid;
use crate::contract::secure_url;
use crate::network::Trust;

/// What the table describes.
const KIND: &str = "a connection";

/// The longest domain, in bytes (RFC 1035).
const MAX_DOMAIN: usize = 253;

/// Graph's version, below the cloud's root.
const VERSION: &str = "v1.0";

/// What an address of Graph or of the sign-in must be.
const ADDRESS: &str = "an address: https (or http on loopback), a host, and no slash at its end";

/// An example of such an address.
const PROXY: &str = "https://proxy.contoso.com/graph";

/// An example of a user and of the user's mailbox.
const USER: &str = "svc@contoso.com";

/// An example of the address that a sign-in comes back to.
const REDIRECT: &str = "http://localhost:8400/";

/// Reads one connection, and adds its problems to `problems`.
pub fn read(
    id: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    directory: &Path,
    problems: &mut Problems<'_>,
) -> Option<Configured> {
    let name: &str = id.get_ref();
    let key = format!("connections.{}", shown(name));
    let table = table(KIND, &key, id, value, problems)?;
    let mut keys = Keys::new(KIND, key, id.span(), table, directory, problems);
    let connection = configured(name, &mut keys);
    keys.finish();
    connection
}

fn configured(id: &str, keys: &mut Keys<'_, '_>) -> Option<Configured> {
    let tenant = required(keys, "tenant", "the tenant's domain, such as contoso.onmicrosoft.com");
    let tenant = tenant.filter(|tenant| is_tenant(keys, tenant));
    let client_id = required(keys, "client-id", "the application (client) id that Entra shows");
    let grant = grant(keys);
    let trust = Trust {
        self_signed: keys.flag("trust-self-signed-certificates"),
        ca_certificates: keys.files("ca-certificates"),
    };
    let cloud: Cloud = keys
        .parsed("cloud", "global, us-gov, us-dod or china", "global", known)
        .unwrap_or_default();
    let graph_url = keys.parsed("graph-url", ADDRESS, PROXY, secure_url);
    let login_url = keys.parsed("login-url", ADDRESS, PROXY, secure_url);
    let sender = keys.parsed("sender", "the mail address of a mailbox", USER, address);
    let token_store: TokenStore =
        keys.parsed("token-store", "file or keyring", "file", known).unwrap_or_default();
    let own_addresses = [&graph_url, &login_url].into_iter().flatten().cloned().collect();
    Some(Configured {
        id: id.to_owned(),
        tenant: tenant?,
        client_id: client_id?,
        grant: grant?,
        cloud,
        graph_url: graph_url.or_else(|| format!("{}/{VERSION}", cloud.graph()).parse().ok())?,
        login_url: login_url.or_else(|| cloud.login().parse::<Uri>().ok())?,
        own_addresses,
        sender,
        trust,
        token_store,
    })
}

/// Reads a required key.
fn required(keys: &mut Keys<'_, '_>, key: &'static str, what: &str) -> Option<String> {
    if keys.has(key) {
        return keys.text(key);
    }
    // Marks the key as known, for suggestions.
    let _ = keys.text(key);
    keys.problem(key, "is missing", format!("Add {key} = \"...\": {what}."));
    None
}

/// Deserializes a text.
fn known<T: DeserializeOwned>(name: &str) -> Option<T> {
    let name: StrDeserializer<'_, ValueError> = name.into_deserializer();
    T::deserialize(name).ok()
}

fn is_tenant(keys: &mut Keys<'_, '_>, tenant: &str) -> bool {
    let is_one = is_domain(tenant) || is_guid(tenant);
    if !is_one {
        let fix = "Set tenant to a verified domain of the tenant, such as contoso.onmicrosoft.com, or to its id.";
        keys.problem("tenant", "is neither a domain nor the id of a tenant", fix);
    }
    is_one
}

/// The keys of a sign-in that are present and valid.
struct SignIn {
    client_secret: Option<SecretSource>,
    username: Option<String>,
    password: Option<SecretSource>,
    code: Option<SecretSource>,
    redirect_url: Option<Url>,
}

/// Reads the grant that the keys mean together.
fn grant(keys: &mut Keys<'_, '_>) -> Option<Grant> {
    let given = SignIn {
        client_secret: keys.secret("client-secret"),
        username: keys.parsed("username", "a user name", USER, address),
        password: keys.secret("password"),
        code: keys.secret("authentication-code"),
        redirect_url: keys
            .parsed("redirect-url", "an absolute URL", REDIRECT, |url| Url::parse(url).ok()),
    };
    // Presence counts: an invalid value is a problem of its own.
    let [user, password, code, redirect] =
        ["username", "password", "authentication-code", "redirect-url"].map(|key| keys.has(key));
    match (user, password, code, redirect) {
        (true, true, false, false) => Some(Grant::Password {
            username: given.username?,
            password: given.password?,
            client_secret: given.client_secret,
        }),
        (false, false, true, true) => {
            let redirect_url = given.redirect_url.filter(|url| is_normalized(keys, url));
            Some(Grant::AuthorizationCode {
                code: given.code?,
                redirect_url: redirect_url?,
                client_secret: given.client_secret,
            })
        }
        (false, false, false, true) => {
            let redirect_url = given.redirect_url.filter(|url| is_on_loopback(keys, url));
            Some(Grant::Login {
                redirect_url: Some(redirect_url?),
                client_secret: given.client_secret,
            })
        }
        (false, false, false, false) if keys.has("client-secret") => {
            Some(Grant::ClientCredentials { client_secret: given.client_secret? })
        }
        (false, false, false, false) => {
            Some(Grant::Login { redirect_url: None, client_secret: None })
        }
        (user, password, code, _) => {
            contradiction(keys, user, password, code);
            None
        }
    }
}

/// Adds the problem for a missing key, or for keys that contradict each other.
fn contradiction(keys: &mut Keys<'_, '_>, user: bool, password: bool, code: bool) {
    match (user, password, code) {
        (_, _, true) if user || password => keys.problem(
            "authentication-code",
            "and username with password are different ways to sign in",
            "Keep authentication-code with redirect-url, or username with password.",
        ),
        (_, _, true) => keys.problem(
            "redirect-url",
            "is missing beside authentication-code",
            "Add redirect-url: the address that the code came back to, the very same text.",
        ),
        (true, false, _) => keys.problem(
            "password",
            "is missing beside username",
            "Add password = { env = \"NAME\" }, or remove username and run o365 connection login.",
        ),
        (false, true, _) => keys.problem(
            "username",
            "is missing beside password",
            "Add username, the user that the password belongs to.",
        ),
        _ => keys.problem(
            "redirect-url",
            "does not go with username and password",
            "Remove redirect-url, or username and password.",
        ),
    }
}

/// Checks that the parser does not change the URL, which must be the same text as at the sign-in.
fn is_normalized(keys: &mut Keys<'_, '_>, url: &Url) -> bool {
    let same = keys.text("redirect-url").as_deref() == Some(url.as_str());
    if !same {
        // The address after a sign-in contains the code.
        let bare = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let fix = match bare {
            true => format!("Write {url}, here and where the code is asked for."),
            false => "Write the address as it is registered, without what a sign-in adds to it."
                .to_owned(),
        };
        keys.problem("redirect-url", "is not written as a browser writes it", fix);
    }
    same
}

/// Checks that the URL is on loopback, where `connection login` listens.
fn is_on_loopback(keys: &mut Keys<'_, '_>, url: &Url) -> bool {
    let here = url.scheme() == "http"
        && matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
        && url.fragment().is_none();
    if !here {
        keys.problem(
            "redirect-url",
            "is not on this machine, where o365 connection login listens",
            "Write http://localhost:PORT/, or add authentication-code.",
        );
    }
    here
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= MAX_DOMAIN && name.contains('.') && name.split('.').all(is_label)
}

/// Returns a text of the form of a mail address.
fn address(text: &str) -> Option<String> {
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let (user, domain) = text.rsplit_once('@')?;
    (plain && !user.is_empty() && is_domain(domain)).then(|| text.to_owned())
}
