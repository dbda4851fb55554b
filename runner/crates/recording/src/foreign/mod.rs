//! HAR files of other programs: browsers, Playwright, mitmproxy, Microsoft Dev Proxy, clients
//! that record. They hold more than a run's exchanges and say less of them; what a replay needs
//! is taken out of them. What is no call of the action is not looked at: nothing in it is a
//! reason to refuse a file.
//!
//! - `document`: a file as its entries
//! - `repair`: JSON that no parser takes
//! - `loose`: members of whatever type
//! - `address`: which entries are calls of the action
//! - `candidate`: such an entry; their order, and copies of one
//! - `body`: a body without its wrappings
//! - `beside`: bodies in files beside the recording, and archives
//! - `answer`: whether an answer is whole, broke off or is missing
//! - `defect`: what is wrong with an entry, and the fix

mod address;
mod answer;
mod beside;
mod body;
mod candidate;
mod defect;
mod document;
mod loose;
mod repair;

use std::path::Path;

use http::Uri;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::har::{Entry, HarError, Run};
use super::pseudonyms::addresses_in;
use super::recorded::{CONNECTION_ID, Recorded};
use super::texts;
use address::Line;
use beside::Beside;
use candidate::Candidate;
use contract::ActionPolicy;
use contract::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use document::Entries;

pub use beside::BesideError;
pub use body::BodyError;
pub use defect::Defect;
pub use document::Document;

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
    /// It is no HAR.
    #[error(transparent)]
    Har(#[from] HarError),
    /// One of the action's calls is not as a replay needs it.
    #[error("the recording {path}: entry {number}: {defect}")]
    Entry {
        /// The file.
        path: String,
        /// Which entry, from 1.
        number: usize,
        /// What is wrong with it.
        defect: Defect,
    },
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

impl ForeignError {
    /// What to do.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Har(_) => "Give a HAR 1.2 file, as its program wrote it.",
            Self::Entry { defect, .. } => defect.fix(),
            Self::NoCalls { .. } => {
                "Record the action's own calls; o365 describe ACTION lists what it does."
            }
            Self::NoTenant { .. } => "Say --tenant DOMAIN to o365 fixtures add.",
        }
    }
}

/// Takes a run of `action` out of the file of another program. What it is not about is left
/// out: preflights, other hosts, other calls.
///
/// # Errors
/// When it holds no such run, or not all of it.
pub fn read(
    path: &Path,
    action: &str,
    policy: &ActionPolicy,
    missing: &Missing,
) -> Result<Taken, ForeignError> {
    take(Document::read(path)?, action, policy, missing)
}

/// The same for a file that was read already.
///
/// # Errors
/// When it holds no such run, or not all of it.
pub fn take(
    document: Document,
    action: &str,
    policy: &ActionPolicy,
    missing: &Missing,
) -> Result<Taken, ForeignError> {
    let Document { path, entries, mut beside, .. } = document;
    let name = || path.display().to_string();
    let (root, calls) = calls(&entries, &mut beside, policy)
        .ok_or_else(|| ForeignError::NoCalls { path: name() })?;
    let mut kept = Vec::new();
    let mut indices = Vec::new();
    for call in candidate::in_order(calls) {
        let number = call.index + 1;
        let failed = |defect| ForeignError::Entry { path: name(), number, defect };
        kept.push(call.entry.map_err(failed)?);
        indices.push(call.index);
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
    Ok(Taken { recorded: Recorded { path, entries: kept, run }, indices })
}

/// The calls of the action in a file, and Graph's version root, which is that of the first;
/// none where there is no call.
fn calls(
    entries: &Entries,
    beside: &mut Beside,
    policy: &ActionPolicy,
) -> Option<(String, Vec<Candidate>)> {
    let mut root = None;
    let mut found = Vec::new();
    for (index, raw) in entries.raw().enumerate() {
        let Some(raw) = raw else { continue };
        let Some(line) = line(&raw.value) else { continue };
        root = root.or_else(|| line.root(&policy.calls));
        if root.as_ref().is_some_and(|root| line.is_call(root, &policy.calls)) {
            found.push(Candidate::new(index, &raw, line, beside));
        }
    }
    root.map(|root| (root, found))
}

/// The line of an entry's request.
fn line(entry: &Value) -> Option<Line> {
    let request = loose::member(entry, "request")?;
    Line::new(&loose::text(request, "method")?, &loose::text(request, "url")?)
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
