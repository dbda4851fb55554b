//! The faults that there are.

use http::Method;

/// Declares the faults in one place: what stands in the comment is what users read.
macro_rules! catalogue {
    ($($(#[doc = $text:literal])+ $variant:ident = $name:literal, $meets:ident, $value:expr;)+) => {
        /// A fault that a call can meet. Each is the same every time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $text])+ $variant,)+
        }

        impl Fault {
            /// All faults, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that scripts use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What happens, in a sentence or two.
            pub fn explanation(self) -> String {
                let lines: &[&str] = match self { $(Self::$variant => &[$($text),+],)+ };
                lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
            }

            /// Which calls can meet it.
            pub fn meets(self) -> Meets {
                match self { $(Self::$variant => Meets::$meets,)+ }
            }

            /// The number that a script may set with `=`, if it has one, and nothing is said.
            pub fn default_value(self) -> Option<u32> {
                match self { $(Self::$variant => $value,)+ }
            }
        }
    };
}

catalogue! {
    /// 429 with Retry-After in whole seconds; =N sets how many.
    Throttled = "429", Any, Some(10);
    /// 429 without Retry-After, so that the caller has to choose how long to wait.
    ThrottledUntimed = "429-without-retry-after", Any, None;
    /// 429 with a Retry-After of 2.128 seconds, a fraction.
    ThrottledFraction = "429-fractional", Any, None;
    /// 429 with an HTTP date in Retry-After; =N sets how many seconds ahead.
    ThrottledDate = "429-date", Any, Some(5);
    /// 503 with Retry-After, without a JSON body; =N sets how many seconds.
    Unavailable = "503", Any, Some(5);
    /// 503 from a gateway: no Retry-After, no JSON.
    UnavailableUntimed = "503-without-retry-after", Any, None;
    /// 504 from a gateway that did not pass the call on: nothing was done.
    GatewayTimeoutBefore = "504-before", Any, None;
    /// 504 from a gateway after the write took effect: its answer is lost.
    GatewayTimeoutAfter = "504-after", Write, None;
    /// The connection breaks before the call has arrived: nothing was done.
    ResetBefore = "reset-before", Any, None;
    /// The connection breaks after the write took effect: its answer is lost.
    ResetAfter = "reset-after", Write, None;
    /// The call is carried out, and the connection breaks in the middle of the answer's body.
    ResetMidBody = "reset-mid-body", Any, None;
    /// The directory does not know a user yet that it has just created: the next calls that
    /// name the user get 404, and an assignment "invalid usage location"; =N sets how many.
    ReplicationLag = "replication-lag", Creation, Some(3);
    /// 400 Directory_ExpiredPageToken for the next page of a listing.
    PageTokenExpired = "page-token-expired", NextPage, None;
    /// 401: the token expires; this call and all later ones are refused.
    TokenExpired = "token-expired", Any, None;
    /// Somebody else takes the last seat after it was counted: this assignment and all later
    /// ones of the licence are refused.
    LastSeatTaken = "last-seat-taken", Assignment, None;
    /// The body of the answer comes in ten pieces, slowly; =N sets how many seconds in all.
    SlowBody = "slow-body", Any, Some(30);
}

/// Which calls can meet a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meets {
    /// Every call.
    Any,
    /// A call that changes something.
    Write,
    /// The creation of a user.
    Creation,
    /// The assignment of a licence.
    Assignment,
    /// The listing of a page that is not the first.
    NextPage,
}

impl Meets {
    /// Whether a call is one of these. `path` is what follows the version root.
    pub fn covers(self, method: &Method, path: &str, query: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Write => !method.is_safe(),
            Self::Creation => method == Method::POST && path == "/users",
            Self::Assignment => method == Method::POST && path.ends_with("/assignLicense"),
            Self::NextPage => query.is_some_and(|query| query.contains("skiptoken")),
        }
    }

    /// The calls in words, to follow "meets".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Any => "any call",
            Self::Write => "writes",
            Self::Creation => "POST /users",
            Self::Assignment => "assignLicense",
            Self::NextPage => "the second page of a listing, and later ones",
        }
    }
}
