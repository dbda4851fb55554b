//! Servers that speak byte by byte, without TLS, as only this machine may be spoken to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// A server that does one thing with each connection, while the value lives.
pub struct Wire {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    heads: Heads,
    _serving: JoinSet<()>,
}

/// The heads of all requests that were read.
#[derive(Clone, Default)]
pub struct Heads(Arc<Mutex<Vec<String>>>);

impl Wire {
    /// Calls `serve` with each connection and its number; the connection closes when that
    /// ends.
    pub async fn start<F>(serve: impl Fn(TcpStream, usize, Heads) -> F + Send + 'static) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, heads) = (Arc::new(AtomicUsize::new(0)), Heads::default());
        let mut serving = JoinSet::new();
        let (counter, noted) = (Arc::clone(&accepted), heads.clone());
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let served = serve(stream, counter.fetch_add(1, Ordering::SeqCst), noted.clone());
                connections.spawn(async move {
                    // The client may be gone.
                    let _ = served.await;
                });
            }
        });
        Self { address, accepted, heads, _serving: serving }
    }

    /// Answers each request with these bytes, and closes.
    pub async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = Arc::new(answer.into());
        Self::start(move |mut stream, _, heads| {
            let answer = Arc::clone(&answer);
            async move {
                heads.read(&mut stream).await?;
                stream.write_all(&answer).await?;
                stream.shutdown().await
            }
        })
        .await
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1.0", self.address)
    }

    /// How many connections came.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The head of each request that came.
    pub fn heads(&self) -> Vec<String> {
        self.heads.0.lock().unwrap().clone()
    }
}

impl Heads {
    /// Reads one request's head, up to its empty line, and notes it.
    pub async fn read(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        self.0.lock().unwrap().push(String::from_utf8(head).unwrap());
        Ok(())
    }
}

/// A port where nothing listens.
pub async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// An address where a connection is never made: its queue is full.
pub struct Deaf {
    pub address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Deaf {
    pub async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        // The system decides how many it queues.
        while let Ok(stream) = tokio::time::timeout(super::SHORT, TcpStream::connect(address)).await
        {
            queued.push(stream.unwrap());
        }
        Self { address, _listener: listener, _queued: queued }
    }
}
