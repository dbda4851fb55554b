//! The proxies from the environment.
//!
//! `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case, mean what they mean to
//! curl; the lower case takes precedence. `HTTP_PROXY` is ignored: plain `http` is for loopback
//! alone.

use std::env;
use std::fmt;
use std::net::IpAddr;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use thiserror::Error;

use super::guard::Target;

/// Stands for all servers in `NO_PROXY`, if it is the only item.
const ALL_SERVERS: &str = "*";

/// The proxies to use. The `Debug` output shows no credentials.
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

/// An unusable proxy. The error does not show the URL, which may contain a password.
#[derive(Debug, Error)]
#[error(
    "the proxy in {variable} cannot be used: {reason}. Write it as http://proxy.example.com:8080, or unset {variable}"
)]
pub struct InvalidProxy {
    variable: &'static str,
    reason: &'static str,
}

impl Proxies {
    /// Reads the environment of this process.
    pub fn from_env() -> Self {
        Self {
            https: setting(["https_proxy", "HTTPS_PROXY"]),
            all: setting(["all_proxy", "ALL_PROXY"]),
            except: setting(["no_proxy", "NO_PROXY"]).map(|no| no.url).unwrap_or_default(),
        }
    }

    /// Uses no proxy.
    pub fn none() -> Self {
        Self::default()
    }

    /// Uses one proxy for all servers except `except`, in the form of `NO_PROXY`.
    pub fn all(url: impl Into<String>, except: impl Into<String>) -> Self {
        let all = Some(Setting { variable: "ALL_PROXY", url: url.into() });
        Self { https: None, all, except: except.into() }
    }

    /// Creates the matcher. It checks every proxy, since the library ignores unusable ones.
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

/// Selects the proxy for a server.
#[derive(Debug)]
pub(super) struct ProxyMatcher(Matcher);

impl ProxyMatcher {
    /// Returns the proxy for `destination`; `None` for plain `http`.
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

/// Translates curl's list of exceptions for the matcher, which differs from curl in details.
/// Source: curl's `lib/noproxy.c`, and curl 7.88.1 itself.
fn exceptions(list: &str) -> String {
    let items = list.split([',', ' ', '\t']).filter(|item| {
        // The matcher applies `*` also beside other items, and trims other white space.
        !item.is_empty() && *item != ALL_SERVERS && !item.contains(char::is_whitespace)
    });
    items.map(exception).collect::<Vec<_>>().join(",")
}

/// Translates one exception: a name with or without the root's dot, an address, or a network.
fn exception(item: &str) -> &str {
    if let Some((address, bits)) = item.split_once('/') {
        // curl reads a prefix length of 0 as the address alone.
        let no_bits = bits.bytes().all(|digit| digit == b'0');
        return if no_bits { address } else { item };
    }
    match item.strip_suffix('.') {
        Some(name) if name.parse::<IpAddr>().is_err() => name,
        _ => item,
    }
}

/// Returns the first of `names` that is set and not empty.
fn setting(names: [&'static str; 2]) -> Option<Setting> {
    names.into_iter().find_map(|variable| {
        let url = env::var_os(variable).filter(|url| !url.is_empty())?;
        // A value that is not text is refused later, since it is not a URL.
        Some(Setting { variable, url: url.to_string_lossy().into_owned() })
    })
}

fn check(setting: &Setting) -> Result<(), InvalidProxy> {
    let invalid = |reason| InvalidProxy { variable: setting.variable, reason };
    let uri: Uri = setting.url.parse().map_err(|_| invalid("it is not a URL"))?;
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
    let target = format!("http://{address}/").parse().ok().and_then(|uri| Target::of(&uri));
    target.map(drop).ok_or_else(|| invalid("it is not a URL"))
}
