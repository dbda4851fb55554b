//! HAR files of other programs: browsers, mitmproxy, Microsoft Dev Proxy. They hold more than
//! a run's exchanges and say less of them; what a replay needs is taken out of them.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Uri};
use serde_json::{Map, Value, json};
use thiserror::Error;
use url::Url;

use super::exchange::KEPT_HEADERS;
use super::har::{self, Content, Entry, Har, HarError, PostData, Run};
use super::pseudonyms::addresses_in;
use super::recorded::{CONNECTION_ID, Recorded};
use super::texts;
use crate::connections::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use crate::contract::{ActionPolicy, Call};

/// The version of Graph that the actions use, as it stands in each address.
const VERSION: &str = "/v1.0";

/// The id of the connection of a run that nobody named.
const ID: &str = "recorded";

/// What such a file does not say of the run that it is to be a recording of.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// The tenant's domain; if it is not given, that of the first address in the requests.
    pub tenant: Option<String>,
    /// The mailbox that sends; if it is not given, that of the first sendMail.
    pub sender: Option<String>,
    /// The connection's id.
    pub connection: Option<String>,
}

/// What was taken out of a file.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The run, as far as the file says it.
    pub recorded: Recorded,
    /// Which of the file's exchanges are its, from 0.
    pub indices: Vec<usize>,
}

/// Why a file is of no use.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// It is no HAR, or one of the exchanges that are needed is damaged.
    #[error(transparent)]
    Har(#[from] HarError),
    /// It is about something else.
    #[error("{path} holds none of the action's calls to Microsoft Graph v1.0")]
    NoCalls {
        /// The file.
        path: String,
    },
    /// It names nobody whose tenant that could be.
    #[error(
        "the recording {path} does not say which run it was made of: it has no log._o365, and no address that shows the tenant's domain; o365 fixtures add --tenant DOMAIN makes one of it that does"
    )]
    NoTenant {
        /// The file.
        path: String,
    },
}

/// Takes a run of `action` out of the file of another program. What it is not about is left
/// out: preflights, other hosts, other calls.
pub fn read(
    path: &Path,
    action: &str,
    policy: &ActionPolicy,
    missing: &Missing,
) -> Result<Taken, ForeignError> {
    take(path, Har::parse(path)?, action, policy, missing)
}

/// The same for `har`, as the file `path` holds it.
pub fn take(
    path: &Path,
    har: Har,
    action: &str,
    policy: &ActionPolicy,
    missing: &Missing,
) -> Result<Taken, ForeignError> {
    let name = || path.display().to_string();
    let entries: Vec<Entry> = har.log.entries;
    let root = entries
        .iter()
        .find_map(|entry| root(&entry.request, &policy.calls))
        .ok_or_else(|| ForeignError::NoCalls { path: name() })?;
    let mut kept = Vec::new();
    let mut indices = Vec::new();
    for (index, mut entry) in entries.into_iter().enumerate() {
        if is_call(&entry.request, &root, &policy.calls) {
            strip(&mut entry);
            entry.check_as(path, index + 1)?;
            kept.push(entry);
            indices.push(index);
        }
    }
    let tenant = missing.tenant.clone().or_else(|| tenant(&kept));
    let tenant = tenant.ok_or_else(|| ForeignError::NoTenant { path: name() })?;
    let connection = Connection {
        access: if kept.iter().any(|entry| entry.request.url.starts_with(&format!("{root}/me"))) {
            Access::Delegated
        } else {
            Access::AppOnly
        },
        sender: missing.sender.clone().or_else(|| sender(&kept)),
        tenant,
        graph_url: root,
        time_limit_ms: DEFAULT_TIME_LIMIT_MS,
    };
    let id = missing.connection.as_deref().unwrap_or(ID);
    let run = Run {
        action: action.to_owned(),
        input: Value::Object(Map::from_iter([(CONNECTION_ID.to_owned(), json!(id))])),
        connection: Some(connection),
        ..Run::default()
    };
    Ok(Taken { recorded: Recorded { path: path.to_owned(), entries: kept, run }, indices })
}

/// Graph's version root, if this is one of the calls.
fn root(request: &har::Request, calls: &[Call]) -> Option<String> {
    let url = Url::parse(&request.url).ok()?;
    let root = format!("{}{VERSION}", url.origin().ascii_serialization());
    is_call(request, &root, calls).then_some(root)
}

fn is_call(request: &har::Request, root: &str, calls: &[Call]) -> bool {
    let path = request.url.strip_prefix(root).filter(|path| path.starts_with('/'));
    let (Some(path), Ok(method)) = (path, request.method.parse::<Method>()) else { return false };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    calls.iter().any(|call| call.matches(&method, path))
}

/// Leaves what the exchange was about: not who signed in, nor what sent it.
fn strip(entry: &mut Entry) {
    // Another program sends other headers.
    entry.request.headers.clear();
    if let Some(PostData { text, params, .. }) = &mut entry.request.post_data
        && text.is_empty()
    {
        *text = form(params);
    }
    let response = &mut entry.response;
    // The body is there decoded, whatever it says.
    response.headers.retain(|header| {
        let name = header.name.to_ascii_lowercase();
        KEPT_HEADERS.contains(&name.as_str()) && name != "content-encoding"
    });
    if response.status == 0 && response.error.is_none() {
        response.error = Some("connection-terminated".to_owned());
    }
    as_text(&mut response.content);
    // Where it was not measured.
    entry.time = entry.time.max(0.0);
}

/// The fields of a form as its body.
fn form(params: &[har::Param]) -> String {
    let pairs = params.iter().map(|param| (&param.name, &param.value));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn as_text(content: &mut Content) {
    let Some("base64") = content.encoding.as_deref() else { return };
    let text = STANDARD.decode(&content.text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(text) = text {
        content.text = text;
        content.encoding = None;
    }
}

/// The domain of the first address in the requests, or else in the answers.
fn tenant(entries: &[Entry]) -> Option<String> {
    let sent = entries.iter().flat_map(|entry| {
        [Some(&entry.request.url), entry.request.post_data.as_ref().map(|body| &body.text)]
    });
    let answered = entries.iter().map(|entry| Some(&entry.response.content.text));
    let found = std::cell::RefCell::new(None);
    for text in sent.chain(answered).flatten() {
        texts::change_text(text, &|text| {
            found.borrow_mut().get_or_insert(domain(text)?);
            None
        });
        if found.borrow().is_some() {
            break;
        }
    }
    found.into_inner()
}

fn domain(text: &str) -> Option<String> {
    let address = addresses_in(text).next()?;
    address.rsplit_once('@').map(|(_, domain)| domain.to_owned())
}

/// The mailbox of the first sendMail.
fn sender(entries: &[Entry]) -> Option<String> {
    entries.iter().find_map(|entry| {
        let uri: Uri = entry.request.url.parse().ok()?;
        let key = uri.path().strip_suffix("/sendMail")?.rsplit('/').next()?.to_owned();
        let key = percent_encoding::percent_decode_str(&key).decode_utf8().ok()?.into_owned();
        key.contains('@').then_some(key)
    })
}
