//! The actions in the sandbox: without the platform, and with it.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use runner::connections::file::Connections;
use runner::egress::EgressStack;
use runner::limits::Limits;
use runner::platform::{Call, Link, Platform, Tenant};
use runner::run::{Executed, Host};
use serde_json::{Map, Value};
use support::library::Job;
use support::platform::connection;
use support::throttling;
use tokio::runtime::Runtime;

use crate::answers::runtime;

/// The component: that of `O365_BENCH_COMPONENT`, which names a file, or else the runner's own.
fn component() -> Vec<u8> {
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
        let secret = directory.join("secret");
        fs::write(&secret, "anything").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let file = directory.join("o365.toml");
        fs::write(&file, throttling::connection("contoso", &format!("http://{server}"))).unwrap();
        let connections = Connections::read(&file).unwrap();
        let configured = connections.iter().next().unwrap().clone();
        Self::with(Link::live(configured))
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
