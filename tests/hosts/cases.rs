//! The cases: what happens to which call of which action, and how the action may end.

use std::time::Duration;

use serde_json::{Value, json};
use support::simulate::TENANT;

/// `SPE_E5`, of which the built-in tenant has free seats.
pub const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// The mailbox that sends, and a user of the built-in tenant.
pub const SENDER: &str = "noreply@contoso.onmicrosoft.com";

/// The nickname of the user that is created.
pub const CREATED: &str = "allen";

/// The user that is deleted.
pub const DELETED: &str = "anna@contoso.onmicrosoft.com";

/// How long Graph takes where it is slow: longer than the time in which a host has to connect.
const SLOW: Duration = Duration::from_secs(11);

/// The pages of the report, each a request.
pub const PAGES: usize = 60;

/// An action of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Count,
    Create,
    Delete,
    Mail,
    Report,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "is-license-available",
            Self::Create => "create-user",
            Self::Delete => "delete-user",
            Self::Mail => "send-created-user-email-notification",
            Self::Report => "users-with-licenses-report",
        }
    }

    /// The input, without the connection.
    pub fn input(self) -> Value {
        match self {
            Self::Count => json!({ "serviceId": SKU }),
            Self::Create => json!({ "serviceId": SKU, "displayName": "Allen Allbrook",
                "mailNickname": CREATED, "password": "Any-passw0rd", "usageLocation": "AM" }),
            Self::Delete => json!({ "userPrincipalName": DELETED }),
            Self::Mail => json!({ "recipient": DELETED,
                "userEmail": format!("{CREATED}@{TENANT}") }),
            Self::Report => json!({}),
        }
    }
}

/// A call of Graph: its method, and how its path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call(pub &'static str, pub &'static str);

impl Call {
    const SKUS: Self = Self("GET", "/subscribedSkus");
    const CREATE: Self = Self("POST", "/users");
    const DELETE: Self = Self("DELETE", "");
    const SEND: Self = Self("POST", "/sendMail");
    const LIST: Self = Self("GET", "/users");

    /// Whether a request is of this call.
    pub fn is(self, method: &str, path: &str) -> bool {
        self.0 == method && path.ends_with(self.1)
    }
}

/// What happens to a call. The tenant carries it out but where the fault says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The answer comes late.
    Slow(Duration),
    /// The answer never comes.
    Silent,
    /// The answer's body ends before its length is reached.
    Cut,
    /// The answer's body stops halfway, and the connection stays open.
    Stall,
    /// The connection is reset in the place of an answer.
    Reset,
    /// The connection is closed within the answer's head.
    HalfHead,
    /// The answer is no HTTP.
    Garbage,
    /// Nothing listens.
    Refused,
    /// The answer is a redirect to another path, and the tenant sees nothing.
    Redirect,
    /// The answer's body is compressed, which nobody asked for.
    Gzip,
    /// Two interim responses come before the answer.
    Interim,
    /// The answer's status is 204, and its body is this.
    NoContent(&'static str),
    /// The answer's body is chunked.
    Chunked,
    /// The answer comes a byte at a time.
    Trickle,
    /// The connection is closed after each answer, which does not say so.
    Closes,
    /// The certificate is signed by nobody whom the host trusts.
    Untrusted,
    /// The answer is one of many pages.
    Pages,
}

/// A case: a row of the table.
pub struct Case {
    pub action: Action,
    pub call: Call,
    pub fault: Fault,
    /// To how many of the calls it happens.
    pub times: usize,
    /// The time limit of the connection.
    pub limit: Duration,
    /// What it may end with: the kinds of errors, or `RESULT`.
    pub ends: &'static [&'static str],
    /// What happens, as the table says it.
    pub what: &'static str,
}

/// The end of an action that did what it is for.
pub const RESULT: &str = "result";

/// The end of a write that may have been carried out.
const UNKNOWN: &str = "outcome-unknown";

const ALWAYS: usize = usize::MAX;

/// A case in which the fault happens once; the run has time for all its retries.
const fn once(
    action: Action,
    call: Call,
    fault: Fault,
    ends: &'static [&'static str],
    what: &'static str,
) -> Case {
    Case { action, call, fault, times: 1, limit: Duration::from_secs(40), ends, what }
}

impl Case {
    /// The same, where it happens to every such call, and the run has little time.
    const fn always(self) -> Self {
        self.many().short()
    }

    /// The same, where it happens to every such call.
    const fn many(self) -> Self {
        Case { times: ALWAYS, ..self }
    }

    /// The same, with little time for the run.
    const fn short(self) -> Self {
        Case { limit: Duration::from_secs(8), ..self }
    }
}

/// Every case, in the order of the table.
pub const CASES: &[Case] = &[
    once(Action::Count, Call::SKUS, Fault::None, &[RESULT], "no fault"),
    once(Action::Create, Call::CREATE, Fault::None, &[RESULT], "no fault"),
    once(Action::Delete, Call::DELETE, Fault::None, &[RESULT], "no fault"),
    once(Action::Mail, Call::SEND, Fault::None, &[RESULT], "no fault"),
    once(Action::Report, Call::LIST, Fault::Pages, &[RESULT], "60 pages").many(),
    once(Action::Mail, Call::SEND, Fault::Slow(SLOW), &[RESULT], "answer after 11 s"),
    once(Action::Create, Call::CREATE, Fault::Slow(SLOW), &[RESULT], "answer after 11 s"),
    once(Action::Count, Call::SKUS, Fault::Silent, &["throttled"], "no answer").always(),
    once(Action::Create, Call::CREATE, Fault::Silent, &[UNKNOWN], "no answer").short(),
    once(Action::Mail, Call::SEND, Fault::Silent, &[UNKNOWN], "no answer").short(),
    once(Action::Count, Call::SKUS, Fault::Cut, &[RESULT], "body cut once"),
    once(Action::Count, Call::SKUS, Fault::Cut, &["transport"], "body cut always").always(),
    once(Action::Create, Call::CREATE, Fault::Cut, &[RESULT], "body cut"),
    once(Action::Mail, Call::SEND, Fault::Cut, &[UNKNOWN], "body cut"),
    once(Action::Count, Call::SKUS, Fault::Stall, &["throttled"], "body stops halfway").always(),
    once(Action::Create, Call::CREATE, Fault::Stall, &[UNKNOWN], "body stops halfway").short(),
    once(Action::Count, Call::SKUS, Fault::Reset, &[RESULT], "reset once"),
    once(Action::Create, Call::CREATE, Fault::Reset, &[RESULT], "reset"),
    once(Action::Delete, Call::DELETE, Fault::Reset, &[RESULT], "reset"),
    once(Action::Mail, Call::SEND, Fault::Reset, &[UNKNOWN], "reset"),
    once(Action::Create, Call::CREATE, Fault::HalfHead, &[RESULT], "half a head"),
    once(Action::Mail, Call::SEND, Fault::HalfHead, &[UNKNOWN], "half a head"),
    once(Action::Count, Call::SKUS, Fault::Garbage, &[RESULT], "no HTTP once"),
    once(Action::Mail, Call::SEND, Fault::Garbage, &[UNKNOWN], "no HTTP"),
    once(Action::Count, Call::SKUS, Fault::Refused, &["transport"], "nothing listens").always(),
    once(Action::Mail, Call::SEND, Fault::Refused, &["transport"], "nothing listens").always(),
    once(
        Action::Mail,
        Call::SEND,
        Fault::Untrusted,
        &["transport", UNKNOWN],
        "certificate not trusted",
    )
    .always(),
    once(Action::Count, Call::SKUS, Fault::Redirect, &["transport"], "redirect").always(),
    once(Action::Mail, Call::SEND, Fault::Redirect, &["transport"], "redirect"),
    once(Action::Count, Call::SKUS, Fault::Gzip, &["transport"], "gzip unasked").always(),
    once(Action::Create, Call::CREATE, Fault::Gzip, &[RESULT], "gzip unasked"),
    once(Action::Count, Call::SKUS, Fault::Interim, &[RESULT], "100 and 103 first"),
    once(Action::Mail, Call::SEND, Fault::Interim, &[RESULT], "100 and 103 first"),
    once(Action::Mail, Call::SEND, Fault::NoContent(""), &[UNKNOWN], "204 for 202"),
    once(Action::Delete, Call::DELETE, Fault::NoContent("gone"), &[RESULT], "204 with a body"),
    once(Action::Count, Call::SKUS, Fault::Chunked, &[RESULT], "chunked"),
    once(Action::Create, Call::CREATE, Fault::Chunked, &[RESULT], "chunked"),
    once(Action::Count, Call::SKUS, Fault::Trickle, &[RESULT], "a byte at a time"),
    once(Action::Create, Call::CREATE, Fault::Trickle, &[RESULT], "a byte at a time"),
    once(Action::Count, Call::SKUS, Fault::Closes, &[RESULT], "closed after each answer").many(),
    once(Action::Create, Call::SKUS, Fault::Closes, &[RESULT], "closed after the first answer"),
];
