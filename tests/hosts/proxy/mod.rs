//! The faulty proxy: Graph as a simulated tenant, behind a connection on which something
//! happens.
//!
//! - `wire`: reading requests
//! - `tenant`: the tenant, and its answers
//! - `faults`: writing an answer with a fault

mod faults;
mod tenant;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::cases::{Case, Fault};
use faults::Then;

pub use tenant::{Directory, TOKEN};
pub use wire::Request;

/// A request that arrived.
pub struct Arrived {
    pub request: Request,
    /// Whether the tenant carried it out.
    pub carried_out: bool,
}

/// What a proxy knows, and tells afterwards.
pub struct Seen {
    case: &'static Case,
    pub directory: Directory,
    pub arrived: Mutex<Vec<Arrived>>,
    /// How many connections are open, and were open at most.
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Seen {
    /// How many connections were open at a time, at most.
    pub fn most_open(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    /// The fault that happens to a request, and the number of the call that it is of.
    fn fault(&self, request: &Request) -> (Fault, usize) {
        let Case { call, fault, times, .. } = self.case;
        let is = |request: &Request| call.is(&request.method, request.path());
        let arrived = self.arrived.lock().unwrap();
        let before = arrived.iter().filter(|arrived| is(&arrived.request)).count();
        (if is(request) && before < *times { *fault } else { Fault::None }, before)
    }
}

/// A proxy; it ends with this value.
pub struct Proxy {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    /// The scheme of its address.
    scheme: &'static str,
    serving: Option<JoinHandle<()>>,
    /// What keeps the port where nothing listens.
    _taken: Option<TcpSocket>,
}

impl Proxy {
    /// A proxy for a case, on a port of its own.
    pub async fn start(case: &'static Case) -> Self {
        let seen = Arc::new(Seen {
            case,
            directory: Directory::new(),
            arrived: Mutex::default(),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
        });
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        if case.fault == Fault::Refused {
            let taken = TcpSocket::new_v4().unwrap();
            taken.bind(local).unwrap();
            let address = taken.local_addr().unwrap();
            return Self { address, seen, scheme: "http", serving: None, _taken: Some(taken) };
        }
        let listener = TcpListener::bind(local).await.unwrap();
        let address = listener.local_addr().unwrap();
        let tls = (case.fault == Fault::Untrusted).then(faults::untrusted);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let serving = Some(tokio::spawn(serve(listener, Arc::clone(&seen), tls)));
        Self { address, seen, scheme, serving, _taken: None }
    }

    /// Its root.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Graph's version root.
    pub fn graph_url(&self) -> String {
        format!("{}/v1.0", self.url())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

async fn serve(listener: TcpListener, seen: Arc<Seen>, tls: Option<TlsAcceptor>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let open = seen.open.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_open.fetch_max(open, Ordering::SeqCst);
        let (seen, tls) = (Arc::clone(&seen), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, &seen).await,
                // Who does not trust the certificate goes away.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, &seen).await;
                    }
                }
            }
            seen.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// A stream on which a connection can be reset.
trait Stream: AsyncRead + AsyncWrite + Unpin {
    fn reset(self);
}

impl Stream for TcpStream {
    fn reset(self) {
        self.set_zero_linger().unwrap();
    }
}

impl Stream for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset(self) {}
}

async fn connection(mut stream: impl Stream, seen: &Seen) {
    while let Ok(Some(request)) = Request::read(&mut stream).await {
        let (fault, before) = seen.fault(&request);
        let carried_out = fault != Fault::Redirect;
        let answer = match fault {
            Fault::Redirect => faults::redirect(),
            Fault::Pages => faults::page(before, request.header("host").unwrap_or_default()),
            _ => seen.directory.answer(&request),
        };
        seen.arrived.lock().unwrap().push(Arrived { request, carried_out });
        match faults::write(&mut stream, fault, answer).await {
            Ok(Then::Next) => {}
            Ok(Then::Reset) => return stream.reset(),
            // Who has gone away takes no answer.
            Ok(Then::Close) | Err(_) => return,
        }
    }
}
