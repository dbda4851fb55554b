//! Reads HAR files of other programs: browsers, Playwright, mitmproxy, Microsoft Dev Proxy and
//! clients. They hold more exchanges than a run and fewer details. Entries that are not calls of
//! the action are ignored, whatever they contain.
//!
//! - `address`: the entries that are calls of the action
//! - `attachments`: bodies in files beside the recording, and archives
//! - `body`: decodes bodies
//! - `candidate`: calls in order, without duplicates
//! - `defect`: what is wrong with an entry, and the fix
//! - `document`: a file as its entries
//! - `lenient`: members of any type
//! - `repair`: JSON that no parser accepts
//! - `response`: whether a response is complete, incomplete or missing

mod address;
mod attachments;
mod body;
mod candidate;
mod defect;
mod document;
mod lenient;
pub mod repair;
mod response;

use std::path::Path;

use http::Uri;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::har::{Entry, HarError, Run};
use super::pseudonyms::addresses_in;
use super::recorded::{CONNECTION_ID, Recorded};
use super::texts;
use address::RequestLine;
use attachments::Attachments;
use candidate::Candidate;
use contract::ActionPolicy;
use contract::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use document::Entries;

pub use attachments::AttachmentError;
pub use body::BodyError;
pub use defect::Defect;
pub use document::Document;

/// The id of the connection where none is given.
const ID: &str = "recorded";

/// The details of a run that the file lacks.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// The domain of the tenant; else that of the first address in the requests.
    pub tenant: Option<String>,
    /// The mailbox of the sender; else that of the first sendMail.
    pub sender: Option<String>,
    /// The id of the connection.
    pub connection: Option<String>,
}

/// The run in a file.
#[derive(Clone, Debug)]
pub struct ForeignRun {
    /// The run.
    pub recorded: Recorded,
    /// The indices of its exchanges in the file.
    pub indices: Vec<usize>,
}

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// The file is not HAR.
    #[error(transparent)]
    Har(#[from] HarError),
    /// A call of the action, with its number from 1, cannot be replayed.
    #[error("the recording {0}: entry {1}: {2}")]
    Entry(String, usize, Defect),
    /// The file holds no call of the action.
    #[error("{0} holds none of the action's calls to Microsoft Graph v1.0")]
    NoCalls(String),
    /// No address shows the domain of the tenant.
    #[error(
        "the recording {0} does not say which run it was made of: it has no log._o365, and no address that shows the tenant's domain; o365 fixtures add --tenant DOMAIN makes one of it that does"
    )]
    NoTenant(String),
}

impl ForeignError {
    /// Returns the fix.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Har(_) => "Give a HAR 1.2 file, as its program wrote it.",
            Self::Entry(_, _, defect) => defect.fix(),
            Self::NoCalls(_) => {
                "Record the action's own calls; o365 describe ACTION lists what it does."
            }
            Self::NoTenant(_) => "Say --tenant DOMAIN to o365 fixtures add.",
        }
    }
}

/// Reads the run of `action` from the file of another program, without preflights, other hosts
/// and other calls. Fails when the run is missing or incomplete.
pub fn read(
    path: &Path,
    action: &str,
    policy: &ActionPolicy,
    missing: &Missing,
) -> Result<ForeignRun, ForeignError> {
    take(Document::read(path)?, action, policy, missing)
}

/// Reads the run of `action` from a document. Fails as [`read`] does.
pub fn take(
    document: Document,
    action: &str,
    policy: &ActionPolicy,
    missing: &Missing,
) -> Result<ForeignRun, ForeignError> {
    let Document { path, entries, mut attachments, .. } = document;
    let name = || path.display().to_string();
    let (root, calls) =
        calls(&entries, &mut attachments, policy).ok_or_else(|| ForeignError::NoCalls(name()))?;
    let mut kept = Vec::new();
    let mut indices = Vec::new();
    for call in candidate::in_order(calls) {
        let failed = |defect| ForeignError::Entry(name(), call.index + 1, defect);
        kept.push(call.entry.map_err(failed)?);
        indices.push(call.index);
    }
    let tenant = missing.tenant.clone().or_else(|| tenant(&kept));
    let tenant = tenant.ok_or_else(|| ForeignError::NoTenant(name()))?;
    let is_delegated = |entry: &Entry| entry.request.url.starts_with(&format!("{root}/me"));
    let connection = Connection {
        access: if kept.iter().any(is_delegated) { Access::Delegated } else { Access::AppOnly },
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
    Ok(ForeignRun { recorded: Recorded { path, entries: kept, run }, indices })
}

/// Returns Graph's version root, which is that of the first call, and the calls of the action.
fn calls(
    entries: &Entries,
    attachments: &mut Attachments,
    policy: &ActionPolicy,
) -> Option<(String, Vec<Candidate>)> {
    let mut root = None;
    let mut found = Vec::new();
    for (index, raw) in entries.raw().enumerate() {
        let Some(raw) = raw else { continue };
        let Some(line) = line(&raw.value) else { continue };
        root = root.or_else(|| line.root(&policy.calls));
        if root.as_ref().is_some_and(|root| line.is_call(root, &policy.calls)) {
            found.push(Candidate::new(index, &raw, line, attachments));
        }
    }
    root.map(|root| (root, found))
}

/// Returns the method and the URL of an entry.
fn line(entry: &Value) -> Option<RequestLine> {
    let request = lenient::member(entry, "request")?;
    RequestLine::new(&lenient::text(request, "method")?, &lenient::text(request, "url")?)
}

/// Returns the domain of the first address in the requests, or else in the responses.
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

/// Returns the mailbox of the first sendMail.
fn sender(entries: &[Entry]) -> Option<String> {
    entries.iter().find_map(|entry| {
        let uri: Uri = entry.request.url.parse().ok()?;
        let key = uri.path().strip_suffix("/sendMail")?.rsplit('/').next()?.to_owned();
        let key = percent_encoding::percent_decode_str(&key).decode_utf8().ok()?.into_owned();
        key.contains('@').then_some(key)
    })
}
