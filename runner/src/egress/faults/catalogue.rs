//! The catalogue of faults.

use http::{Method, StatusCode};

/// Declares the faults. Users read the comments.
macro_rules! catalogue {
    ($($(#[doc = $text:literal])+ $variant:ident = $name:literal, $scope:ident, $number:expr;)+) => {
        /// A fault that a call can meet. Its effect is the same every time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $text])+ $variant,)+
        }

        impl Fault {
            /// All faults, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name in scripts.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the effect in a sentence or two.
            pub fn explanation(self) -> String {
                let lines: &[&str] = match self { $(Self::$variant => &[$($text),+],)+ };
                lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
            }

            /// Returns the calls that can meet it.
            pub fn meets(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)+ }
            }

            /// Returns the numbers that a script may set with `=`.
            pub fn number(self) -> Number {
                match self { $(Self::$variant => $number,)+ }
            }
        }
    };
}

catalogue! {
    /// 429 with Retry-After in whole seconds; =N sets how many.
    Throttled = "429", Any, Number::From1(10);
    /// 429 without Retry-After, so that the caller has to choose how long to wait.
    ThrottledUntimed = "429-without-retry-after", Any, Number::None;
    /// 429 with a Retry-After of 2.128 seconds, a fraction.
    ThrottledFraction = "429-fractional", Any, Number::None;
    /// 429 with an HTTP date in Retry-After; =N sets how many seconds ahead.
    ThrottledDate = "429-date", Any, Number::From1(5);
    /// 503 with Retry-After, without a JSON body; =N sets how many seconds.
    Unavailable = "503", Any, Number::From1(5);
    /// 503 from a gateway: no Retry-After, no JSON.
    UnavailableUntimed = "503-without-retry-after", Any, Number::None;
    /// 504 from a gateway that did not pass the call on: nothing was done.
    GatewayTimeoutBefore = "504-before", Any, Number::None;
    /// 504 from a gateway after the write took effect: its response is lost.
    GatewayTimeoutAfter = "504-after", Write, Number::None;
    /// The connection breaks before the call has arrived: nothing was done.
    ResetBefore = "reset-before", Any, Number::None;
    /// The connection breaks after the write took effect: its response is lost.
    ResetAfter = "reset-after", Write, Number::None;
    /// The call is carried out, and the connection breaks in the middle of the response's body.
    ResetMidBody = "reset-mid-body", Any, Number::None;
    /// The directory does not know a user yet that it has just created: the next calls that
    /// name the user get 404, and an assignment "invalid usage location"; =N sets how many.
    ReplicationLag = "replication-lag", Creation, Number::From1(3);
    /// 400 Directory_ExpiredPageToken for the next page of a listing.
    PageTokenExpired = "page-token-expired", NextPage, Number::None;
    /// 401: the token expires; this call and all later ones are refused.
    TokenExpired = "token-expired", Any, Number::None;
    /// Somebody else takes the last seat after it was counted: this assignment and all later
    /// ones of the licence are refused.
    LastSeatTaken = "last-seat-taken", Assignment, Number::None;
    /// 400: the users of the connection's domain are created at another identity provider.
    FederatedDomain = "federated-domain", Creation, Number::None;
    /// 400 ObjectConflict: another object of the directory has the user's mail address.
    AddressTaken = "address-taken", Creation, Number::None;
    /// 403 Directory_QuotaExceeded: the directory has as many objects as it may have.
    DirectoryFull = "directory-full", Creation, Number::None;
    /// 429 ErrorExceededMessageLimit: the mailbox has sent as many mails as it may in a day.
    MessageLimit = "message-limit", Mail, Number::None;
    /// 403 ErrorMessageSubmissionBlocked: Exchange keeps the mailbox from sending.
    SendingBlocked = "sending-blocked", Mail, Number::None;
    /// The body of the response comes in ten pieces, slowly; =N sets how many seconds in all.
    SlowBody = "slow-body", Any, Number::From1(30);
    /// 200 with a page of HTML, from a captive portal or an inspecting proxy: the call does
    /// not reach Graph.
    Html = "html-200", Any, Number::None;
    /// The write is carried out, and an inspecting proxy puts 200 with a page of HTML in the
    /// place of Graph's response.
    HtmlAfter = "html-200-after", Write, Number::None;
    /// 200 with an error in the JSON, for a listing beside an empty list: nothing was done.
    ErrorInSuccess = "error-200", Any, Number::None;
    /// A status of success without a body: nothing was done; =STATUS is 200 (if not said), 201,
    /// 202 or 204.
    Empty = "empty-2xx", UnlessDocumented, Number::OneOf(SUCCESSES);
    /// The write is carried out, and what arrives is a status of success without a body;
    /// =STATUS is 200 (if not said), 201, 202 or 204.
    EmptyAfter = "empty-2xx-after", WriteUnlessDocumented, Number::OneOf(SUCCESSES);
    /// A page of HTML from a proxy or a firewall: the call does not reach Graph; =STATUS is
    /// 403 (if not said), 401, 404, 407 or 511.
    ProxyPage = "proxy-page", Any, Number::OneOf(&[403, 401, 404, 407, 511]);
    /// A byte order mark stands before the JSON of Graph's own response.
    ByteOrderMark = "bom", Any, Number::None;
    /// The call is carried out, and the JSON of the response ends in its middle, though all of
    /// the response arrives.
    CutJson = "cut-json", Any, Number::None;
    /// The process crashes before the call is sent; a write is in the journal of the run, which
    /// goes on from there.
    CrashBefore = "crash-before", Any, Number::None;
    /// The call is carried out, and the process crashes before its response is in the journal of
    /// the run, which goes on from there.
    CrashAfter = "crash-after", Any, Number::None;
    /// The process crashes when the response is in the journal of the run, before the component
    /// sees it.
    CrashNoted = "crash-noted", Any, Number::None;
}

impl Fault {
    /// Returns whether it ends the process of the run.
    pub fn crashes(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter | Self::CrashNoted)
    }
}

/// The statuses of Graph's successful responses.
const SUCCESSES: &[u32] = &[200, 201, 202, 204];

/// The numbers that a script may set for a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// No number.
    None,
    /// Any number from 1, with this default.
    From1(u32),
    /// One of these, of which the first is the default.
    OneOf(&'static [u32]),
}

impl Number {
    /// Returns the default.
    pub fn default(self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::From1(number) => Some(number),
            Self::OneOf(numbers) => numbers.first().copied(),
        }
    }
}

/// Which calls can meet a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every call.
    Any,
    /// A call that changes something.
    Write,
    /// The creation of a user.
    Creation,
    /// The assignment of a licence.
    Assignment,
    /// A mail.
    Mail,
    /// A page of a listing that is not the first.
    NextPage,
    /// Every call, except one whose documented success is this response, which would not be a
    /// fault.
    UnlessDocumented,
    /// As `UnlessDocumented`, and a write.
    WriteUnlessDocumented,
}

impl Scope {
    /// Whether a call is one of these. `path` follows the version root, and `number` is that of
    /// the fault.
    pub fn covers(
        self,
        method: &Method,
        path: &str,
        query: Option<&str>,
        number: Option<u32>,
    ) -> bool {
        let documented = || success_without_body(method, path).map(|status| status.as_u16().into());
        match self {
            Self::Any => true,
            Self::Write => !method.is_safe(),
            Self::Creation => method == Method::POST && path == "/users",
            Self::Assignment => method == Method::POST && path.ends_with("/assignLicense"),
            Self::Mail => method == Method::POST && path.ends_with("/sendMail"),
            Self::NextPage => query.is_some_and(|query| query.contains("skiptoken")),
            Self::UnlessDocumented => number != documented(),
            Self::WriteUnlessDocumented => !method.is_safe() && number != documented(),
        }
    }

    /// Returns a description of the calls.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Any => "any call",
            Self::Write => "writes",
            Self::Creation => "POST /users",
            Self::Assignment => "assignLicense",
            Self::Mail => "sendMail",
            Self::NextPage => "the second page of a listing, and later ones",
            Self::UnlessDocumented => "any call whose success looks otherwise",
            Self::WriteUnlessDocumented => "writes whose success looks otherwise",
        }
    }
}

/// Returns the status of a successful response where Graph documents that it has no body. Source:
/// "Delete a user" and "user: sendMail", Graph v1.0 reference.
fn success_without_body(method: &Method, path: &str) -> Option<StatusCode> {
    match *method {
        Method::DELETE => Some(StatusCode::NO_CONTENT),
        Method::POST if path.ends_with("/sendMail") => Some(StatusCode::ACCEPTED),
        _ => None,
    }
}
