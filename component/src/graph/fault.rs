//! Reading what Graph answers when it refuses.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde_json::Value;

use super::json::{self, FromJson};
use super::transport::Response;
use super::wait;
use crate::bindings::connector::office365::types::GraphError;
use crate::search;

/// How much of an answer that is no Graph error is kept as its message, in characters.
const EXCERPT: usize = 200;

/// How deep inner errors are followed; Graph nests them two or three deep.
const DEPTH: usize = 8;

/// The codes that the actions know how to explain or retry. Among a refusal's own code
/// and its inner ones, the innermost of these is what the refusal means.
const UNDERSTOOD: [&str; 9] = [
    "Authorization_RequestDenied",
    "Directory_ConcurrencyViolation",
    "Directory_ExpiredPageToken",
    "Directory_ObjectNotFound",
    "Directory_QuotaExceeded",
    "ErrorInvalidRecipients",
    "ErrorInvalidUser",
    "ErrorSendAsDenied",
    "Request_ResourceNotFound",
];

/// One of the details of a refusal.
#[derive(Clone, Debug)]
struct Detail {
    code: String,
    target: String,
}

/// What Graph answered instead of doing what it was asked.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// How long the answer asks to wait.
    pub retry_after: Option<Duration>,
    code: String,
    message: String,
    request_id: Option<String>,
    meaning: Option<&'static str>,
    details: Vec<Detail>,
    claims: bool,
}

impl Fault {
    /// Reads an answer that is no success. The body has the shape of Microsoft's "Graph
    /// error responses": an `error` with `code`, `message`, `details` and inner errors,
    /// under `innerError` or `innererror`. A gateway may send anything else instead; then
    /// the message is how that begins.
    pub fn read(response: &Response) -> Self {
        let text = response.body.joined();
        let body: Option<Value> = serde_json::from_slice(&text).ok();
        let error =
            body.as_ref().and_then(|body| body.get("error")).filter(|error| error.is_object());
        let chain: Vec<&Value> =
            core::iter::successors(error, |outer| inner(outer)).take(DEPTH).collect();
        let header_id = response.header("request-id").map(str::to_owned);
        let inner_id = || chain.iter().rev().find_map(|error| json::text(error, "request-id"));
        Fault {
            status: response.status,
            retry_after: wait::retry_after(response),
            code: error.and_then(|error| json::text(error, "code")).unwrap_or_default(),
            message: match error {
                Some(error) => json::text(error, "message").unwrap_or_default(),
                None => excerpt(&text),
            },
            request_id: header_id.or_else(inner_id),
            meaning: chain.iter().rev().find_map(|error| understood(error)),
            details: error.map(|error| json::list(error, "details")).unwrap_or_default(),
            claims: asks_for_claims(response, &text),
        }
    }

    /// Whether the refusal means `code`.
    pub fn means(&self, code: &str) -> bool {
        self.meaning == Some(code)
    }

    /// Whether the object that the call names does not exist.
    pub fn is_missing_object(&self) -> bool {
        self.status == 404 && self.means("Request_ResourceNotFound")
    }

    /// Whether the link to a page is too old: the collection has to be read from its
    /// beginning again.
    pub fn is_expired_page(&self) -> bool {
        self.status == 400 && self.means("Directory_ExpiredPageToken")
    }

    /// Whether this is what Graph answers while a user that was just created is not known
    /// everywhere yet: there is no documented end to that, only observed texts.
    pub fn may_be_replication(&self) -> bool {
        match self.status {
            404 => self.is_missing_object() || self.means("Directory_ObjectNotFound"),
            400 => self.means("Directory_ObjectNotFound") || self.says("invalid usage location"),
            _ => false,
        }
    }

    /// Whether this says nothing of an earlier attempt at the same change: a sign-in that is
    /// not accepted any more may have been before, and a server that fails may have not.
    pub fn leaves_open_what_was_before(&self) -> bool {
        matches!(self.status, 401 | 500..=599)
    }

    /// Whether another object has the name that was asked for. Graph answers 400 and not
    /// 409, with details `ObjectConflict`, and at times with a text only.
    pub fn is_name_conflict(&self) -> bool {
        let of_name = |detail: &Detail| {
            let code = detail.code.to_ascii_lowercase();
            let conflict = code == "objectconflict" || code == "conflictingobjects";
            conflict
                && matches!(detail.target.as_str(), "" | "userPrincipalName" | "proxyAddresses")
        };
        let refused = matches!(self.status, 400 | 409);
        refused && (self.details.iter().any(of_name) || self.says("already exists"))
    }

    /// Whether conditional access asks for more than the sign-in proves.
    pub fn asks_for_claims(&self) -> bool {
        self.claims
    }

    /// Whether Graph's message holds `phrase`, which is in lower case. Microsoft may change
    /// its messages, so this only refines what the status says.
    pub fn says(&self, phrase: &str) -> bool {
        search::holds(self.message.to_ascii_lowercase().as_bytes(), phrase)
    }

    /// Graph's message, or the status where there is none.
    pub fn text(&self) -> String {
        match self.message.as_str() {
            "" => format!("status {} without a message", self.status),
            message => message.to_owned(),
        }
    }

    /// The refusal as the contract records it.
    pub fn record(&self) -> GraphError {
        GraphError {
            status: self.status,
            code: self.code.clone(),
            message: self.message.clone(),
            request_id: self.request_id.clone(),
        }
    }
}

fn inner(error: &Value) -> Option<&Value> {
    error.get("innerError").or_else(|| error.get("innererror")).filter(|inner| inner.is_object())
}

fn understood(error: &Value) -> Option<&'static str> {
    let code = error.get("code")?.as_str()?;
    UNDERSTOOD.into_iter().find(|known| known.eq_ignore_ascii_case(code))
}

impl FromJson for Detail {
    fn from_json(detail: &Value) -> Option<Self> {
        Some(Detail {
            code: json::text(detail, "code").unwrap_or_default(),
            target: json::text(detail, "target").unwrap_or_default(),
        })
    }
}

/// Conditional access says so in the challenge or in the body.
fn asks_for_claims(response: &Response, body: &[u8]) -> bool {
    const SIGN: &str = "insufficient_claims";
    response
        .header("www-authenticate")
        .is_some_and(|challenge| search::holds(challenge.as_bytes(), SIGN))
        || search::holds(body, SIGN)
}

/// How a body that is no Graph error begins, on one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(EXCERPT).collect::<String>().trim().to_owned()
}
