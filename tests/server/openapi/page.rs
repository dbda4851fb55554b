//! The explorer's page and its files.

use axum::body::to_bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use runner::serve::docs::{asset, shell};
use sha2::{Digest, Sha256};

const FILES: [&str; 3] = ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"];

/// A file, as a client gets it that does or does not take gzip.
#[tokio::main(flavor = "current_thread")]
async fn file(name: &str, accepts_gzip: bool) -> (HeaderMap, Vec<u8>) {
    let response = asset(name, accepts_gzip).unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    (headers, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

/// What is between two tags of the page.
fn between<'a>(page: &'a str, open: &str, close: &str) -> &'a str {
    let (_, rest) = page.split_once(open).unwrap();
    rest.split_once(close).unwrap().0
}

#[test]
fn only_the_pages_own_script_may_run() {
    let (headers, bytes) = shell();
    let page = std::str::from_utf8(&bytes).unwrap();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for (directive, text) in [
        ("script-src", between(page, "<script>", "</script>")),
        ("style-src", between(page, "<style>", "</style>")),
    ] {
        let hash = BASE64_STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{directive} 'sha256-{hash}' blob:;")), "{policy}");
    }
    for part in
        ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'"]
    {
        assert!(policy.contains(part), "{part}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("{version}") && !page.contains("/* shell."));
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
}

/// Nothing in the page names another server, nothing keeps the key, and no form sends it.
#[test]
fn the_page_keeps_to_itself() {
    let (_, bytes) = shell();
    let page = std::str::from_utf8(&bytes).unwrap();
    for other in
        ["http://", "https://", "//cdn", "localStorage", "sessionStorage", "cookie", " onclick"]
    {
        assert!(!page.contains(other), "{other}");
    }
    let form = between(page, "<form", "</form>");
    assert!(form.contains("type=\"password\"") && !form.contains(" name="), "{form}");
}

#[test]
fn files_come_compressed_or_not() {
    for name in FILES {
        let (headers, plain) = file(name, false);
        let (compressed_headers, compressed) = file(name, true);
        assert!(!headers.contains_key("content-encoding"));
        assert_eq!(compressed_headers["content-encoding"], "gzip");
        assert_eq!(headers["content-type"], compressed_headers["content-type"]);
        assert_eq!(headers["vary"], "accept-encoding");
        assert!(compressed.len() * 2 < plain.len(), "{name}: {}", compressed.len());
        assert_eq!(unpacked(&compressed), plain, "{name}");
    }
    let bundle = String::from_utf8(file("swagger-ui-bundle.js", false).1).unwrap();
    assert!(bundle.contains("SwaggerUIBundle"));
    let license = String::from_utf8(file("LICENSE", false).1).unwrap();
    assert!(license.contains("Apache License"));
}

/// As a client unpacks it, which holds the length and the checksum against what it got.
fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(gzip), &mut plain).unwrap();
    plain
}

#[test]
fn other_files_are_none() {
    for name in ["", "index.html", "../shell.html", "swagger-ui.css.gz", "license"] {
        assert!(asset(name, true).is_none(), "{name}");
    }
}
