//! What comes of one fault at one call of an action that would succeed without it.
//!
//! Every cell of the matrix has exactly one row, the first that covers it; a row that
//! covers none fails the test.

/// A row: for these actions, at this call, under these faults.
pub struct Row {
    actions: Actions,
    /// The call with its number, or without a number any call of the kind, or `GET`.
    call: &'static str,
    faults: &'static [&'static [&'static str]],
    /// `done`, or the kind of the error.
    pub outcome: &'static str,
    /// The writes that Graph saw, with the statuses of its answers.
    pub writes: &'static str,
}

enum Actions {
    One(&'static str),
    /// Actions whose names begin or end so.
    Like(&'static str),
    All,
}

/// Action, number of the call, the call, the fault.
pub type Cell<'a> = (&'a str, usize, String, &'a str);

/// Faults that keep a call from Graph, and that are said so.
const BUSY: &[&str] = &["429", "429-without-retry-after", "429-fractional", "429-date", "503"];
/// Faults after which a caller cannot know whether the call was carried out. It was not.
const UNSEEN: &[&str] = &["504-before", "reset-before", "crash-before"];
/// As these, and it was.
const LOST: &[&str] = &["504-after", "reset-after", "crash-after"];
const GATEWAY: &[&str] = &["503-without-retry-after"];
const BROKEN: &[&str] = &["reset-mid-body"];
const SLOW: &[&str] = &["slow-body"];
const TOKEN: &[&str] = &["token-expired"];
const SEAT: &[&str] = &["last-seat-taken"];
const DOMAIN: &[&str] = &["federated-domain"];
const ADDRESS: &[&str] = &["address-taken"];
const FULL: &[&str] = &["directory-full"];
const LIMIT: &[&str] = &["message-limit"];
const BLOCKED: &[&str] = &["sending-blocked"];
const LAG: &[&str] = &["replication-lag"];
const PAGE: &[&str] = &["page-token-expired"];
/// Answers with a status of success that are none. The call was not carried out.
const FOREIGN: &[&str] = &["html-200", "empty-2xx"];
/// As these, and it was.
const FOREIGN_AFTER: &[&str] = &["html-200-after", "empty-2xx-after"];
const CUT: &[&str] = &["cut-json"];
const ERROR: &[&str] = &["error-200"];
/// Something between refuses the call.
const PROXY: &[&str] = &["proxy-page"];
/// Graph's answer, and it can be read.
const MARK: &[&str] = &["bom"];
/// Graph's answer, from the journal of the run.
const NOTED: &[&str] = &["crash-noted"];
/// A read that is sent again.
const AGAIN: &[&str] = &["crash-after"];

const NOTHING: &str = "";
const CREATED: &str = "POST /users 201, POST /users/{id}/assignLicense 200";
const ASSIGNED: &str = "POST /users/{id}/assignLicense 200";
const DELETED: &str = "DELETE /users/{id} 204";

const fn row(
    actions: Actions,
    call: &'static str,
    faults: &'static [&'static [&'static str]],
    outcome: &'static str,
    writes: &'static str,
) -> Row {
    Row { actions, call, faults, outcome, writes }
}

use Actions::{All, Like, One};

/// The table.
pub const TABLE: &[Row] = &[
    // A new user: nothing is created before the seat is counted, nothing is created twice,
    // and what cannot be licensed is deleted again, or named.
    row(
        One("create-user"),
        "1 GET /subscribedSkus",
        &[BUSY, GATEWAY, UNSEEN, BROKEN, SLOW, MARK, NOTED, AGAIN],
        "done",
        CREATED,
    ),
    row(
        One("create-user"),
        "2 POST /users",
        &[
            BUSY,
            GATEWAY,
            UNSEEN,
            LOST,
            BROKEN,
            SLOW,
            LAG,
            FOREIGN,
            FOREIGN_AFTER,
            ERROR,
            CUT,
            MARK,
            NOTED,
        ],
        "done",
        CREATED,
    ),
    row(One("create-user"), "2 POST /users", &[PROXY], "transport", NOTHING),
    row(One("create-user"), "2 POST /users", &[DOMAIN], "invalid-input", NOTHING),
    row(One("create-user"), "2 POST /users", &[ADDRESS], "already-exists", NOTHING),
    row(One("create-user"), "2 POST /users", &[FULL], "graph", NOTHING),
    row(
        One("create-user"),
        "3 POST /users/{id}/assignLicense",
        &[BUSY, GATEWAY, UNSEEN, SLOW, FOREIGN, ERROR, MARK, NOTED],
        "done",
        CREATED,
    ),
    row(
        One("create-user"),
        "3 POST /users/{id}/assignLicense",
        &[LOST, BROKEN, FOREIGN_AFTER, CUT],
        "done",
        "POST /users 201, POST /users/{id}/assignLicense 200, POST /users/{id}/assignLicense 200",
    ),
    row(
        One("create-user"),
        "3 POST /users/{id}/assignLicense",
        &[SEAT],
        "license-unavailable",
        "POST /users 201, DELETE /users/{id} 204",
    ),
    row(
        One("create-user"),
        "3 POST /users/{id}/assignLicense",
        &[TOKEN],
        "unauthorized",
        "POST /users 201",
    ),
    row(
        One("create-user"),
        "3 POST /users/{id}/assignLicense",
        &[PROXY],
        "transport",
        "POST /users 201, DELETE /users/{id} 204",
    ),
    row(
        One("create-user"),
        "4 GET /users/{id}",
        &[BUSY, GATEWAY, UNSEEN, BROKEN, SLOW, MARK, NOTED, AGAIN],
        "done",
        CREATED,
    ),
    // What no read shows is not said to be done.
    row(
        One("create-user"),
        "4 GET /users/{id}",
        &[TOKEN, FOREIGN, CUT, ERROR, PROXY],
        "outcome-unknown",
        CREATED,
    ),
    // A licence for a user that exists.
    row(
        Like("assign-"),
        "GET",
        &[BUSY, GATEWAY, UNSEEN, BROKEN, SLOW, MARK, NOTED, AGAIN],
        "done",
        ASSIGNED,
    ),
    row(
        Like("assign-"),
        "4 GET /users/{id}",
        &[TOKEN, FOREIGN, CUT, ERROR, PROXY],
        "outcome-unknown",
        ASSIGNED,
    ),
    row(
        Like("assign-"),
        "POST /users/{id}/assignLicense",
        &[BUSY, GATEWAY, UNSEEN, SLOW, FOREIGN, ERROR, MARK, NOTED],
        "done",
        ASSIGNED,
    ),
    row(
        Like("assign-"),
        "POST /users/{id}/assignLicense",
        &[LOST, BROKEN, FOREIGN_AFTER, CUT],
        "done",
        "POST /users/{id}/assignLicense 200, POST /users/{id}/assignLicense 200",
    ),
    row(Like("assign-"), "POST /users/{id}/assignLicense", &[SEAT], "license-unavailable", NOTHING),
    // A deletion may be repeated: then the user is gone, which is what was wanted.
    row(
        All,
        "DELETE /users/{id}",
        &[BUSY, GATEWAY, UNSEEN, FOREIGN, ERROR, NOTED],
        "done",
        DELETED,
    ),
    row(
        All,
        "DELETE /users/{id}",
        &[LOST, FOREIGN_AFTER],
        "done",
        "DELETE /users/{id} 204, DELETE /users/{id} 404",
    ),
    // A mail is never sent again unless Graph says that it was not.
    row(
        Like("send-"),
        "POST /users/{id}/sendMail",
        &[BUSY, NOTED],
        "done",
        "POST /users/{id}/sendMail 202",
    ),
    row(
        Like("send-"),
        "POST /users/{id}/sendMail",
        &[GATEWAY, UNSEEN, FOREIGN, ERROR],
        "outcome-unknown",
        NOTHING,
    ),
    row(
        Like("send-"),
        "POST /users/{id}/sendMail",
        &[LOST, FOREIGN_AFTER],
        "outcome-unknown",
        "POST /users/{id}/sendMail 202",
    ),
    row(Like("send-"), "POST /me/sendMail", &[BUSY, NOTED], "done", "POST /me/sendMail 202"),
    row(
        Like("send-"),
        "POST /me/sendMail",
        &[GATEWAY, UNSEEN, FOREIGN, ERROR],
        "outcome-unknown",
        NOTHING,
    ),
    row(
        Like("send-"),
        "POST /me/sendMail",
        &[LOST, FOREIGN_AFTER],
        "outcome-unknown",
        "POST /me/sendMail 202",
    ),
    row(Like("send-"), "", &[LIMIT], "throttled", NOTHING),
    row(Like("send-"), "", &[BLOCKED], "forbidden", NOTHING),
    // A report begins again when its page is gone; a page by itself cannot.
    row(Like("-report"), "GET /users", &[PAGE], "done", NOTHING),
    row(Like("-page"), "GET /users", &[PAGE], "graph", NOTHING),
    // The check of a connection says what it found, and does not fail.
    row(One("verify-connection"), "GET", &[TOKEN, FOREIGN, CUT, ERROR, PROXY], "done", NOTHING),
    // Whatever only reads.
    row(All, "GET", &[BUSY, GATEWAY, UNSEEN, BROKEN, SLOW, MARK, NOTED, AGAIN], "done", NOTHING),
    // What is no answer of Graph's to a question is an error, and not an empty answer.
    row(All, "GET", &[FOREIGN, CUT], "transport", NOTHING),
    row(All, "GET", &[ERROR], "graph", NOTHING),
    // Graph has not refused what something between refuses.
    row(All, "", &[PROXY], "transport", NOTHING),
    // A token that has expired keeps everything from being done.
    row(All, "", &[TOKEN], "unauthorized", NOTHING),
];

/// The row that covers a cell, with its index.
pub fn row_of(cell: &Cell<'_>) -> Option<(usize, &'static Row)> {
    TABLE.iter().enumerate().find(|(_, row)| row.covers(cell))
}

impl Row {
    fn covers(&self, (action, number, call, fault): &Cell<'_>) -> bool {
        let of_action = match self.actions {
            One(name) => name == *action,
            Like(part) => action.starts_with(part) || action.ends_with(part),
            All => true,
        };
        let kinds = ["".to_owned(), "GET".to_owned(), call.clone(), format!("{number} {call}")];
        let any_get = self.call != "GET" || call.starts_with("GET ");
        of_action
            && any_get
            && kinds.contains(&self.call.to_owned())
            && self.faults.iter().any(|faults| faults.contains(fault))
    }
}
