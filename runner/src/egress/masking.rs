//! Removes tokens from responses before a guest or a recording sees them: a server or a proxy
//! that explains a refusal can repeat the request.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::faults::body::breaking_off;
use super::{Body, HttpError, Response, whole};
use crate::recording::redaction::{Redaction, Writer};

/// The largest refusal, in bytes. Those of Graph have some hundred.
const MAX_REFUSAL: usize = 1 << 20;

/// Removes the tokens that `redaction` knows, and texts that look like one, from the headers of
/// a response, and from the body of a refusal.
pub async fn masked(response: Response, redaction: &Redaction) -> Response {
    let (mut head, body) = response.into_parts();
    mask_headers(&mut head.headers, redaction);
    if !head.status.is_client_error() && !head.status.is_server_error() {
        return Response::from_parts(head, body);
    }
    let body = match read(body).await {
        Ok(bytes) => match cleaned(&bytes, redaction) {
            None => whole(bytes),
            Some(text) => {
                head.headers.remove(CONTENT_LENGTH);
                whole(text)
            }
        },
        Err(error) => breaking_off(Bytes::new(), error),
    };
    Response::from_parts(head, body)
}

fn mask_headers(headers: &mut HeaderMap, redaction: &Redaction) {
    for value in headers.values_mut() {
        if let Some(text) = cleaned(value.as_bytes(), redaction) {
            *value = HeaderValue::from_str(&text)
                .unwrap_or_else(|_| HeaderValue::from_static("(removed)"));
        }
    }
}

/// Returns the text without its tokens, or `None` when it has none.
fn cleaned(bytes: &[u8], redaction: &Redaction) -> Option<String> {
    let original = String::from_utf8_lossy(bytes);
    let mut text = original.clone().into_owned();
    redaction.clean_text(&mut text, Writer::Server);
    (text != original).then_some(text)
}

async fn read(body: Body) -> Result<Bytes, HttpError> {
    let collected = Limited::new(body, MAX_REFUSAL).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
            return HttpError::HttpResponseBodySize(u64::try_from(MAX_REFUSAL).ok());
        }
        match error.downcast::<HttpError>() {
            Ok(error) => *error,
            Err(error) => HttpError::InternalError(Some(error.to_string())),
        }
    })
}
