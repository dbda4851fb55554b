//! A plain client, byte by byte: it sends what no library would.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request over HTTP/1.1 on a connection of its own.
#[derive(Clone)]
pub struct Request {
    address: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(address: String, method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { address, method, target, headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// An input, said to be JSON.
    pub fn json(self, input: &Value) -> Self {
        self.header("content-type", "application/json").body(input.to_string())
    }

    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// What goes over the wire.
    fn bytes(&self) -> Vec<u8> {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.method, self.target, self.address
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() || self.method == "POST" {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        let mut bytes = text.into_bytes();
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    /// The answer.
    #[track_caller]
    pub fn send(&self) -> Answer {
        self.try_send().unwrap()
    }

    /// Sends it, waits so long and hangs up.
    pub fn leave_after(&self, time: Duration) {
        let mut stream = connect(&self.address).unwrap();
        stream.write_all(&self.bytes()).unwrap();
        std::thread::sleep(time);
    }

    /// The answer; an error where there is none, as from a server that is killed.
    pub fn try_send(&self) -> std::io::Result<Answer> {
        let bytes = exchange(&self.address, &self.bytes())?;
        Answer::parse(&bytes, &self.method)
            .map(|(answer, _)| answer)
            .ok_or_else(|| std::io::Error::other(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// Sends bytes on a connection of their own, and gives what comes until it is closed.
pub fn exchange(address: &str, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = connect(address)?;
    // A server that has heard enough answers and closes before it has heard all.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset || answer.is_empty() => Err(error),
        _ => Ok(answer),
    }
}

/// A connection to write to by hand.
pub fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The content of a chunked body, and what follows it; none if it is not whole.
fn unchunked(mut bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut content = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let length = std::str::from_utf8(&bytes[..end]).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        bytes = &bytes[end + 2..];
        content.extend(bytes.get(..length)?);
        bytes = bytes.get(length..)?.strip_prefix(b"\r\n")?;
        if length == 0 {
            return Some((content, bytes));
        }
    }
}

impl Answer {
    /// The first answer in `bytes`, and what follows it; none if it is not whole.
    pub fn parse<'a>(bytes: &'a [u8], method: &str) -> Option<(Self, &'a [u8])> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            let name: HeaderName = name.parse().ok()?;
            headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
        }
        let rest = &bytes[end + 4..];
        if method != "HEAD" && headers.get("transfer-encoding").is_some_and(|it| it == "chunked") {
            let (body, rest) = unchunked(rest)?;
            return Some((Self { status, headers, body }, rest));
        }
        let length = headers.get("content-length").and_then(|value| value.to_str().ok());
        let length = match length {
            _ if method == "HEAD" => 0,
            Some(length) => length.parse().ok()?,
            None => rest.len(),
        };
        let body = rest.get(..length)?.to_vec();
        Some((Self { status, headers, body }, &rest[length..]))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The result of a call that did what it was asked.
    #[track_caller]
    pub fn done(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        self.json()
    }

    /// The error in problem details (RFC 9457) of this status and kind.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let mut body = self.json();
        assert_eq!(body["type"], format!("urn:o365:problem:{kind}"), "{body}");
        assert_eq!(body["status"], status, "{body}");
        for member in ["title", "detail"] {
            assert!(!body[member].as_str().unwrap().is_empty(), "{body}");
        }
        let error = body["error"].take();
        assert_eq!(error["kind"], kind, "{error}");
        for member in ["message", "fix"] {
            assert!(!error[member].as_str().unwrap().is_empty(), "{error}");
        }
        error
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Whether the answer depends on a header of the request, as `Vary` says.
    pub fn varies_by(&self, name: &str) -> bool {
        let lists = self.headers.get_all("vary").iter().map(|list| list.to_str().unwrap());
        lists.flat_map(|list| list.split(',')).any(|one| one.trim().eq_ignore_ascii_case(name))
    }

    /// The id of the run.
    #[track_caller]
    pub fn run(&self) -> String {
        let run = self.header("run-id");
        assert!(!run.is_empty(), "{self:?}");
        run.to_owned()
    }
}
