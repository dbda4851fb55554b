//! A tenant in small, on 127.0.0.1: a sign-in host and a Graph that answers from the
//! fixtures, and a note of every request.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use support::{Call, Fixture, o365};

/// The tenant's id.
pub const ID: &str = "0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a";

/// The line that signs the application in, as `Tenant::o365` sets the variable.
pub const SECRET: &str = "client-secret = { env = \"CONTOSO_SECRET\" }";

/// One request that came in.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub authorization: Option<String>,
    pub body: String,
}

impl Seen {
    /// Whether it is for Graph.
    pub fn is_call(&self) -> bool {
        self.path.starts_with("/v1.0/")
    }

    /// Whether it asks for a token.
    pub fn is_sign_in(&self) -> bool {
        self.path.ends_with("/oauth2/v2.0/token")
    }
}

/// What is answered to a request instead of the usual, if anything.
pub type Instead = Arc<dyn Fn(&Seen) -> Option<Response> + Send + Sync>;

/// How the tenant is.
#[derive(Clone)]
pub struct Settings {
    /// The claims of its access tokens; with none they are opaque.
    pub claims: Option<Value>,
    /// What the sign-in host asks for, as one field of the form: `client_secret=...`.
    pub credential: String,
    /// What Graph answers from.
    pub fixture: (&'static str, &'static str),
    /// What Graph answers instead, first of all, to each request.
    pub first: Vec<(u16, Vec<(&'static str, &'static str)>)>,
    /// The refresh token that comes with each access token.
    pub refresh_token: Option<String>,
    /// Over TLS instead of plain HTTP.
    pub tls: Option<Tls>,
    /// A date that the hosts tell instead of today's.
    pub date: Option<&'static str>,
    /// What its hosts answer where they misbehave.
    pub instead: Option<Instead>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            claims: Some(json!({
                "tid": ID,
                "aud": "https://graph.microsoft.com",
                "roles": ["User.ReadWrite.All", "Organization.Read.All", "Mail.Send"],
            })),
            credential: "client_secret=open-sesame".to_owned(),
            fixture: ("verify-connection", "all-well"),
            first: Vec::new(),
            refresh_token: None,
            tls: None,
            date: None,
            instead: None,
        }
    }
}

/// The servers, while the value lives.
pub struct Tenant {
    scheme: &'static str,
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    token: String,
    directory: TempDir,
    _runtime: tokio::runtime::Runtime,
}

struct Served {
    settings: Settings,
    entries: Vec<Value>,
    token: String,
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Tenant {
    pub fn start(settings: Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let token = token(&settings);
        let tls = settings.tls;
        let (action, case) = settings.fixture;
        let served = Arc::new(Served {
            entries: Fixture::named(action, case).entries,
            settings,
            token: token.clone(),
            address,
            seen: Arc::clone(&seen),
        });
        let router = Router::new().fallback(
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let served = Arc::clone(&served);
                async move { served.answer(&method, &uri, &headers, &body) }
            },
        );
        let directory = tempfile::tempdir().unwrap();
        match tls {
            None => runtime.spawn(async move { axum::serve(listener, router).await.unwrap() }),
            Some(tls) => {
                let acceptor = tls.acceptor(directory.path());
                let listener = TlsListener { listener, acceptor };
                runtime.spawn(async move { axum::serve(listener, router).await.unwrap() })
            }
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        Self { scheme, address, seen, token, directory, _runtime: runtime }
    }

    /// The access token that the sign-in brings.
    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A directory for the call's own files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests that Graph got.
    pub fn calls(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(Seen::is_call).collect()
    }

    /// `o365` with a configuration that leads here; `lines` sign the connection in.
    pub fn o365(&self, arguments: &[&str], lines: &str) -> Call {
        let Self { scheme, address, .. } = self;
        let text = format!(
            "[connections.contoso]\ntenant = \"contoso.onmicrosoft.com\"\nclient-id = \"11111111-2222-3333-4444-555555555555\"\ngraph-url = \"{scheme}://{address}/v1.0\"\nlogin-url = \"{scheme}://{address}\"\nsender = \"noreply@contoso.onmicrosoft.com\"\n{lines}\n"
        );
        let path = self.directory().join("o365.toml");
        fs::write(&path, text).unwrap();
        o365(arguments)
            .env("O365_CONFIG", path)
            .env("O365_STATE_DIR", self.directory().join("state"))
            .env("CONTOSO_SECRET", "open-sesame")
    }
}

/// An unsigned JWT, or what is none.
fn token(settings: &Settings) -> String {
    match &settings.claims {
        Some(claims) => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.c2lnbmF0dXJl", part(&json!({ "alg": "none" })), part(claims))
        }
        None => "opaque-t0ken".to_owned(),
    }
}

impl Served {
    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
        let authorization = headers.get(header::AUTHORIZATION);
        let seen = Seen {
            method: method.to_string(),
            path: uri.path_and_query().unwrap().to_string(),
            authorization: authorization.map(|value| value.to_str().unwrap().to_owned()),
            body: String::from_utf8_lossy(body).into_owned(),
        };
        let mut all = self.seen.lock().unwrap();
        let position = all.iter().filter(|seen| seen.is_call()).count();
        all.push(seen.clone());
        drop(all);
        let instead = self.settings.instead.as_ref().and_then(|instead| instead(&seen));
        let mut response = if let Some(response) = instead {
            response
        } else if uri.path().starts_with("/v1.0/") {
            self.graph(&seen, uri, position)
        } else {
            self.login(&seen, uri)
        };
        if let Some(date) = self.settings.date {
            response.headers_mut().insert(header::DATE, date.parse().unwrap());
        }
        response
    }

    fn login(&self, seen: &Seen, uri: &Uri) -> Response {
        if uri.path().ends_with("/.well-known/openid-configuration") {
            let issuer = format!("http://{}/{ID}/v2.0", self.address);
            return json_of(200, &json!({ "issuer": issuer }));
        }
        if uri.path().ends_with("/oauth2/v2.0/devicecode") {
            let page = "https://login.contoso.com/device";
            return json_of(
                200,
                &json!({ "device_code": "d3vice", "user_code": "ABCD1234", "verification_uri": page, "expires_in": 900, "interval": 1 }),
            );
        }
        if !uri.path().ends_with("/oauth2/v2.0/token") {
            return StatusCode::NOT_FOUND.into_response();
        }
        if !seen.body.split('&').any(|field| field == self.settings.credential) {
            let description = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t";
            return json_of(
                401,
                &json!({ "error": "invalid_client", "error_description": description, "error_codes": [7_000_215] }),
            );
        }
        let mut granted =
            json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": self.token });
        if let Some(refresh_token) = &self.settings.refresh_token {
            granted["refresh_token"] = refresh_token.clone().into();
        }
        json_of(200, &granted)
    }

    fn graph(&self, seen: &Seen, uri: &Uri, position: usize) -> Response {
        if seen.authorization != Some(format!("Bearer {}", self.token)) {
            return json_of(
                401,
                &json!({ "error": { "code": "InvalidAuthenticationToken", "message": "Access token is empty." } }),
            );
        }
        if let Some((status, headers)) = self.settings.first.get(position) {
            let mut response = json_of(
                *status,
                &json!({ "error": { "code": "TooManyRequests", "message": "Too many." } }),
            );
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            return response;
        }
        let recorded = self.entries.iter().find(|entry| {
            let url: Uri = entry["request"]["url"].as_str().unwrap().parse().unwrap();
            entry["request"]["method"] == seen.method && url.path() == uri.path()
        });
        let Some(recorded) = recorded else { return StatusCode::NOT_FOUND.into_response() };
        let response = &recorded["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let text = response["content"]["text"].as_str().unwrap_or_default().to_owned();
        let status = StatusCode::from_u16(status).unwrap();
        let headers = [("content-type", "application/json"), ("request-id", "r-1")];
        (status, headers, text).into_response()
    }
}

/// An answer with this JSON.
pub fn json_of(status: u16, value: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Who signed the server's certificate.
#[derive(Clone, Copy, Debug)]
pub enum Tls {
    /// An authority that no platform knows; its certificate is `authority.pem`.
    PrivateAuthority,
    /// The server itself.
    SelfSigned,
}

impl Tls {
    fn acceptor(self, directory: &Path) -> TlsAcceptor {
        let mut server = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        server.distinguished_name.push(DnType::CommonName, "contoso");
        let key = KeyPair::generate().unwrap();
        let certificate = match self {
            Self::SelfSigned => server.self_signed(&key).unwrap(),
            Self::PrivateAuthority => {
                let mut params = CertificateParams::new([]).unwrap();
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                params.distinguished_name.push(DnType::CommonName, "Contoso authority");
                let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap());
                let authority = authority.unwrap();
                fs::write(directory.join("authority.pem"), authority.pem()).unwrap();
                server.signed_by(&key, &authority).unwrap()
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            // A client that does not trust the server hangs up.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
