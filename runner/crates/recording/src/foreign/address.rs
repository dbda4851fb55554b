//! The method and the URL of a request, and whether it is a call of the action.

use http::Method;
use url::Url;

use contract::Call;

/// The version of Graph in the URLs of the actions.
const VERSION: &str = "/v1.0";

/// A method and a URL, as a client of Graph writes them.
#[derive(PartialEq, Eq)]
pub struct RequestLine {
    pub method: Method,
    pub url: String,
}

impl RequestLine {
    /// Normalizes the case of the method and the host, the default port, and duplicate slashes,
    /// which Microsoft's msgraph-sdk for Python sends behind the version. Returns `None` for
    /// other schemes than HTTP.
    pub fn new(method: &str, url: &str) -> Option<Self> {
        let method = method.trim().to_ascii_uppercase().parse().ok()?;
        let url = url.trim();
        let parsed = Url::parse(url).ok()?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return None;
        }
        let (_, behind) = url.split_once("://")?;
        // The path stays as it was sent: a parser would resolve `..`.
        let rest = behind.find(['/', '?', '#']).and_then(|place| behind.get(place..));
        let (path, tail) = rest.map_or(("", ""), |rest| {
            rest.split_at_checked(rest.find(['?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""))
        });
        let mut url = parsed.origin().ascii_serialization();
        let mut before = None;
        for c in path.chars() {
            if (before, c) != (Some('/'), '/') {
                url.push(c);
            }
            before = Some(c);
        }
        url.push_str(tail);
        Some(Self { method, url })
    }

    /// Returns Graph's version root, if this is one of the calls.
    pub fn root(&self, calls: &[Call]) -> Option<String> {
        let url = Url::parse(&self.url).ok()?;
        let root = format!("{}{VERSION}", url.origin().ascii_serialization());
        self.is_call(&root, calls).then_some(root)
    }

    /// Whether this is one of the calls, below the version root.
    pub fn is_call(&self, root: &str, calls: &[Call]) -> bool {
        let path = self.url.strip_prefix(root).filter(|path| path.starts_with('/'));
        let Some(path) = path else { return false };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        calls.iter().any(|call| call.matches(&self.method, path))
    }
}
