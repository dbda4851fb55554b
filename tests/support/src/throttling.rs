//! Directories on ports that throttle, and platforms with connections to them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runner::audit::AuditLog;
use runner::connections::file::Connections;
use runner::contract::Policy;
use runner::platform::{Builder, Link, Platform, Tenant};
use runner::simulator::server::{Ports, ServedRequest, Server, ServerOptions};
use runner::simulator::{Limits, Simulator, Tenant as Directory};

/// A directory on a port, and how often it was asked and asked to wait.
pub struct Graph {
    asked: Arc<AtomicUsize>,
    throttled: Arc<AtomicUsize>,
    /// The configuration of a connection to it.
    pub table: String,
}

impl Graph {
    /// Starts it for a connection with this id.
    pub async fn start(id: &str, limits: Limits) -> Self {
        let mut directory = Directory::built_in().unwrap();
        directory.limits = Some(limits);
        let (asked, throttled) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counters = (Arc::clone(&asked), Arc::clone(&throttled));
        let watcher = Arc::new(move |served: &ServedRequest| {
            if served.path.starts_with("/v1.0") {
                counters.0.fetch_add(1, Ordering::SeqCst);
                counters.1.fetch_add(usize::from(served.throttled), Ordering::SeqCst);
            }
        });
        let ports = Ports { http: 0, https: 0 };
        let policy = Policy::embedded().unwrap();
        let (simulator, options) = (Simulator::new(directory), ServerOptions::default());
        let server = Server::bind(simulator, None, policy, ports, options, watcher).await.unwrap();
        let http = server.addresses().unwrap().http;
        tokio::spawn(server.run(std::future::pending()));
        Self { asked, throttled, table: connection(id, &format!("http://{http}")) }
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// How often it asked to wait.
    pub fn throttled(&self) -> usize {
        self.throttled.load(Ordering::SeqCst)
    }
}

/// The configuration of a connection with this id to a Graph that has its sign-in host beside it.
pub fn connection(id: &str, url: &str) -> String {
    format!(
        "[connections.{id}]\ntenant = \"contoso.onmicrosoft.com\"\n\
         client-id = \"11111111-2222-3333-4444-555555555555\"\n\
         client-secret = {{ file = \"secret\" }}\n\
         graph-url = \"{url}/v1.0\"\nlogin-url = \"{url}\"\n",
    )
}

/// The audit log of a platform in this directory.
pub fn log(directory: &Path) -> PathBuf {
    directory.join("audit.jsonl")
}

/// Writes a configuration of these tables into this directory, with the secret that they name.
pub fn configure(directory: &Path, tables: &[&str]) -> PathBuf {
    let secret = directory.join("secret");
    fs::write(&secret, "anything").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let path = directory.join("o365.toml");
    fs::write(&path, tables.concat()).unwrap();
    path
}

/// A platform on which each connection of the tables is that of a tenant with its name.
pub fn platform(builder: Builder, directory: &Path, tables: &[&str]) -> Platform {
    let file = Connections::read(&configure(directory, tables)).unwrap();
    let audit = AuditLog::open(&log(directory)).unwrap();
    let builder = builder.max_runs(16).token_directory(directory.join("tokens")).audit(audit);
    let platform = builder.build().unwrap();
    for configured in file.iter() {
        let link = Link::live(configured.clone());
        platform.register(Tenant::new(&configured.id).with_link(link));
    }
    platform
}
