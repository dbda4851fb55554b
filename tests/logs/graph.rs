//! A Graph and a sign-in host on 127.0.0.1: a simulated tenant, in real time, with a note of
//! every request.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use runner::context::Clock;
use runner::egress::Request;
use runner::egress::simulated;
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// The secret of the connection.
const SECRET: &str = "c4nary-client-secret";

/// The last part of the token that it brings.
const SIGNATURE: &str = "c4nary-access-token";

/// The directory of the token.
const DIRECTORY: &str = "0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a";

/// One request for Graph.
#[derive(Clone, Debug)]
pub struct Seen {
    pub headers: HeaderMap,
}

impl Seen {
    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The servers, and the files of whoever calls them.
pub struct Graph {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    directory: TempDir,
}

impl Graph {
    /// Answers at once.
    pub fn start() -> Self {
        Self::answering(Duration::ZERO, false)
    }

    /// Answers each request for Graph after so long.
    pub fn after(latency: Duration) -> Self {
        Self::answering(latency, false)
    }

    /// Lets nobody sign in, with words that name the user.
    pub fn refusing() -> Self {
        Self::answering(Duration::ZERO, true)
    }

    fn answering(latency: Duration, refuses: bool) -> Self {
        let simulator = Simulator::new(Tenant::built_in().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let noted = Arc::clone(&seen);
        let router = Router::new().fallback(
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let (simulator, noted) = (simulator.clone(), Arc::clone(&noted));
                async move {
                    if let Some(answer) = sign_in(&uri, &headers, refuses) {
                        return answer;
                    }
                    noted.lock().unwrap().push(Seen { headers: headers.clone() });
                    tokio::time::sleep(latency).await;
                    answer(&simulator, method, &uri, headers, body).await
                }
            },
        );
        let address = serve(router);
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        fs::DirBuilder::new().mode(0o700).create(state).unwrap();
        let secret = directory.path().join("secret");
        fs::write(&secret, SECRET).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        Self { address, seen, directory }
    }

    /// Every request for Graph so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A directory for the files of whoever calls.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A configuration with a connection that leads here, and `more`.
    pub fn configuration(&self, more: &str) -> PathBuf {
        let address = self.address;
        let text = format!(
            "[connections.contoso]\ntenant = \"contoso.onmicrosoft.com\"\n\
             client-id = \"11111111-2222-3333-4444-555555555555\"\n\
             client-secret = {{ file = \"secret\" }}\n\
             graph-url = \"http://{address}/v1.0\"\nlogin-url = \"http://{address}\"\n{more}"
        );
        let path = self.directory().join("o365.toml");
        fs::write(&path, text).unwrap();
        path
    }
}

/// Answers as `router` says until the end of the tests, on a port and a thread of its own.
pub fn serve(router: Router) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    address
}

/// What the sign-in host answers; none where it is not asked.
fn sign_in(uri: &Uri, headers: &HeaderMap, refuses: bool) -> Option<Response<Body>> {
    let is_token = uri.path().ends_with("/token");
    let answer = if is_token && refuses {
        json!({
            "error": "invalid_grant", "error_codes": [999999],
            "error_description": "AADSTS999999: The user c4nary@contoso.com is not as usual.",
        })
    } else if is_token {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let (head, claims) = (part(json!({ "alg": "none" })), part(json!({ "tid": DIRECTORY })));
        let token = format!("{head}.{claims}.{SIGNATURE}");
        json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token })
    } else if uri.path().ends_with("/openid-configuration") {
        let host = headers["host"].to_str().unwrap();
        json!({ "issuer": format!("http://{host}/{DIRECTORY}/v2.0") })
    } else {
        return None;
    };
    let status = if is_token && refuses { 400 } else { 200 };
    let response = Response::builder().status(status).header("content-type", "application/json");
    Some(response.body(Body::from(answer.to_string())).unwrap())
}

async fn answer(
    simulator: &Simulator,
    method: Method,
    uri: &Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = format!("https://graph.microsoft.com{uri}").parse().unwrap();
    *request.headers_mut() = headers;
    let egress = simulated::egress(simulator, Caller::application(), Clock::real());
    let (head, body) = egress.oneshot(request).await.unwrap().into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    Response::from_parts(head, Body::from(body))
}
