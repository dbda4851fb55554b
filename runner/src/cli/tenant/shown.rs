//! A new key, which is shown once.

use anyhow::anyhow;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::api_key::ApiKey;
use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::connections::config::ServeConfig;
use crate::connections::file::change::OtherKeys;

/// Whose key it is.
pub enum Whose<'a> {
    Operator,
    Tenant(&'a str),
}

/// What is told beside the key.
#[derive(Clone, Copy)]
pub enum Further {
    Nothing,
    /// The key has an end.
    Expires(Timestamp),
    /// The key replaces others.
    OtherKeys(OtherKeys),
}

impl Further {
    /// Returns the member of the result.
    fn member(self) -> Option<(&'static str, Value)> {
        match self {
            Self::Nothing => None,
            Self::Expires(end) => Some(("expires", json!(end))),
            Self::OtherKeys(OtherKeys::ExpireBy(end)) => Some(("otherKeysExpire", json!(end))),
            Self::OtherKeys(OtherKeys::None | OtherKeys::Removed) => {
                Some(("otherKeysExpire", Value::Null))
            }
        }
    }

    /// Returns a sentence after another one.
    fn sentence(self) -> String {
        match self {
            Self::Nothing | Self::OtherKeys(OtherKeys::None) => String::new(),
            Self::Expires(end) => format!(" It expires at {end}."),
            Self::OtherKeys(OtherKeys::Removed) => " The other keys are removed.".to_owned(),
            Self::OtherKeys(OtherKeys::ExpireBy(end)) => {
                format!(" No other key is valid after {end}.")
            }
        }
    }
}

/// Prints the key, for the only time.
pub fn key(
    global: &Global,
    serve: &ServeConfig,
    key: &ApiKey,
    whose: &Whose<'_>,
    further: Further,
) -> Result<(), Failure> {
    let shown = if output::for_people(global.json) {
        output::text(&in_words(serve, key, whose, further))
    } else {
        output::result(&as_json(key, whose, further))
    };
    shown.map_err(|failure| {
        let message = failure.message();
        anyhow!("{message}; the key is in the configuration, but lost: add another one").into()
    })
}

fn as_json(key: &ApiKey, whose: &Whose<'_>, further: Further) -> Map<String, Value> {
    let whose = match whose {
        Whose::Operator => ("operator", true.into()),
        Whose::Tenant(id) => ("tenant", (*id).into()),
    };
    let members = [whose, ("key", key.expose().into())];
    let members = members.into_iter().chain(further.member());
    members.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn in_words(serve: &ServeConfig, key: &ApiKey, whose: &Whose<'_>, further: Further) -> String {
    let url = url(serve);
    let (name, path) = match whose {
        Whose::Operator => ("the operator", "/metrics"),
        Whose::Tenant(id) => (*id, "/v1/actions"),
    };
    let further = further.sentence();
    format!(
        "{}\n\nThis is the key of {name}. It is shown only now: keep it like a password.{further}\n\
         A running server accepts it after SIGHUP. With the key in the variable KEY:\n\n  \
         curl --header \"Authorization: Bearer $KEY\" {url}{path}\n",
        key.expose()
    )
}

/// Returns the URL by which callers reach the server.
fn url(serve: &ServeConfig) -> String {
    if let Some(url) = &serve.public_url {
        return url.to_string();
    }
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    match serve.address.ip() {
        // The server listens on all addresses, and the certificate decides which host is valid.
        any if any.is_unspecified() => format!("{scheme}://HOST:{}", serve.address.port()),
        _ => format!("{scheme}://{}", serve.address),
    }
}
