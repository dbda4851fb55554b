//! How callers reach the server.

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Uri};

use crate::base_url::BaseUrl;

/// What is known of the URL of the server before a request.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The scheme of the requests.
    pub scheme: Scheme,
    /// The configured URL; `None` where it is that of the requests.
    pub public_url: Option<BaseUrl>,
}

impl Default for Origin {
    fn default() -> Self {
        Self { scheme: Scheme::HTTP, public_url: None }
    }
}

impl Origin {
    /// Returns the URL by which the caller of a request reaches the server; `None` for a request
    /// that names no valid host.
    pub(super) fn base_url(&self, uri: &Uri, headers: &HeaderMap) -> Option<BaseUrl> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = uri.authority().map(Authority::as_str).or(host);
        BaseUrl::decide(self.public_url.as_ref(), &self.scheme, authority)
    }
}
