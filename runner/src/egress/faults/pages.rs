//! Responses of systems between the caller and Graph: a gateway, a captive portal, an inspecting
//! proxy, a firewall.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, PROXY_AUTHENTICATE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};

use super::responses::Call;
use crate::egress::{Response, whole};

/// The challenge that RFC 9110 requires in 401 and 407.
const CHALLENGE: HeaderValue = HeaderValue::from_static(r#"Basic realm="Contoso web gateway""#);

impl Call<'_> {
    /// The page of a gateway, with the reason phrase of its status.
    pub(super) fn gateway(&self, status: StatusCode, words: &str) -> Response {
        self.html(status, format!("<html><body>{words}</body></html>"))
    }

    /// 200 of a captive portal.
    pub(super) fn portal(&self) -> Response {
        self.page(StatusCode::OK, "Sign in to this network")
    }

    /// The page of a proxy or a firewall, with a status of the catalogue.
    pub(super) fn proxy_page(&self, status: u32) -> Response {
        let status = status_of(status);
        let title = match status {
            StatusCode::UNAUTHORIZED => "Sign in to the web gateway",
            StatusCode::NOT_FOUND => "This page cannot be found",
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => "Proxy authentication required",
            StatusCode::NETWORK_AUTHENTICATION_REQUIRED => "Network authentication required",
            _ => "Access denied by the web filter",
        };
        let mut response = self.page(status, title);
        let challenge = match status {
            StatusCode::UNAUTHORIZED => Some(WWW_AUTHENTICATE),
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Some(PROXY_AUTHENTICATE),
            _ => None,
        };
        response.headers_mut().extend(challenge.map(|name| (name, CHALLENGE)));
        response
    }

    /// A successful status without a body.
    pub(super) fn empty(&self, status: u32) -> Response {
        let mut response = http::Response::new(whole(""));
        *response.status_mut() = status_of(status);
        // RFC 9110 allows no length beside 204.
        if response.status() != StatusCode::NO_CONTENT {
            response.headers_mut().insert(CONTENT_LENGTH, 0.into());
        }
        self.dated(response)
    }

    fn page(&self, status: StatusCode, title: &str) -> Response {
        let head = format!("<head><title>{title}</title></head>");
        let body = format!("<body><h1>{title}</h1></body>");
        self.html(status, format!("<!DOCTYPE html>\n<html>{head}{body}</html>\n"))
    }

    fn html(&self, status: StatusCode, html: String) -> Response {
        let html = if self.request.method() == Method::HEAD { String::new() } else { html };
        let mut response = http::Response::new(whole(html));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        self.dated(response)
    }
}

fn status_of(number: u32) -> StatusCode {
    let status = u16::try_from(number).ok().and_then(|status| StatusCode::from_u16(status).ok());
    status.unwrap_or_default()
}
