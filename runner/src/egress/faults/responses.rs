//! Graph's responses to calls that meet a fault.
//!
//! Codes and messages are those that Microsoft documents for Graph v1.0 ("Microsoft Graph
//! error responses", "Throttling guidance") or that have been published of it.

use std::time::Duration;

use crate::contract::call::user_key;
use crate::egress::{Request, Response, whole};
use crate::graph::{Guid, Refusal};
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

/// The start of every run by the tenant's clock: 2026-01-15 09:30 UTC, in seconds since 1970.
const EPOCH: i64 = 1_768_469_400;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const DIAGNOSTIC: HeaderName = HeaderName::from_static("x-ms-ags-diagnostic");
const THROTTLE_SCOPE: HeaderName = HeaderName::from_static("x-ms-throttle-scope");
const THROTTLE_INFORMATION: HeaderName = HeaderName::from_static("x-ms-throttle-information");

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The made-up ids of an application and of a tenant in throttled responses.
const SCOPE: &str = "Tenant_Application/ReadWrite/9c6ef4a4-045f-4124-afbb-5aef0fc45eb1/0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a";

/// A call, as the fault sees it.
pub struct Call<'a> {
    pub request: &'a Request,
    /// The path below Graph's version root.
    pub path: &'a str,
    /// The number of the call in the run, from 1.
    pub number: u32,
    pub seed: u64,
    /// The time since the start of the run.
    pub now: Duration,
}

/// The header `Retry-After` of a response.
#[derive(Clone, Copy)]
pub enum RetryAfter {
    None,
    Seconds(u32),
    /// A fraction of seconds, as Graph has been seen to write it.
    Fraction,
    /// The date this number of seconds ahead.
    Date(u32),
}

impl Call<'_> {
    /// 429 of the directory or of Exchange.
    pub fn throttled(&self, retry_after: RetryAfter) -> Response {
        let mut response = if self.request.uri().path().ends_with("/sendMail") {
            let message = "Application is over its MailboxConcurrency limit.";
            let status = StatusCode::TOO_MANY_REQUESTS;
            self.refused(&Refusal::new(status, "ApplicationThrottled", message))
        } else {
            let mut inner = self.ids();
            if let Some(fields) = inner.as_object_mut() {
                let more = [("code", "429"), ("message", "Please retry after"), ("status", "429")];
                fields.extend(more.map(|(name, value)| (name.to_owned(), value.into())));
            }
            let error = json!({"error": {"code": "TooManyRequests", "innerError": inner,
                "message": "Please retry again later."}});
            let mut response = self.json(StatusCode::TOO_MANY_REQUESTS, &error);
            response.headers_mut().extend([
                (THROTTLE_SCOPE, HeaderValue::from_static(SCOPE)),
                (THROTTLE_INFORMATION, HeaderValue::from_static("ResourceUnitLimitExceeded")),
            ]);
            response
        };
        self.add(retry_after, &mut response);
        response
    }

    /// 503 without a JSON body.
    pub fn unavailable(&self, retry_after: RetryAfter) -> Response {
        let mut response = self.gateway(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
        self.add(retry_after, &mut response);
        response
    }

    /// 504 of a gateway.
    pub fn gateway_timeout(&self) -> Response {
        self.gateway(StatusCode::GATEWAY_TIMEOUT, "Gateway Timeout")
    }

    /// 400 for the next page of a listing.
    pub fn page_token_expired(&self) -> Response {
        let message = "The specified page token value has expired and can no longer be included in your request.";
        self.refused(&Refusal::new(StatusCode::BAD_REQUEST, "Directory_ExpiredPageToken", message))
    }

    /// 401.
    pub fn token_expired(&self) -> Response {
        let message = "Lifetime validation failed, the token is expired.";
        self.refused(&Refusal::unauthenticated(message))
    }

    /// 200 with an error, for a listing beside an empty list. Source:
    /// microsoftgraph/microsoft-graph-explorer-v4#870.
    pub fn error_in_success(&self) -> Response {
        let mut error = json!({"error": {"code": "generalException",
            "message": "An unspecified error has occurred.", "innerError": self.ids()}});
        let is_listing = self.request.method() == Method::GET
            && user_key(self.path).is_none()
            && self.path != "/me";
        if is_listing {
            error = json!({"value": [], "error": error.get("error")});
        }
        self.json(StatusCode::OK, &error)
    }

    /// The error response of a refusal.
    pub fn refused(&self, refusal: &Refusal) -> Response {
        let mut error = refusal.error();
        error.insert("innerError".to_owned(), self.ids());
        self.json(refusal.status, &json!({ "error": error }))
    }

    fn ids(&self) -> Value {
        // Graph writes no time zone.
        let date = self.date(0).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let id = self.request_id();
        let client = self.request.headers().get(&CLIENT_REQUEST_ID);
        let client = client.and_then(|id| id.to_str().ok()).unwrap_or(&id);
        json!({"date": date, "request-id": id, "client-request-id": client})
    }

    fn json(&self, status: StatusCode, body: &Value) -> Response {
        let mut response = http::Response::new(whole(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        let id = HeaderValue::try_from(self.request_id()).ok();
        let client = self.request.headers().get(&CLIENT_REQUEST_ID).cloned().or_else(|| id.clone());
        headers.extend(id.map(|id| (REQUEST_ID, id)));
        headers.extend(client.map(|id| (CLIENT_REQUEST_ID, id)));
        headers.insert(DIAGNOSTIC, HeaderValue::from_static(
            r#"{"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"001","RoleInstance":"AM1PEPF00012345"}}"#,
        ));
        self.dated(response)
    }

    pub(super) fn dated(&self, mut response: Response) -> Response {
        response.headers_mut().extend(self.http_date(0).map(|date| (DATE, date)));
        response
    }

    fn add(&self, retry_after: RetryAfter, response: &mut Response) {
        let value = match retry_after {
            RetryAfter::None => None,
            RetryAfter::Seconds(seconds) => Some(HeaderValue::from(seconds)),
            RetryAfter::Fraction => Some(HeaderValue::from_static("2.128")),
            RetryAfter::Date(seconds) => self.http_date(seconds),
        };
        response.headers_mut().extend(value.map(|value| (RETRY_AFTER, value)));
    }

    fn http_date(&self, ahead: u32) -> Option<HeaderValue> {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.date(ahead)).ok()?;
        HeaderValue::try_from(date).ok()
    }

    /// Returns the tenant's time, `ahead` seconds on.
    fn date(&self, ahead: u32) -> Timestamp {
        let after = self.now.saturating_add(Duration::from_secs(ahead.into()));
        let begun = Timestamp::from_second(EPOCH).unwrap_or_default();
        begun.checked_add(after).unwrap_or(Timestamp::MAX)
    }

    /// Returns the GUID of this call, which depends on the seed and the number only.
    fn request_id(&self) -> String {
        Guid::of(&[b"fault", &self.seed.to_le_bytes(), &self.number.to_le_bytes()]).to_string()
    }
}
