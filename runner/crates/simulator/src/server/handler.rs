//! The handler of all requests, for Graph and for the sign-in host.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::hosts::{Cloud, Host, Role};
use super::metadata;
use super::sign_in::{self, SignIn};
use super::stored::StoredTenant;
use crate::exchange::MAX_BODY;
use crate::refusal::Refusal;
use crate::{BETA, Request, Time, V1, WithBeta};

/// The time to receive a body.
const BODY_TIME: Duration = Duration::from_secs(60);

/// A served request.
#[derive(Clone, Debug)]
pub struct ServedRequest {
    /// The method.
    pub method: Method,
    /// The path, with the query if the request was for Graph.
    pub path: String,
    /// The status of the response.
    pub status: StatusCode,
    /// The time from the request to the response.
    pub elapsed: Duration,
    /// Whether the request was throttled.
    pub throttled: bool,
    /// Graph's id of the request.
    pub request_id: Option<String>,
}

/// A callback for every served request.
pub type Watcher = Arc<dyn Fn(&ServedRequest) + Send + Sync>;

/// The handler, which both ports share.
pub struct Handler {
    /// The cloud whose host names the server has, too.
    pub cloud: Option<Cloud>,
    /// Whether the beta version is served, as v1.0 is.
    pub beta: bool,
    pub tenant: StoredTenant,
    pub sign_in: SignIn,
    pub policy: contract::Policy,
    pub watcher: Watcher,
}

impl Handler {
    /// Responds to a request that arrived over `scheme`.
    pub async fn serve(
        &self,
        scheme: &'static str,
        request: http::Request<Body>,
    ) -> http::Response<Bytes> {
        let started = Instant::now();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let response = self.respond(scheme, request).await;
        let request_id = response.headers().get("request-id").and_then(|id| id.to_str().ok());
        (self.watcher)(&ServedRequest {
            method,
            // Queries to the sign-in host contain codes.
            path: if matches!(first_segment(&uri), V1 | BETA) {
                whole(&uri).to_owned()
            } else {
                uri.path().to_owned()
            },
            status: response.status(),
            elapsed: started.elapsed(),
            throttled: response.status() == StatusCode::TOO_MANY_REQUESTS,
            request_id: request_id.map(ToOwned::to_owned),
        });
        response
    }

    async fn respond(
        &self,
        scheme: &'static str,
        request: http::Request<Body>,
    ) -> http::Response<Bytes> {
        let (mut head, body) = request.into_parts();
        let refuse =
            |refusal| self.tenant.simulator.refuse(&HeaderMap::new(), refusal, Time::now());
        let authority = authority(&head);
        let found = authority.as_ref().and_then(|name| Host::find(self.cloud, scheme, name));
        let Some(host) = found else { return refuse(misdirected(authority.as_ref())) };
        let Ok(uri) = format!("{}{}", host.base, whole(&head.uri)).parse() else {
            return refuse(Refusal::malformed("The request URI is not valid."));
        };
        head.uri = uri;
        if self.beta {
            head.extensions.insert(WithBeta);
        }
        let read = Limited::new(body, MAX_BODY).collect();
        let body = match tokio::time::timeout(BODY_TIME, read).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return self.refuse(&head, Refusal::too_large());
            }
            _ => {
                return self.refuse(&head, Refusal::malformed("The request body is incomplete."));
            }
        };
        let request = Request::from_parts(head, body);
        if host.role != Role::SignIn && self.has_version(first_segment(request.uri())) {
            return match metadata::is_asked_for(&request) {
                true => metadata::response(),
                false => self.graph(request).await,
            };
        }
        let signed_in = match host.role {
            Role::Graph => None,
            Role::Both | Role::SignIn => {
                self.tenant.simulator.look(|tenant| self.sign_in.respond(tenant, &request, &host))
            }
        };
        signed_in.unwrap_or_else(|| {
            let refusal = unknown(&host, first_segment(request.uri()));
            self.tenant.simulator.refuse(request.headers(), refusal, Time::now())
        })
    }

    async fn graph(&self, request: Request) -> http::Response<Bytes> {
        let authorization = request.headers().get(header::AUTHORIZATION);
        let token = authorization.and_then(|value| value.to_str().ok()).and_then(bearer);
        let caller =
            self.tenant.simulator.look(|tenant| sign_in::caller(tenant, &self.policy, token));
        match caller {
            Ok(caller) => self.tenant.respond(request, caller).await,
            Err(refusal) => {
                let challenge =
                    "Bearer realm=\"\", client_id=\"00000003-0000-0000-c000-000000000000\"";
                let refusal = refusal.with("www-authenticate", challenge.to_owned());
                self.tenant.simulator.refuse(request.headers(), refusal, Time::now())
            }
        }
    }

    /// Returns whether a segment is a version of Graph that is served.
    fn has_version(&self, segment: &str) -> bool {
        segment == V1 || (segment == BETA && self.beta)
    }

    fn refuse(&self, head: &Parts, refusal: Refusal) -> http::Response<Bytes> {
        self.tenant.simulator.refuse(&head.headers, refusal, Time::now())
    }
}

/// Returns the token of an `Authorization` header. The case of the scheme is ignored.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Returns the host and the port that a request names.
fn authority(head: &Parts) -> Option<Authority> {
    let named = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    head.uri.authority().cloned().or(named)
}

/// Returns the refusal of a host that is not served.
fn misdirected(authority: Option<&Authority>) -> Refusal {
    let cloud = authority.and_then(|authority| Cloud::of(authority.host()));
    let message = match cloud {
        Some(cloud) => format!(
            "The simulated tenant has this host name over HTTPS alone, with --as-microsoft={}.",
            cloud.name()
        ),
        None => {
            "The simulated tenant is available on this machine only: use localhost or 127.0.0.1."
                .to_owned()
        }
    };
    Refusal::new(StatusCode::MISDIRECTED_REQUEST, "BadRequest", message)
}

/// Returns the refusal of a path that `host` does not have.
fn unknown(host: &Host, segment: &str) -> Refusal {
    let Host { role, base, graph, .. } = host;
    let places = match role {
        Role::Both => format!("Graph is {base}/{V1}, and the sign-in host {base}"),
        Role::Graph => format!("Graph is {base}/{V1}"),
        Role::SignIn => format!("the sign-in host is {base}, and Graph https://{graph}/{V1}"),
    };
    let beta = match (segment, role) {
        (BETA, Role::Both | Role::Graph) => " With --beta, it serves beta as v1.0.",
        _ => "",
    };
    Refusal::malformed(format!("Invalid version: '{segment}'. Here {places}.{beta}"))
}

fn first_segment(uri: &Uri) -> &str {
    uri.path().trim_start_matches('/').split('/').next().unwrap_or_default()
}

fn whole(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}
