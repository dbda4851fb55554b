//! What the client needs from outside: a sender of requests, a clock, and what the
//! host knows of a connection. Plain types, so that it runs with or without a sandbox.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::bindings::connector::office365::connections::Connection;

/// The HTTP methods that the actions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or calls a Graph action.
    Post,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method's name in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL, with its query.
    pub url: String,
    /// The headers in order; names are in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; none is sent when it is empty.
    pub body: Vec<u8>,
    /// How long the host may wait for the response.
    pub timeout: Duration,
    /// How long the whole exchange may last, whatever the host does.
    pub limit: Duration,
}

/// A response, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers in order, with names in any case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Body,
}

/// A response's body, in the parts in which it came. That of a page of users is so large that
/// joining its parts would double what the run needs of memory.
#[derive(Clone, Debug, Default)]
pub struct Body(Vec<Vec<u8>>);

impl Body {
    /// Adds a part at the end.
    pub fn push(&mut self, part: Vec<u8>) {
        self.0.push(part);
    }

    /// The parts in order; each is freed as soon as the next one is taken.
    pub fn into_parts(self) -> impl Iterator<Item = Vec<u8>> {
        self.0.into_iter()
    }

    /// The body without the byte order mark that some of Graph's services put before their
    /// JSON; RFC 8259, section 8.1, lets a reader skip it.
    pub fn without_bom(mut self) -> Self {
        const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
        if self.bytes().take(BOM.len()).eq(BOM) {
            let mut left = BOM.len();
            for part in &mut self.0 {
                let here = left.min(part.len());
                part.drain(..here);
                left -= here;
            }
        }
        self
    }

    /// Whether it holds nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.bytes().all(|byte| byte.is_ascii_whitespace())
    }

    /// Whether it begins as a JSON object does.
    pub fn is_object(&self) -> bool {
        self.bytes().find(|byte| !byte.is_ascii_whitespace()) == Some(b'{')
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().flatten().copied()
    }

    /// The whole body in one piece.
    pub fn joined(&self) -> Cow<'_, [u8]> {
        match self.0.as_slice() {
            [only] => Cow::Borrowed(only),
            parts => Cow::Owned(parts.concat()),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(whole: Vec<u8>) -> Self {
        Body(vec![whole])
    }
}

impl Response {
    /// The first value of the header `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// How far a request without a usable response progressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It was not sent; another attempt may succeed.
    NeverSent,
    /// It was not sent, and another attempt would not be either.
    Refused,
    /// It was sent, and its response is lost.
    Lost,
    /// It was answered with more than may be read.
    TooLarge,
}

/// Why a request has no response.
#[derive(Clone, Debug)]
pub struct TransportError {
    /// How far it came.
    pub reach: Reach,
    /// What happened, to be put after a colon.
    pub message: String,
}

/// Sends requests.
pub trait Transport {
    /// Sends `request` once and reads the whole response.
    ///
    /// # Errors
    /// Fails when there is no readable response. The error shows whether the request was sent.
    fn send(&mut self, request: &Request) -> Result<Response, TransportError>;
}

/// Measures time.
pub trait Clock {
    /// The time since a moment that stays the same for the run.
    fn now(&mut self) -> Duration;

    /// Returns after `wait`.
    fn sleep(&mut self, wait: Duration);
}

/// Knows the connections that the host lends.
pub trait Connections {
    /// What is known of the connection `id`.
    ///
    /// # Errors
    /// A sentence that says why there is none.
    fn describe(&mut self, id: &str) -> Result<Connection, String>;

    /// The `authorization` header for the connection's calls; `None` where the host adds it.
    ///
    /// # Errors
    /// A sentence that says why there is none.
    fn authorization(&mut self, id: &str) -> Result<Option<String>, String>;
}

/// All that an action may use of the outside.
pub struct Host<'a> {
    /// Sends requests.
    pub transport: &'a mut dyn Transport,
    /// Measures time.
    pub clock: &'a mut dyn Clock,
    /// Knows the connections.
    pub connections: &'a mut dyn Connections,
}
