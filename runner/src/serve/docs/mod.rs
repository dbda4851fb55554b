//! The API explorer: a page that asks for the tenant's key and shows the OpenAPI document with
//! Swagger UI. It works offline, and sends requests only to its server.
//!
//! - `shell.html`, `shell.css`, `shell.js`: the page, served as one file
//! - `assets`: the files of Swagger UI, which the page fetches with the key
//!
//! The key is in a variable of the page only: not in its URL, the browser's storage, or the
//! commands that Swagger UI shows.

mod assets;

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

pub use assets::asset;

const SCRIPT: &str = include_str!("shell.js");
const STYLE: &str = include_str!("shell.css");

static SHELL: LazyLock<Bytes> = LazyLock::new(|| {
    let page = include_str!("shell.html")
        .replace("/* shell.css */", STYLE)
        .replace("/* shell.js */", SCRIPT)
        .replace("{version}", assets::VERSION);
    Bytes::from(page)
});

/// The content security policy. It allows the page's own script and style, the blobs that the
/// script loads, and requests to the server. Swagger UI draws its icons from `data:`.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src '{}' blob:; style-src '{}' blob:; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE),
    )
});

/// Returns the headers and the content of the page, which are the same with and without a key.
pub fn shell() -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    // The policy consists of header characters.
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    (headers, SHELL.clone())
}

/// Returns the source expression of an inline script or style.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
