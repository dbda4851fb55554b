//! Reads what comes in place of the expected response: Graph's refusal, or a response that
//! Graph did not make.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde_json::Value;

use super::code::{self, Code};
use super::intermediary::{self, Page};
use super::json::{self, FromJson};
use super::transport::Response;
use super::wait;
use crate::bindings::connector::office365::types::GraphError;
use crate::search;

/// How deep inner errors are followed; Graph nests them two or three deep.
const DEPTH: usize = 8;

/// One of the details of a refusal.
#[derive(Clone, Debug)]
struct Detail {
    code: String,
    target: String,
}

/// Which name of a new user another object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The user principal name: a user has it.
    Name,
    /// The mail address: any object can have it, such as a group, a contact, or a user that
    /// was deleted and can be restored.
    Address,
}

/// What came instead of what was asked for.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// How long the response asks to wait.
    pub retry_after: Option<Duration>,
    /// What it is: Graph's error, or something else.
    body: Body,
    /// Graph's id of the request, which its gateways give too.
    request_id: Option<String>,
    claims: bool,
    granted: bool,
}

/// The body of a response.
#[derive(Clone, Debug)]
enum Body {
    /// Graph's error.
    Error(GraphsError),
    /// Something else.
    Page(Page),
}

/// What Graph says of a refusal.
#[derive(Clone, Debug)]
struct GraphsError {
    code: String,
    message: String,
    request_id: Option<String>,
    meaning: Option<Code>,
    details: Vec<Detail>,
}

impl Fault {
    /// Reads a response that is not a success. The body of Graph's has the shape of Microsoft's
    /// "Graph error responses": an `error` with `code`, `message`, `details` and inner
    /// errors, under `innerError` or `innererror`. A response without `error.code` was made
    /// by something between here and Graph.
    pub fn read(response: &Response) -> Self {
        let text = response.body.joined();
        let body = json::tree(&text);
        let error = body.as_ref().and_then(|body| body.get("error"));
        let error = error.filter(|_| !intermediary::answers_with(response.status));
        let page = || intermediary::describe(response, &text, body.is_some());
        Fault::new(response, error, &text, page)
    }

    /// The fault of a response in which `error` was found beside what was asked for.
    pub fn beside(response: &Response, error: &Value) -> Self {
        Fault::new(response, Some(error), &[], || intermediary::describe(response, b"{}", true))
    }

    fn new(
        response: &Response,
        error: Option<&Value>,
        text: &[u8],
        page: impl FnOnce() -> Page,
    ) -> Self {
        let challenge = response.header("www-authenticate").unwrap_or_default().as_bytes();
        Fault {
            status: response.status,
            retry_after: wait::retry_after(response),
            request_id: response.header("request-id").map(str::to_owned),
            granted: response.header(PERMISSION) == Some("granted"),
            claims: [challenge, text].iter().any(|text| search::holds(text, CLAIMS)),
            body: match error.and_then(GraphsError::read) {
                Some(error) => Body::Error(error),
                None => Body::Page(page()),
            },
        }
    }

    /// Whether Graph made the response.
    pub fn is_of_graph(&self) -> bool {
        self.error().is_some()
    }

    /// Whether the response has a form that Graph never uses.
    pub fn is_foreign(&self) -> bool {
        matches!(&self.body, Body::Page(page) if page.is_foreign)
            || intermediary::answers_with(self.status)
    }

    fn error(&self) -> Option<&GraphsError> {
        match &self.body {
            Body::Error(error) => Some(error),
            Body::Page(_) => None,
        }
    }

    /// What the refusal means, where that is known.
    pub fn meaning(&self) -> Option<Code> {
        self.error()?.meaning
    }

    /// Whether the refusal means `code`.
    pub fn means(&self, code: Code) -> bool {
        self.meaning() == Some(code)
    }

    /// Whether the object that the call names does not exist.
    pub fn is_missing_object(&self) -> bool {
        self.status == 404 && self.means(Code::ResourceNotFound)
    }

    /// Whether the link to a page is too old: the collection has to be read from its
    /// beginning again.
    pub fn is_expired_page(&self) -> bool {
        self.status == 400 && self.means(Code::ExpiredPageToken)
    }

    /// Whether this is what Graph responds with while a user that was just created is not known
    /// everywhere yet: there is no documented end to that, only observed texts.
    pub fn may_be_replication(&self) -> bool {
        match self.status {
            404 => self.is_missing_object() || self.means(Code::ObjectNotFound),
            400 => self.means(Code::ObjectNotFound) || self.says("invalid usage location"),
            _ => false,
        }
    }

    /// Whether this says nothing of an earlier attempt at the same change: a sign-in that is
    /// not accepted any more may have been before, a server that fails may have not, and
    /// a response that is not Graph's says nothing of Graph.
    pub fn leaves_open_what_was_before(&self) -> bool {
        matches!(self.status, 401 | 500..=599) || !self.is_of_graph()
    }

    /// The name of a new user that another object has. Graph responds with 400 and not 409, with
    /// details `ObjectConflict` or `ConflictingObjects`, and at times with a text only.
    /// Sources: "Create user", Graph v1.0 reference, and texts observed in public: "Another
    /// object with the same value for property userPrincipalName already exists.", "A
    /// conflicting object with one or more of the specified property values is present in
    /// the directory."
    pub fn conflict(&self) -> Option<Conflict> {
        if !matches!(self.status, 400 | 409) {
            return None;
        }
        let details = self.error().map_or(&[][..], |error| &error.details);
        let conflicts = details.iter().filter(|detail| detail.is_conflict());
        let of_details = conflicts.filter_map(|detail| detail.conflict());
        // Of several, the one of the user principal name says more.
        let named = of_details.fold(None, |first, next| match first {
            Some(Conflict::Name) => first,
            _ => Some(next),
        });
        named.or_else(|| {
            let said = self.says("already exists") || self.says("conflicting object");
            let of_address = self.says("proxyaddresses") || self.says("conflicting object");
            said.then_some(if of_address { Conflict::Address } else { Conflict::Name })
        })
    }

    /// The property that the refusal is about, in Graph's name of it.
    pub fn target(&self) -> Option<&str> {
        let details = &self.error()?.details;
        let targets = details.iter().map(|detail| detail.target.as_str());
        targets.into_iter().find(|target| !target.is_empty())
    }

    /// Whether conditional access asks for more than the sign-in proves.
    pub fn asks_for_claims(&self) -> bool {
        self.claims
    }

    /// Whether the sign-in has the permission all the same, as far as the host says so.
    pub fn has_permission(&self) -> bool {
        self.granted
    }

    /// Whether Graph's message holds `phrase`, which is in lower case. Microsoft may change
    /// its messages, so this only refines what the status says.
    pub fn says(&self, phrase: &str) -> bool {
        let message = self.error().map(|error| error.message.to_ascii_lowercase());
        message.is_some_and(|message| search::holds(message.as_bytes(), phrase))
    }

    /// Graph's message, or the status where there is none.
    pub fn text(&self) -> String {
        match &self.body {
            Body::Error(error) if !error.message.is_empty() => error.message.clone(),
            Body::Error(_) => format!("status {} without a message", self.status),
            Body::Page(page) => format!("{} ({})", self.status, page.words),
        }
    }

    /// What came, in a clause.
    pub fn in_words(&self) -> String {
        let text = self.text();
        match &self.body {
            Body::Error(_) => format!("Graph answered {} with an error: {text}", self.status),
            Body::Page(_) => format!("something between here and Graph answered {text}"),
        }
    }

    /// The refusal as the contract records it; `None` where it is not Graph's. Of a response
    /// that only has Graph's id of the request there is that, for Microsoft's support.
    pub fn record(&self) -> Option<GraphError> {
        let (code, message, inner_id) = match &self.body {
            Body::Error(error) => {
                (error.code.clone(), error.message.clone(), error.request_id.clone())
            }
            Body::Page(_) => {
                self.request_id.as_ref()?;
                (String::new(), String::new(), None)
            }
        };
        let request_id = self.request_id.clone().or(inner_id);
        Some(GraphError { status: self.status, code, message, request_id })
    }
}

impl GraphsError {
    /// Reads an `error`. Returns `None` for one without a code, which is not Graph's.
    fn read(error: &Value) -> Option<Self> {
        let code = json::text(error, "code")?;
        let chain: Vec<&Value> =
            core::iter::successors(Some(error), |outer| inner(outer)).take(DEPTH).collect();
        let mut details: Vec<Detail> = json::list(error, "details");
        if let Some(target) = json::text(error, "target") {
            details.push(Detail { code: String::new(), target });
        }
        Some(GraphsError {
            code,
            message: json::text(error, "message").unwrap_or_default(),
            request_id: chain.iter().rev().find_map(|error| json::text(error, "request-id")),
            // Among the refusal's own code and its inner ones, the innermost that is known.
            meaning: chain.iter().rev().find_map(|error| code::known(error.get("code")?.as_str()?)),
            details,
        })
    }
}

fn inner(error: &Value) -> Option<&Value> {
    error.get("innerError").or_else(|| error.get("innererror")).filter(|inner| inner.is_object())
}

impl FromJson for Detail {
    fn from_json(detail: &Value) -> Option<Self> {
        Some(Detail {
            code: json::text(detail, "code").unwrap_or_default(),
            target: json::text(detail, "target").unwrap_or_default(),
        })
    }
}

impl Detail {
    fn is_conflict(&self) -> bool {
        ["objectconflict", "conflictingobjects"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&self.code))
    }

    fn conflict(&self) -> Option<Conflict> {
        match self.target.as_str() {
            "" | "userPrincipalName" => Some(Conflict::Name),
            "proxyAddresses" | "mailNickname" | "mail" => Some(Conflict::Address),
            _ => None,
        }
    }
}

/// The header by which a host that sees the token says whether it has the permission. Without
/// it that is not known.
const PERMISSION: &str = "o365-permission";

/// How conditional access asks for more, in the challenge or in the body.
const CLAIMS: &str = "insufficient_claims";
