//! The public part of a connection, from settings.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::address;
use crate::cloud::{CLOUDS, Cloud};
use crate::settings::{
    CLOUD, CONNECTION_ID, GRAPH_URL, SENDER, Settings, TENANT, TIME_LIMIT, invalid,
};

/// Graph's version, below the cloud's root.
const VERSION: &str = "v1.0";

/// The default time limit of a run, in seconds. A test compares it with that of the runner.
pub const DEFAULT_TIME_LIMIT: u32 = 120;

/// The longest time limit of a run, in seconds.
const MAX_TIME_LIMIT: u32 = 3_600;

/// The identity that a connection acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A signed-in user.
    Delegated,
    /// The application itself.
    AppOnly,
}

impl Access {
    /// Returns the access with this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "delegated" => Some(Self::Delegated),
            "app-only" => Some(Self::AppOnly),
            _ => None,
        }
    }
}

/// What every adapter reads of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// A domain of the tenant, or its id.
    pub tenant: String,
    /// The cloud.
    pub cloud: Cloud,
    /// Graph's version root: the cloud's, or the set one.
    pub graph_url: String,
    /// The mailbox that sends notifications.
    pub sender: Option<String>,
    /// The time limit of a run.
    pub time_limit_ms: u32,
}

impl Connection {
    /// Reads the connection that a caller names `id`.
    ///
    /// # Errors
    /// Fails for a missing or invalid setting, and for another id than the set one.
    pub fn read(settings: &Settings<'_>, id: &str) -> Result<Self, String> {
        if let Some(own) = settings.value(CONNECTION_ID)?
            && own != id
        {
            return Err("there is no connection with this id; the host has another one".to_owned());
        }
        let tenant = settings.required(TENANT)?;
        if !is_tenant(&tenant) {
            return Err(invalid(TENANT, "is neither a domain nor the id of a tenant"));
        }
        let cloud = cloud(settings)?;
        Ok(Self {
            tenant,
            cloud,
            graph_url: match settings.parsed(GRAPH_URL, url)? {
                Some(url) => url,
                None => format!("{}/{VERSION}", cloud.graph),
            },
            sender: settings.parsed(SENDER, mailbox)?,
            time_limit_ms: settings
                .parsed(TIME_LIMIT, seconds)?
                .unwrap_or(DEFAULT_TIME_LIMIT)
                .saturating_mul(1_000),
        })
    }
}

fn cloud(settings: &Settings<'_>) -> Result<Cloud, String> {
    let named = |name: &str| CLOUDS.into_iter().find(|cloud| cloud.name == name);
    let [global, ..] = CLOUDS;
    Ok(settings.parsed(CLOUD, named)?.unwrap_or(global))
}

/// Returns an address that a token may be sent to.
pub fn url(text: &str) -> Option<String> {
    address::parse(text).map(|_| text.to_owned())
}

fn mailbox(text: &str) -> Option<String> {
    let (user, domain) = text.rsplit_once('@')?;
    let plain = !text.contains(char::is_whitespace);
    (plain && !user.is_empty() && is_domain(domain)).then(|| text.to_owned())
}

fn seconds(text: &str) -> Option<u32> {
    text.parse().ok().filter(|seconds| (1..=MAX_TIME_LIMIT).contains(seconds))
}

/// Returns whether the text can stand in the path of the sign-in host.
fn is_tenant(text: &str) -> bool {
    is_domain(text) || is_id(text)
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

/// Returns whether the text is a GUID: `8-4-4-4-12` hexadecimal digits.
fn is_id(text: &str) -> bool {
    let is_group = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split('-').all(is_group) && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
