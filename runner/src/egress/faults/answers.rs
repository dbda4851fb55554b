//! What Graph, or a gateway in front of it, answers when it does not do what it is asked.
//!
//! Codes and texts are those that Microsoft documents for Graph v1.0 ("Microsoft Graph
//! error responses", "Throttling guidance") or that have been published of it.

use std::time::Duration;

use crate::contract::call::user_key;
use crate::egress::{Request, Response, whole};
use crate::graph::Guid;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

/// When the run began, for the tenant's own clock: 2026-01-15 09:30 UTC, in seconds since
/// 1970. A fixed time, so that a run is the same every time.
const EPOCH: i64 = 1_768_469_400;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const DIAGNOSTIC: HeaderName = HeaderName::from_static("x-ms-ags-diagnostic");
const THROTTLE_SCOPE: HeaderName = HeaderName::from_static("x-ms-throttle-scope");
const THROTTLE_INFORMATION: HeaderName = HeaderName::from_static("x-ms-throttle-information");

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The id of an application and of a tenant, made up, as throttled responses name them.
const SCOPE: &str = "Tenant_Application/ReadWrite/9c6ef4a4-045f-4124-afbb-5aef0fc45eb1/0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a";

/// Who answers, when, and to what.
pub struct Asked<'a> {
    /// The call.
    pub request: &'a Request,
    /// Its path, below Graph's version root.
    pub path: &'a str,
    /// Which call of the run it is, from 1.
    pub number: u32,
    /// The script's seed.
    pub seed: u64,
    /// The time since the run began.
    pub now: Duration,
}

/// When a throttled caller may come back.
#[derive(Clone, Copy)]
pub enum ComeBack {
    /// Not said.
    Unsaid,
    /// In so many seconds.
    Seconds(u32),
    /// In a fraction of seconds, as Graph has been seen to write it.
    Fraction,
    /// At the date that is so many seconds ahead.
    Date(u32),
}

impl Asked<'_> {
    /// 429, as the directory and as Exchange answer it.
    pub fn throttled(&self, come_back: ComeBack) -> Response {
        let mail = self.request.uri().path().ends_with("/sendMail");
        let mut response = if mail {
            let message = "Application is over its MailboxConcurrency limit.";
            self.refusal(StatusCode::TOO_MANY_REQUESTS, "ApplicationThrottled", message)
        } else {
            let mut inner = self.inner_error();
            if let Some(fields) = inner.as_object_mut() {
                fields.insert("code".into(), "429".into());
                fields.insert("message".into(), "Please retry after".into());
                fields.insert("status".into(), "429".into());
            }
            let error = json!({"error": {"code": "TooManyRequests", "innerError": inner,
                "message": "Please retry again later."}});
            let mut response = self.json(StatusCode::TOO_MANY_REQUESTS, &error);
            let headers = response.headers_mut();
            headers.insert(THROTTLE_SCOPE, HeaderValue::from_static(SCOPE));
            headers.insert(
                THROTTLE_INFORMATION,
                HeaderValue::from_static("ResourceUnitLimitExceeded"),
            );
            response
        };
        self.come_back(&mut response, come_back);
        response
    }

    /// 503 without a JSON body.
    pub fn unavailable(&self, come_back: ComeBack) -> Response {
        let mut response = self.gateway(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
        self.come_back(&mut response, come_back);
        response
    }

    /// 504, from a gateway.
    pub fn gateway_timeout(&self) -> Response {
        self.gateway(StatusCode::GATEWAY_TIMEOUT, "Gateway Timeout")
    }

    /// 400 for a page of a listing.
    pub fn page_token_expired(&self) -> Response {
        let message = "The specified page token value has expired and can no longer be included in your request.";
        self.refusal(StatusCode::BAD_REQUEST, "Directory_ExpiredPageToken", message)
    }

    /// 401.
    pub fn token_expired(&self) -> Response {
        let message = "Lifetime validation failed, the token is expired.";
        self.refusal(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// 400 for the assignment of the licence `sku_id`.
    pub fn no_seats(&self, sku_id: &str) -> Response {
        let message =
            format!("Subscription with SKU {sku_id} does not have any available licenses.");
        self.refusal(StatusCode::BAD_REQUEST, "Request_BadRequest", &message)
    }

    /// 400 for the assignment to a user that is not known everywhere yet.
    pub fn no_usage_location(&self) -> Response {
        let message = "License assignment cannot be done for user with invalid usage location.";
        self.refusal(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// 404 for the object `key`.
    pub fn not_found(&self, key: &str) -> Response {
        let message = format!(
            "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        );
        self.refusal(StatusCode::NOT_FOUND, "Request_ResourceNotFound", &message)
    }

    /// 200 with an error in it, for a listing beside an empty list, as in the response that
    /// microsoftgraph/microsoft-graph-explorer-v4#870 is about.
    pub fn error_in_success(&self) -> Response {
        let mut error = self.error("generalException", "An unspecified error has occurred.");
        let is_listing = self.request.method() == Method::GET
            && user_key(self.path).is_none()
            && self.path != "/me";
        if is_listing {
            error = json!({"value": [], "error": error.get("error")});
        }
        self.json(StatusCode::OK, &error)
    }

    fn refusal(&self, status: StatusCode, code: &str, message: &str) -> Response {
        self.json(status, &self.error(code, message))
    }

    fn error(&self, code: &str, message: &str) -> Value {
        json!({"error": {"code": code, "message": message, "innerError": self.inner_error()}})
    }

    fn inner_error(&self) -> Value {
        // Without a zone, as Graph writes it.
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

    fn come_back(&self, response: &mut Response, come_back: ComeBack) {
        let value = match come_back {
            ComeBack::Unsaid => None,
            ComeBack::Seconds(seconds) => Some(HeaderValue::from(seconds)),
            ComeBack::Fraction => Some(HeaderValue::from_static("2.128")),
            ComeBack::Date(seconds) => self.http_date(seconds),
        };
        response.headers_mut().extend(value.map(|value| (RETRY_AFTER, value)));
    }

    fn http_date(&self, ahead: u32) -> Option<HeaderValue> {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.date(ahead)).ok()?;
        HeaderValue::try_from(date).ok()
    }

    /// The tenant's time, and some seconds.
    fn date(&self, ahead: u32) -> Timestamp {
        let after = self.now.saturating_add(Duration::from_secs(ahead.into()));
        let begun = Timestamp::from_second(EPOCH).unwrap_or_default();
        begun.checked_add(after).unwrap_or(Timestamp::MAX)
    }

    /// A GUID for this call: the same every time, and another for every call.
    fn request_id(&self) -> String {
        Guid::of(&[b"fault", &self.seed.to_le_bytes(), &self.number.to_le_bytes()]).to_string()
    }
}
