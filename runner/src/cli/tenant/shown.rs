//! A new key, which is shown once.

use anyhow::anyhow;
use serde_json::{Map, Value};

use crate::api_key::ApiKey;
use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::connections::config::ServeConfig;

/// Whose key it is.
pub enum Whose<'a> {
    Operator,
    Tenant(&'a str),
}

/// Prints the key, for the only time, with a further member of the result.
pub fn key(
    global: &Global,
    serve: &ServeConfig,
    key: &ApiKey,
    whose: &Whose<'_>,
    further: Option<(&'static str, Value)>,
) -> Result<(), Failure> {
    let shown = if output::for_people(global.json) {
        output::text(&in_words(serve, key, whose, further.as_ref()))
    } else {
        output::result(&as_json(key, whose, further))
    };
    shown.map_err(|failure| {
        let message = failure.message();
        anyhow!("{message}; the key is in the configuration, but lost: add another one").into()
    })
}

fn as_json(
    key: &ApiKey,
    whose: &Whose<'_>,
    further: Option<(&'static str, Value)>,
) -> Map<String, Value> {
    let whose = match whose {
        Whose::Operator => ("operator", true.into()),
        Whose::Tenant(id) => ("tenant", (*id).into()),
    };
    let members = [whose, ("key", key.expose().into())];
    members.into_iter().chain(further).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn in_words(
    serve: &ServeConfig,
    key: &ApiKey,
    whose: &Whose<'_>,
    further: Option<&(&'static str, Value)>,
) -> String {
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    let host = match serve.address.ip() {
        // The server listens on all addresses, and the certificate decides which host is valid.
        any if any.is_unspecified() => format!("HOST:{}", serve.address.port()),
        _ => serve.address.to_string(),
    };
    let (name, path) = match whose {
        Whose::Operator => ("the operator", "/metrics"),
        Whose::Tenant(id) => (*id, "/v1/actions"),
    };
    let further = match further {
        Some(("expires", Value::String(end))) => format!(" It expires at {end}."),
        Some((_, Value::String(end))) => format!(" The other keys expire at {end}."),
        Some(_) => " The other keys are removed.".to_owned(),
        None => String::new(),
    };
    format!(
        "{}\n\nThis is the key of {name}. It is shown only now: keep it like a password.{further}\n\
         A running server accepts it after SIGHUP. With the key in the variable KEY:\n\n  \
         curl --header \"Authorization: Bearer $KEY\" {scheme}://{host}{path}\n",
        key.expose()
    )
}
