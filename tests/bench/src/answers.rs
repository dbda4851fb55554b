//! What Graph answers: the responses of a recording, or the pages of a large tenant.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use runner::egress::{EgressError, EgressStack, Request, whole};
use support::Fixture;
use support::large_tenant;
use support::library::ROOT;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

/// The responses to requests, by method and path with the query below the version root. Clones
/// share them.
#[derive(Clone, Default)]
pub struct Answers(Arc<HashMap<String, Answer>>);

/// A response.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body, which is JSON.
    pub body: Bytes,
}

/// The first page of a list of users, as the component asks for it.
pub const USERS: &str = "/users?$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates&$top=999";

/// Whatever a token endpoint is asked.
const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":86399,"access_token":"any-token"}"#;

impl Answers {
    /// Those of a recording.
    pub fn recorded(fixture: &Fixture) -> Self {
        let answer = |entry: &serde_json::Value| {
            let (request, response) = (&entry["request"], &entry["response"]);
            let url = request["url"].as_str().unwrap();
            let path = url.strip_prefix(ROOT).unwrap();
            let text = response["content"]["text"].as_str().unwrap_or_default().to_owned();
            let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
            let status = StatusCode::from_u16(status).unwrap();
            let key = format!("{} {path}", request["method"].as_str().unwrap());
            (key, Answer { status, body: text.into() })
        };
        Self(Arc::new(fixture.entries.iter().map(answer).collect()))
    }

    /// Those of a tenant with this many users, whose list begins with this path and query.
    pub fn users(users: usize, first: &str) -> Self {
        let runtime = runtime();
        let tenant = large_tenant::tenant(users);
        let mut answers = HashMap::new();
        let mut next = Some(first.to_owned());
        while let Some(path) = next {
            let request = http::Request::get(format!("{ROOT}{path}")).body(Bytes::new()).unwrap();
            let response = runtime.block_on(tenant.clone().oneshot(request)).unwrap();
            let body = runtime.block_on(response.into_body().collect()).unwrap().to_bytes();
            let page: serde_json::Value = serde_json::from_slice(&body).unwrap();
            next = page["@odata.nextLink"]
                .as_str()
                .map(|link| link.strip_prefix(ROOT).unwrap().to_owned());
            answers.insert(format!("GET {path}"), Answer { status: StatusCode::OK, body });
        }
        Self(Arc::new(answers))
    }

    /// The response to a request.
    pub fn to(&self, method: &str, path: &str) -> Answer {
        let answer = self.0.get(&format!("{method} {path}"));
        answer.unwrap_or_else(|| panic!("{method} {path} was not expected")).clone()
    }

    /// The responses from memory, as a way out of the sandbox.
    pub fn egress(&self) -> EgressStack {
        let answers = self.clone();
        BoxCloneSyncService::new(tower::service_fn(move |request: Request| {
            let path = request.uri().path_and_query().unwrap().as_str();
            let answer = answers.to(request.method().as_str(), path.strip_prefix("/v1.0").unwrap());
            async move {
                let mut response = http::Response::new(whole(answer.body));
                *response.status_mut() = answer.status;
                Ok::<_, EgressError>(response)
            }
        }))
    }

    /// Serves the responses on a port of this machine, from a thread of its own, with a token
    /// endpoint beside them.
    pub fn serve(&self) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let answers = self.clone();
        thread::spawn(move || runtime().block_on(answers.accept(listener)));
        address
    }

    async fn accept(self, listener: std::net::TcpListener) {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answers = self.clone();
            let service = service_fn(move |request| answer(answers.clone(), request));
            let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move { served.await.ok() });
        }
    }
}

async fn answer(
    answers: Answers,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path_and_query().unwrap().as_str().to_owned();
    let method = request.method().clone();
    request.into_body().collect().await.unwrap();
    let Answer { status, body } = if method == Method::POST && path.ends_with("/token") {
        Answer { status: StatusCode::OK, body: Bytes::from_static(TOKEN.as_bytes()) }
    } else {
        answers.to(method.as_str(), path.strip_prefix("/v1.0").unwrap())
    };
    let response = http::Response::builder().status(status);
    let response = response
        .header("content-type", "application/json")
        .header("request-id", "77777777-7777-4777-8777-777777777777");
    Ok(response.body(Full::new(body)).unwrap())
}

/// A runtime of one thread, the caller's.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
