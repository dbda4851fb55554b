//! An Entra tenant in memory that responds as Microsoft Graph v1.0 does.
//!
//! The simulator opens no sockets, reads no clock and uses no random numbers: the same requests to
//! the same tenant have the same responses. The crate `graph` defines what Graph accepts.
//!
//! # Layout
//!
//! - `tenant`: the tenant; `users`, `user`, `groups`, `plans`, `mail`, `changes`, `lag`, `time` and
//!   `shared_str` are its parts
//! - `state`: the file of a tenant
//! - `seed`, `generator`: the built-in tenant, and tenants of any size
//! - `route`: the operation of a method and a path; `resources` executes it
//! - `objects`, `relations`: what users and groups have in common, and how they refer to each other
//! - `exchange`, `batch`: requests, responses and batches
//! - `odata`: query options
//! - `caller`: callers; `permissions`: what each call needs
//! - `throttling`: throttling
//! - [`server`]: the tenant on local ports, with a sign-in host
//!
//! # Examples
//!
//! ```
//! use simulator::{Caller, Simulator, Tenant};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::new(Tenant::built_in()?);
//! let users = "https://graph.microsoft.com/v1.0/users?$select=displayName";
//! let request = http::Request::get(users).body(bytes::Bytes::new())?;
//! let now = simulator.look(|tenant| tenant.time);
//! let response = simulator.respond(&request, &Caller::application(), now);
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! ```

mod batch;
mod caller;
mod changes;
mod exchange;
mod generator;
mod groups;
mod lag;
mod mail;
mod objects;
mod odata;
mod permissions;
mod plans;
mod relations;
mod resources;
mod route;
mod seed;
pub mod server;
mod shared_str;
pub mod state;
pub mod tenant;
mod throttling;
mod time;
mod user;
mod users;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde_json::{Value, json};

pub use caller::Caller;
pub use guid::{Guid, InvalidGuid};
pub use lag::Lagging;
pub use plans::{AssignedPlan, Plans, ProvisionedPlan};
pub use seed::SeedError;
pub use shared_str::SharedStr;
pub use tenant::Tenant;
pub use throttling::Limits;
pub use time::Time;
pub use users::Users;

use batch::Item;
use exchange::{Body, Exchange, Media, Response, ResponseOrRefusal};
use graph::{guid, refusal};
use odata::Query;
use refusal::Refusal;
use route::{Operation, Target};
use throttling::{Cost, Throttle};

/// Graph's version, the first segment of its paths.
const V1: &str = "v1.0";

/// The version that is still to become one. The simulated one is v1.0.
const BETA: &str = "beta";

/// Graph's media type of JSON.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The value of Graph's diagnostic header.
const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"SIMULATED"}}"#;

/// A request with its body.
pub type Request = http::Request<Bytes>;

/// A simulated tenant. Clones refer to the same tenant.
#[derive(Clone, Debug)]
pub struct Simulator(Arc<Mutex<SimulatorState>>);

#[derive(Debug)]
struct SimulatorState {
    tenant: Tenant,
    throttle: Throttle,
    /// The number of requests, from which their ids derive.
    requests: u64,
}

/// A request or an item of a batch.
struct Incoming<'a> {
    method: &'a Method,
    /// The URL of Graph's version root.
    base: &'a str,
    /// The path below the version root, with the query.
    path: &'a str,
    headers: &'a HeaderMap,
    body: &'a Bytes,
}

impl Simulator {
    /// Creates a simulator of `tenant`.
    pub fn new(tenant: Tenant) -> Self {
        Self(Arc::new(Mutex::new(SimulatorState {
            tenant,
            throttle: Throttle::default(),
            requests: 0,
        })))
    }

    /// Returns a copy of the tenant.
    pub fn tenant(&self) -> Tenant {
        self.look(Tenant::clone)
    }

    /// Reads the tenant, under its lock.
    pub fn look<T>(&self, look: impl FnOnce(&Tenant) -> T) -> T {
        look(&self.lock().tenant)
    }

    /// Changes the tenant, as an administrator would.
    pub fn change<T>(&self, change: impl FnOnce(&mut Tenant) -> T) -> T {
        change(&mut self.lock().tenant)
    }

    /// Responds to a request of `caller` at the time `at`. Links in the response have the host and
    /// the version root of the request.
    pub fn respond(&self, request: &Request, caller: &Caller, at: Time) -> http::Response<Bytes> {
        let mut tenancy = self.lock();
        tenancy.tenant.time = tenancy.tenant.time.max(at);
        let (base, path) = split(request.uri(), request.extensions().get().copied());
        let asked = Incoming {
            method: request.method(),
            base: &base,
            path: &path,
            headers: request.headers(),
            body: request.body(),
        };
        tenancy.respond(&asked, caller, at)
    }

    /// Responds with a refusal to a request with these headers.
    fn refuse(&self, headers: &HeaderMap, refusal: Refusal, at: Time) -> http::Response<Bytes> {
        self.lock().finish(headers, Err(refusal), at)
    }

    fn lock(&self) -> MutexGuard<'_, SimulatorState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimulatorState {
    fn respond(
        &mut self,
        asked: &Incoming<'_>,
        caller: &Caller,
        at: Time,
    ) -> http::Response<Bytes> {
        let result = self.execute(asked, caller, at);
        self.finish(asked.headers, result, at)
    }

    /// Completes a response or a refusal with ids and common headers.
    fn finish(
        &mut self,
        asked: &HeaderMap,
        result: ResponseOrRefusal,
        at: Time,
    ) -> http::Response<Bytes> {
        self.requests += 1;
        let request_id = Guid::of(&[
            b"request",
            self.tenant.id.to_string().as_bytes(),
            at.to_string().as_bytes(),
            &self.requests.to_le_bytes(),
        ])
        .to_string();
        let sent = asked.get("client-request-id").and_then(|id| id.to_str().ok());
        let client_request_id = sent.unwrap_or(&request_id).to_owned();
        let response = result.unwrap_or_else(|refusal| Response {
            status: refusal.status,
            body: Body::Json(refusal.body(&at.without_zone(), &request_id, &client_request_id)),
            headers: refusal.headers,
        });
        let ids = [("request-id", request_id), ("client-request-id", client_request_id)];
        finished(response, ids, at)
    }

    fn execute(&mut self, asked: &Incoming<'_>, caller: &Caller, at: Time) -> ResponseOrRefusal {
        let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        let exchange = Exchange {
            method: asked.method,
            base: asked.base.to_owned(),
            query: Query::parse(query),
            eventual: Exchange::is_eventual(asked.headers),
            media: Media::of(asked.headers),
            body: asked.body.clone(),
            caller,
            at,
        };
        let operation = Operation::find(exchange.method, path)?;
        graph::check_size(&exchange.body)?;
        let cost = Cost::of(exchange.method, &operation, &exchange.query);
        let headers = cost.map(|cost| self.count(cost, caller, at)).transpose()?;
        caller.check(&operation)?;
        let mut response = match operation.target {
            // Each of its requests has an `Accept` of its own.
            Target::Batch => self.batch(&exchange)?,
            _ => {
                let response = resources::respond(&mut self.tenant, &exchange, &operation)?;
                response.for_client(asked.headers)
            }
        };
        response.headers.extend(headers.into_iter().flatten());
        Ok(response)
    }

    /// Counts the cost of a call. Returns the headers on throttling.
    fn count(
        &mut self,
        cost: Cost,
        caller: &Caller,
        at: Time,
    ) -> Result<Vec<(&'static str, String)>, Refusal> {
        let size = self.tenant.users.len();
        let limits = self.tenant.limits.unwrap_or_else(|| Limits::of_tenant(size));
        self.throttle.count(cost, limits, (&caller.app_id, self.tenant.id), at)
    }

    /// Executes the requests of a batch, in order.
    fn batch(&mut self, exchange: &Exchange<'_>) -> ResponseOrRefusal {
        let mut statuses: BTreeMap<String, StatusCode> = BTreeMap::new();
        let mut responses: Vec<Value> = Vec::new();
        for item in batch::read(&exchange.object()?, &exchange.base)? {
            let response = if item.is_blocked(&statuses) {
                let Refusal { status, .. } = Item::failed_dependency();
                let body = Item::failed_dependency().body(&exchange.at.without_zone(), "", "");
                let response = Response { status, headers: Vec::new(), body: Body::Json(body) };
                finished(response, [], exchange.at)
            } else {
                let asked = Incoming {
                    method: &item.method,
                    base: &exchange.base,
                    path: &item.url,
                    headers: &item.headers,
                    body: &item.body,
                };
                self.respond(&asked, exchange.caller, exchange.at)
            };
            statuses.insert(item.id.to_ascii_lowercase(), response.status());
            responses.push(batch::response_json(&item.id, &response));
        }
        Ok(Response::json(json!({ "responses": responses })))
    }
}

/// An extension of a request: its URL may name the beta version, which is responded to as v1.0.
#[derive(Clone, Copy)]
struct WithBeta;

/// Splits a URL into Graph's version root and the rest.
fn split(uri: &Uri, beta: Option<WithBeta>) -> (String, String) {
    let scheme = uri.scheme_str().unwrap_or("https");
    let host = uri.authority().map_or("graph.microsoft.com", |authority| authority.as_str());
    let whole = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = uri.path();
    // The path may begin with the prefix of a proxy.
    let mut end = 0;
    for segment in path.split('/') {
        end += segment.len();
        let is_version = segment == V1 || (segment == BETA && beta.is_some());
        if let (true, Some((root, rest))) = (is_version, whole.split_at_checked(end)) {
            return (format!("{scheme}://{host}{root}"), rest.to_owned());
        }
        end += "/".len();
    }
    (format!("{scheme}://{host}{path}/{V1}"), "/".to_owned())
}

/// Returns the HTTP response with the common headers.
fn finished<const N: usize>(
    content: Response,
    ids: [(&'static str, String); N],
    at: Time,
) -> http::Response<Bytes> {
    let (kind, body) = match content.body {
        Body::Empty => (None, Bytes::new()),
        Body::Text(text) => (Some("text/plain"), Bytes::from(text)),
        Body::Json(json) => (Some(JSON), serde_json::to_vec(&json).unwrap_or_default().into()),
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = content.status;
    let common = [
        ("date", at.http_date()),
        ("cache-control", "no-store".to_owned()),
        ("x-ms-ags-diagnostic", DIAGNOSTIC.to_owned()),
    ];
    let kind = kind.map(|kind| ("content-type", kind.to_owned()));
    let all = ids.into_iter().chain(common).chain(kind).chain(content.headers);
    for (name, value) in all {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
