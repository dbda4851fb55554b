//! The component's own logic without a sandbox: what a program that used it as a library would
//! take.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use component::bindings::connector::office365::connections::{Access, Connection};
use component::graph::{
    Body, Clock, Connections, Host, Method, Request, Response, Transport, TransportError,
};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use support::library::ROOT;
use tokio::runtime::Runtime;

use crate::answers::{Answers, runtime};

/// The parts of a host that an action takes.
pub struct Native<T> {
    transport: T,
    clock: RealClock,
    connections: OneConnection,
}

/// A pooled client.
pub struct Pooled {
    client: Client<HttpConnector, Full<Bytes>>,
    runtime: Runtime,
}

/// Responses from memory.
pub struct FromMemory(Answers);

struct RealClock(Instant);

struct OneConnection {
    graph_url: String,
}

impl Native<Pooled> {
    /// A host whose requests go to a server.
    pub fn pooled(server: SocketAddr) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self::new(Pooled { client, runtime: runtime() }, format!("http://{server}/v1.0"))
    }
}

impl Native<FromMemory> {
    /// A host whose requests are answered from memory.
    pub fn from_memory(answers: &Answers) -> Self {
        Self::new(FromMemory(answers.clone()), ROOT.to_owned())
    }
}

impl<T: Transport> Native<T> {
    fn new(transport: T, graph_url: String) -> Self {
        let clock = RealClock(Instant::now());
        Self { transport, clock, connections: OneConnection { graph_url } }
    }

    /// What an action takes.
    pub fn host(&mut self) -> Host<'_> {
        Host {
            transport: &mut self.transport,
            clock: &mut self.clock,
            connections: &mut self.connections,
        }
    }
}

impl Transport for Pooled {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Delete => http::Method::DELETE,
        };
        let mut built = http::Request::builder().method(method).uri(&request.url);
        for (name, value) in &request.headers {
            built = built.header(*name, value);
        }
        let built = built.body(Full::from(request.body.clone())).unwrap();
        self.runtime.block_on(async {
            let (head, body) = self.client.request(built).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes().to_vec();
            let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
            let headers = head.headers.iter().map(text).collect();
            Ok(Response { status: head.status.as_u16(), headers, body: body.into() })
        })
    }
}

impl Transport for FromMemory {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        let path = request.url.strip_prefix(ROOT).unwrap();
        let answer = self.0.to(request.method.as_str(), path);
        // As the sandbox gets it: in parts.
        let mut body = Body::default();
        for part in answer.body.chunks(64 << 10) {
            body.push(part.to_vec());
        }
        Ok(Response { status: answer.status.as_u16(), headers: Vec::new(), body })
    }
}

impl Clock for RealClock {
    fn now(&mut self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&mut self, wait: Duration) {
        thread::sleep(wait);
    }
}

impl Connections for OneConnection {
    fn describe(&mut self, _: &str) -> Result<Connection, String> {
        Ok(Connection {
            graph_url: self.graph_url.clone(),
            tenant: "contoso.onmicrosoft.com".to_owned(),
            sender: None,
            access: Access::AppOnly,
            time_limit_ms: 120_000,
        })
    }

    fn authorization(&mut self, _: &str) -> Result<Option<String>, String> {
        Ok(None)
    }
}
