//! A server that counts its connections.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Extension, Request};
use axum::http::{HeaderMap, Version};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{Router, routing};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::certificates::{HTTP2, Identity};

/// One request that came in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The number of its connection.
    pub connection: usize,
    pub version: Version,
    /// The authority that it names, in whatever way its version does.
    pub authority: String,
    pub headers: HeaderMap,
}

/// What a server saw.
#[derive(Debug, Default)]
pub struct Counts {
    accepted: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    busy: AtomicUsize,
    most_busy: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
}

/// A server, while the value lives.
pub struct Server {
    address: SocketAddr,
    counts: Arc<Counts>,
    serving: JoinSet<()>,
}

impl Server {
    /// Answers `ok` to everything, over TLS with HTTP/2 and HTTP/1.1.
    pub async fn start(identity: &Identity) -> Self {
        Self::speaking(identity, HTTP2, ok()).await
    }

    /// Answers as `router` says, over TLS with these protocols.
    pub async fn speaking(identity: &Identity, protocols: &[&[u8]], router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let mut serving = JoinSet::new();
        let acceptor = identity.acceptor(protocols);
        serving.spawn(serve(listener, acceptor, router, Arc::clone(&counts)));
        Self { address, counts, serving }
    }

    /// Closes all connections, and starts anew at the same address.
    pub async fn restart(&mut self, identity: &Identity, protocols: &[&[u8]]) {
        self.serving.shutdown().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        let acceptor = identity.acceptor(protocols);
        self.serving.spawn(serve(listener, acceptor, ok(), Arc::clone(&self.counts)));
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as an URL, with a path.
    pub fn url(&self) -> String {
        format!("https://{}/v1.0", self.address)
    }

    /// How many connections it was ever asked for.
    pub fn accepted(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// How many connections were open at the same time, at most.
    pub fn most_open(&self) -> usize {
        self.counts.most_open.load(Ordering::SeqCst)
    }

    /// How many requests it answered at the same time, at most.
    pub fn most_busy(&self) -> usize {
        self.counts.most_busy.load(Ordering::SeqCst)
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.counts.seen.lock().unwrap().clone()
    }

    /// The connections on which requests came whose header `name` is `value`.
    pub fn connections_with(&self, name: &str, value: &str) -> BTreeSet<usize> {
        self.seen()
            .into_iter()
            .filter(|seen| seen.headers.get(name).is_some_and(|own| own == value))
            .map(|seen| seen.connection)
            .collect()
    }
}

/// Answers `ok` to everything.
pub fn ok() -> Router {
    Router::new().fallback(routing::any(|| async { "ok" }))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, router: Router, counts: Arc<Counts>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let number = counts.accepted.fetch_add(1, Ordering::SeqCst);
        let router = counted(router.clone(), number, &counts);
        let (acceptor, counts) = (acceptor.clone(), Arc::clone(&counts));
        connections.spawn(async move {
            let open = counts.open.fetch_add(1, Ordering::SeqCst) + 1;
            counts.most_open.fetch_max(open, Ordering::SeqCst);
            // A client that does not trust the server hangs up.
            if let Ok(stream) = acceptor.accept(stream).await {
                let service = TowerToHyperService::new(router);
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            }
            counts.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

fn counted(router: Router, connection: usize, counts: &Arc<Counts>) -> Router {
    router
        .layer(middleware::from_fn(count))
        .layer(Extension(connection))
        .layer(Extension(Arc::clone(counts)))
}

async fn count(
    Extension(connection): Extension<usize>,
    Extension(counts): Extension<Arc<Counts>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers().clone();
    let named = headers.get("host").map(|host| host.to_str().unwrap());
    let authority = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => named.unwrap_or_default(),
    };
    let (authority, version) = (authority.to_owned(), request.version());
    counts.seen.lock().unwrap().push(Seen { connection, version, authority, headers });
    let busy = counts.busy.fetch_add(1, Ordering::SeqCst) + 1;
    counts.most_busy.fetch_max(busy, Ordering::SeqCst);
    let response = next.run(request).await;
    counts.busy.fetch_sub(1, Ordering::SeqCst);
    response
}
