//! The sign-in host of the simulated tenant: OAuth 2.0 as Entra has it.
//!
//! Any GUID is an application with all permissions, and any secret, assertion and password is
//! accepted: the host serves to test protocols, not authentication.
//!
//! - `grants`: the grants of the token endpoint; `form`: parameters; `error`: errors
//! - `browser`: the pages for users
//! - `discovery`: what clients ask for before they sign in
//! - `token`: the content of tokens, and the callers that they identify
//! - `resources`: what tokens are for
//! - `sealed`: the text form of tokens and codes
//! - `memory`: the state between requests

mod browser;
mod discovery;
mod error;
mod form;
mod grants;
mod memory;
mod resources;
mod sealed;
mod token;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Ports;
use super::hosts::Host;
use crate::{Request, Tenant, Time};
use browser::BrowserResponse;
use contract::Policy;
use discovery::check_tenant;
use error::SignInError;
use form::Form;
use grants::{Device, Granted};
use memory::Memory;
use resources::Resources;
use sealed::SealedKind;
use token::Scopes;

pub use token::caller;

/// The lifetime of a device code, in seconds.
const DEVICE_LIFETIME: i64 = 900;

/// The polling interval of a device, in seconds.
const DEVICE_INTERVAL: i64 = 1;

/// The sign-in host.
#[derive(Debug)]
pub struct SignIn {
    policy: Policy,
    ports: Ports,
    memory: Memory,
}

impl SignIn {
    /// Creates a sign-in host with the permissions in `policy`, for a server on `ports`.
    pub fn new(policy: Policy, ports: Ports) -> Self {
        Self { policy, ports, memory: Memory::default() }
    }

    fn resources<'a>(&self, base: &'a str) -> Resources<'a> {
        Resources { base, ports: self.ports }
    }

    /// Responds to a request for `host`; `None` for an unknown path.
    pub fn respond(
        &self,
        tenant: &Tenant,
        request: &Request,
        host: &Host,
    ) -> Option<http::Response<Bytes>> {
        let base = host.base.as_str();
        let path = request.uri().path();
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let result = match (request.method(), segments.as_slice()) {
            (&Method::POST, [name, "oauth2", "v2.0", "token"]) => check_tenant(tenant, name)
                .and_then(|()| self.token(tenant, request, host, name))
                .map(json_of),
            (&Method::POST, [name, "oauth2", "v2.0", "devicecode"]) => check_tenant(tenant, name)
                .and_then(|()| self.start(tenant, request, base))
                .map(json_of),
            (&Method::GET, [name, "oauth2", "v2.0", "authorize"]) => {
                let query = request.uri().query().unwrap_or_default();
                let query = Form::parse(query.as_bytes());
                check_tenant(tenant, name)
                    .and_then(|()| browser::authorize(tenant, &query, &self.resources(base)))
                    .map(shown)
            }
            (&Method::GET, ["common", "oauth2", "nativeclient"]) => {
                Ok(shown(BrowserResponse::Page(browser::native_client())))
            }
            (&Method::GET, ["device"]) => {
                browser::device(tenant, &self.memory, request.uri()).map(shown)
            }
            (&Method::GET, [name, .., ".well-known", "openid-configuration"]) => {
                check_tenant(tenant, name).map(|()| json_of(discovery::openid(tenant, host, name)))
            }
            (&Method::GET, [".well-known", "openid-configuration"]) => {
                Ok(json_of(discovery::openid(tenant, host, &tenant.id.to_string())))
            }
            (&Method::GET, [_, "discovery", "instance"]) => {
                discovery::instance(request.uri()).map(json_of)
            }
            (&Method::GET, [_, "userrealm", user]) => {
                Ok(json_of(discovery::user_realm(tenant, host, user)))
            }
            // Tokens are not signed.
            (&Method::GET, [_, "discovery", "v2.0", "keys"]) => Ok(json_of(json!({ "keys": [] }))),
            _ => return None,
        };
        Some(result.unwrap_or_else(|error| with_status(error.status, &error.body())))
    }

    fn token(
        &self,
        tenant: &Tenant,
        request: &Request,
        host: &Host,
        name: &str,
    ) -> Result<Value, SignInError> {
        let form = Form::parse(request.body());
        let authorization =
            request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shared = matches!(name.to_ascii_lowercase().as_str(), "common" | "consumers");
        let Granted { grant, nonce } = grants::decide(
            tenant,
            &self.memory,
            &form,
            authorization,
            &self.resources(&host.base),
            shared,
        )?;
        Ok(grant.response(tenant, &self.policy, &discovery::issuer(tenant, host), nonce.as_deref()))
    }

    /// The device authorization endpoint.
    fn start(&self, tenant: &Tenant, request: &Request, base: &str) -> Result<Value, SignInError> {
        let form = Form::parse(request.body());
        let client_id = form.need("client_id")?;
        grants::is_application(client_id)?;
        let expires = Time::now().unix_seconds() + DEVICE_LIFETIME;
        let random = Uuid::new_v4().simple().to_string();
        let user_code = random.get(..9).unwrap_or(&random).to_ascii_uppercase();
        self.memory.wait(&user_code, expires);
        let device = Device {
            user_code: user_code.clone(),
            client_id: client_id.to_owned(),
            scopes: Scopes::parse(form.get("scope").unwrap_or_default(), &self.resources(base))?,
            expires,
        };
        let page = format!("{base}/device");
        Ok(json!({
            "device_code": sealed::seal(SealedKind::Device, tenant.id, &device),
            "user_code": user_code,
            "verification_uri": page,
            "expires_in": DEVICE_LIFETIME,
            "interval": DEVICE_INTERVAL,
            "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
        }))
    }
}

fn json_of(body: Value) -> http::Response<Bytes> {
    with_status(StatusCode::OK, &body)
}

fn with_status(status: StatusCode, body: &Value) -> http::Response<Bytes> {
    response(status, "application/json; charset=utf-8", body.to_string())
}

fn shown(shown: BrowserResponse) -> http::Response<Bytes> {
    match shown {
        BrowserResponse::Page(html) => response(StatusCode::OK, "text/html; charset=utf-8", html),
        BrowserResponse::Redirect(to) => {
            let mut response = response(StatusCode::FOUND, "text/plain", String::new());
            // A parsed URL contains header characters only.
            if let Ok(to) = HeaderValue::from_str(&to) {
                response.headers_mut().insert(header::LOCATION, to);
            }
            response
        }
    }
}

/// Returns a response that is not cached.
fn response(status: StatusCode, kind: &'static str, body: String) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
