//! The proxies that the environment names.
//!
//! `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case, mean what they mean to curl. As
//! with curl, small letters come first where both are set.
//! `HTTP_PROXY` is left aside: it is for plain `http`, which is for loopback alone and never
//! leaves the machine.

use std::env;
use std::fmt;
use std::net::IpAddr;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use thiserror::Error;

use super::guard::Target;

/// What all servers are called in `NO_PROXY`, and only where it stands there alone.
const ALL_SERVERS: &str = "*";

/// Which proxies to go through. Its `Debug` shows no credentials.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    https: Option<Setting>,
    all: Option<Setting>,
    /// The hosts that are reached without a proxy.
    except: String,
}

#[derive(Clone, PartialEq, Eq)]
struct Setting {
    variable: &'static str,
    url: String,
}

/// A proxy that cannot be used. It does not show the URL, which may hold a password.
#[derive(Debug, Error)]
#[error(
    "the proxy in {variable} cannot be used: {reason}. Write it as http://proxy.example.com:8080, or unset {variable}"
)]
pub struct InvalidProxy {
    variable: &'static str,
    reason: &'static str,
}

impl Proxies {
    /// Those of this process's environment.
    pub fn from_env() -> Self {
        Self {
            https: setting(["https_proxy", "HTTPS_PROXY"]),
            all: setting(["all_proxy", "ALL_PROXY"]),
            except: setting(["no_proxy", "NO_PROXY"]).map(|no| no.url).unwrap_or_default(),
        }
    }

    /// None: every server is reached directly.
    pub fn none() -> Self {
        Self::default()
    }

    /// One proxy for all servers but `except`, which is written as `NO_PROXY` is.
    pub fn all(url: impl Into<String>, except: impl Into<String>) -> Self {
        let all = Some(Setting { variable: "ALL_PROXY", url: url.into() });
        Self { https: None, all, except: except.into() }
    }

    /// What decides by destination, once every proxy is known to be usable: the matcher
    /// itself takes an unusable one for none.
    pub(super) fn matcher(&self) -> Result<ProxyMatcher, InvalidProxy> {
        for setting in [&self.https, &self.all].into_iter().flatten() {
            check(setting)?;
        }
        if self.except == ALL_SERVERS {
            return Ok(ProxyMatcher(Matcher::builder().build()));
        }
        let mut matcher = Matcher::builder().no(exceptions(&self.except));
        if let Some(https) = &self.https {
            matcher = matcher.https(https.url.clone());
        }
        if let Some(all) = &self.all {
            matcher = matcher.all(all.url.clone());
        }
        Ok(ProxyMatcher(matcher.build()))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = |setting: &Option<Setting>| setting.as_ref().map(|it| it.variable);
        f.debug_struct("Proxies")
            .field("https", &variable(&self.https))
            .field("all", &variable(&self.all))
            .field("except", &self.except)
            .finish()
    }
}

/// Which proxy leads to which server.
#[derive(Debug)]
pub(super) struct ProxyMatcher(Matcher);

impl ProxyMatcher {
    /// The proxy on the way to `destination`; none for plain `http`.
    pub fn on_the_way_to(&self, destination: &Uri) -> Option<Intercept> {
        if destination.scheme_str() != Some("https") {
            return None;
        }
        let rooted = destination.host().and_then(|host| host.strip_suffix('.'));
        match rooted.and_then(|host| format!("https://{host}/").parse().ok()) {
            Some(same) => self.0.intercept(&same),
            None => self.0.intercept(destination),
        }
    }
}

/// The list of exceptions as the matcher reads it, which is not in all as curl does. Source:
/// curl's `lib/noproxy.c`, and curl 7.88.1 itself.
fn exceptions(list: &str) -> String {
    let items = list.split([',', ' ', '\t']).filter(|item| {
        // The matcher takes `*` for all names also beside others, and undoes other blanks.
        !item.is_empty() && *item != ALL_SERVERS && !item.contains(char::is_whitespace)
    });
    items.map(exception).collect::<Vec<_>>().join(",")
}

/// One of them: a name with or without the dot of the root, an address, or a network.
fn exception(item: &str) -> &str {
    if let Some((address, bits)) = item.split_once('/') {
        // curl takes a network of everything for the address alone.
        let no_bits = bits.bytes().all(|digit| digit == b'0');
        return if no_bits { address } else { item };
    }
    match item.strip_suffix('.') {
        Some(name) if name.parse::<IpAddr>().is_err() => name,
        _ => item,
    }
}

/// The first of `names` that is set and not empty.
fn setting(names: [&'static str; 2]) -> Option<Setting> {
    names.into_iter().find_map(|variable| {
        let url = env::var_os(variable).filter(|url| !url.is_empty())?;
        // What is no text is no URL either, and is refused as such.
        Some(Setting { variable, url: url.to_string_lossy().into_owned() })
    })
}

fn check(setting: &Setting) -> Result<(), InvalidProxy> {
    let invalid = |reason| InvalidProxy { variable: setting.variable, reason };
    let uri: Uri = setting.url.parse().map_err(|_| invalid("it is no URL"))?;
    match uri.scheme_str() {
        None | Some("http") => {}
        Some("https") => return Err(invalid("TLS to the proxy itself is not supported")),
        Some(_) => return Err(invalid("only http proxies are supported")),
    }
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let address = authority.split_once('@').map_or(authority, |(_, address)| address);
    if address.is_empty() || address.starts_with(':') {
        return Err(invalid("it names no host"));
    }
    // As it is connected to later on.
    let target = format!("http://{address}/").parse().ok().and_then(|uri| Target::of(&uri));
    target.map(drop).ok_or_else(|| invalid("it is no URL"))
}
