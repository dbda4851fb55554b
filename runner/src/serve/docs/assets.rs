//! The files of Swagger UI, stored compressed.

use std::io::Read;

use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};

/// The version of Swagger UI.
pub const VERSION: &str = env!("O365_EXPLORER_VERSION");

/// Returns the file with this name, compressed if the client accepts gzip.
pub fn asset(name: &str, accepts_gzip: bool) -> Option<Response> {
    let (media_type, gzip): (_, &'static [u8]) = match name {
        "swagger-ui-bundle.js" => (
            "text/javascript; charset=utf-8",
            include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz")),
        ),
        "swagger-ui.css" => (
            "text/css; charset=utf-8",
            include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz")),
        ),
        "LICENSE" => {
            ("text/plain; charset=utf-8", include_bytes!(concat!(env!("OUT_DIR"), "/LICENSE.gz")))
        }
        _ => return None,
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    if accepts_gzip {
        let encoding = [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        return Some((headers, encoding, gzip).into_response());
    }
    let mut bytes = Vec::new();
    Some(match GzDecoder::new(gzip).read_to_end(&mut bytes) {
        Ok(_) => (headers, bytes).into_response(),
        // The build writes valid archives only.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
}
