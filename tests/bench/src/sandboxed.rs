//! The actions in the sandbox: without the platform, and with it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use runner::connections::file::Connections;
use runner::contract::Connection;
use runner::egress::{EgressError, EgressStack, HttpError, Request};
use runner::limits::Limits;
use runner::platform::{Call, Link, Platform, Tenant};
use runner::run::{Executed, Host};
use serde_json::{Map, Value};
use support::library::Job;
use support::platform::connection;
use support::throttling;
use tokio::runtime::Runtime;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::answers::runtime;

/// The component: that of `O365_BENCH_COMPONENT`, which names a file, or else the runner's own.
pub fn component() -> Vec<u8> {
    match std::env::var_os("O365_BENCH_COMPONENT") {
        Some(file) => fs::read(file).unwrap(),
        None => runner::sandbox::COMPONENT.to_vec(),
    }
}

/// Runs of one host, without the platform.
pub struct Sandboxed {
    host: Host,
    runtime: Runtime,
}

impl Sandboxed {
    /// Compiles the component.
    pub fn new() -> Self {
        let host = Host::new(&component(), 8).unwrap();
        Self { host, runtime: runtime() }
    }

    /// Runs an action, whose requests go through `egress`.
    pub fn run(&self, action: &str, input: &Map<String, Value>, egress: &EgressStack) -> Executed {
        let mut job = Job::new(action, input.clone(), egress.clone());
        job.limits = Limits { memory: 1 << 30, result: 1 << 30, ..Limits::default() };
        job.clock = runner::context::Clock::real();
        let executed = self.runtime.block_on(job.run(&self.host));
        assert!(executed.outcome.is_ok(), "{:?}", executed.outcome);
        executed
    }
}

impl Default for Sandboxed {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs of one tenant of a platform.
pub struct OnPlatform {
    platform: Platform,
    runtime: Runtime,
}

impl OnPlatform {
    /// A platform whose tenant's requests are answered by `egress`.
    pub fn given(egress: EgressStack) -> Self {
        Self::with(Link::given("contoso", connection(), egress))
    }

    /// A platform whose tenant has a live connection to this server. `directory` is for its files.
    pub fn live(server: SocketAddr, directory: &Path) -> Self {
        let table = throttling::connection("contoso", &format!("http://{server}"));
        let connections = Connections::read(&throttling::configure(directory, &[&table])).unwrap();
        let configured = connections.iter().next().unwrap().clone();
        Self::with(Link::live(configured))
    }

    /// The same over a new HTTP connection for each request, without a token: as hosts do it that
    /// have no pool, such as wasmtime's own.
    pub fn unpooled(server: SocketAddr) -> Self {
        let client: Client<_, Full<Bytes>> =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        let egress = BoxCloneSyncService::new(service_fn(move |request: Request| {
            let sent = client.request(request.map(Full::new));
            async move {
                let lost = |_| EgressError::Http(HttpError::ConnectionTerminated);
                let response = sent.await.map_err(lost)?;
                Ok(response
                    .map(|body| body.map_err(|_| HttpError::HttpResponseIncomplete).boxed_unsync()))
            }
        }));
        let graph = Connection { graph_url: format!("http://{server}/v1.0"), ..connection() };
        Self::with(Link::given("contoso", graph, egress))
    }

    fn with(link: Link) -> Self {
        let runtime = runtime();
        let platform = Platform::builder().max_runs(8).component(component()).build().unwrap();
        platform.register(Tenant::new("contoso").with_link(link));
        Self { platform, runtime }
    }

    /// Runs an action.
    pub fn run(&self, action: &str, input: &Map<String, Value>) {
        let call = Call::new("contoso", action, Value::Object(input.clone()));
        let result = self.runtime.block_on(self.platform.run(call));
        assert!(result.outcome.is_ok(), "{:?}", result.outcome);
    }
}
