//! Many tenants in one process: whoever may call, calls; nobody sees or slows anybody else.
//!
//! - `tenant`: a tenant as it is registered
//! - `link`: a connection of a tenant
//! - `call`: what is asked for, and what came of it
//! - `admission`: whose run is next
//! - `run`: one run from its turn to its end
//! - `failure`: why a call has no result

mod admission;
mod call;
mod failure;
mod link;
mod run;
mod tenant;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use admission::{Busy, Load};
pub use call::{Call, CallResult};
pub use failure::{Failure, Refusal};
pub use link::Link;
pub use tenant::Tenant;

pub use crate::limits::{DEFAULT_MAX_RUNS, TenantLimits};

use crate::audit::AuditLog;
use crate::connections::tokens::TokenCache;
use crate::context::Receipt;
use crate::fair_queue::Permits;
use crate::run::{Host, HostError, Shared};
use crate::sandbox::COMPONENT;
use tenant::Registered;

/// How long runs that were cut short may take to be noted.
const NOTED: Duration = Duration::from_secs(5);

/// A component, ready to run for many tenants at a time. Clones are of the same platform.
///
/// # Examples
///
/// Two tenants, one of which may not delete. Each has a simulated directory of its own;
/// [`Link::live`] leads to Microsoft Graph itself.
///
/// ```
/// use std::time::Duration;
///
/// use runner::platform::{Call, Failure, Link, Platform, Refusal, Tenant, TenantLimits};
/// use runner::simulator::{Simulator, Tenant as Directory};
/// use serde_json::json;
///
/// # async fn embed() -> Result<(), Box<dyn std::error::Error>> {
/// let platform = Platform::builder().max_runs(8).build()?;
/// for id in ["contoso", "fabrikam"] {
///     let directory = Simulator::new(Directory::built_in()?);
///     let tenant = Tenant::new(id).with_link(Link::simulated("directory", directory));
///     platform.register(tenant.with_limits(TenantLimits {
///         concurrent_runs: 4,
///         memory: 32 << 20,
///         ..TenantLimits::default()
///     }));
/// }
///
/// // A result and a receipt.
/// let seats = json!({ "serviceId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06" });
/// let call = Call::new("contoso", "get-available-license-count", seats);
/// let answer = platform.run(call.within(Duration::from_secs(30))).await;
/// assert!(answer.outcome?.as_u64() > Some(0));
/// assert_eq!(answer.receipt.graph_requests, 1);
///
/// // A tenant can be registered again at any time: runs that go on are not disturbed.
/// let directory = Simulator::new(Directory::built_in()?);
/// platform.register(
///     Tenant::new("fabrikam")
///         .with_link(Link::simulated("directory", directory))
///         .with_actions(["get-available-license-count"]),
/// );
/// let deletion = json!({ "userPrincipalName": "anna@contoso.onmicrosoft.com" });
/// let answer = platform.run(Call::new("fabrikam", "delete-user", deletion)).await;
/// assert_eq!(
///     answer.outcome,
///     Err(Failure::Refused(Refusal::NotAllowed { action: "delete-user".to_owned() })),
/// );
///
/// // So can the component be another one.
/// platform.reload(runner::sandbox::COMPONENT.to_vec()).await?;
///
/// // At the end nothing new begins, and what goes on may finish.
/// let cut = platform.stop(Duration::from_secs(10)).await;
/// assert_eq!(cut, 0);
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(embed()).unwrap();
/// ```
///
/// On Microsoft Graph itself, over the connections of an `o365.toml`, with an audit log. A
/// platform that keeps them elsewhere gives their text to [`Connections::parse`].
///
/// ```no_run
/// use std::path::Path;
///
/// use runner::audit::AuditLog;
/// use runner::connections::file::Connections;
/// use runner::platform::{Link, Platform, Tenant};
///
/// # fn embed() -> Result<(), Box<dyn std::error::Error>> {
/// let log = AuditLog::open(Path::new("audit.jsonl"))?;
/// let platform = Platform::builder().audit(log).build()?;
/// let file = Connections::read(Path::new("o365.toml"))?;
/// let links = file.iter().cloned().map(Link::live);
/// platform.register(links.fold(Tenant::new("contoso"), Tenant::with_link));
/// # Ok(())
/// # }
/// ```
///
/// [`Connections::parse`]: crate::connections::file::Connections::parse
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    host: ArcSwap<Host>,
    tenants: ArcSwap<HashMap<String, Arc<Registered>>>,
    /// The runs that may go on at a time.
    permits: Permits,
    shared: Shared,
    audit: Option<AuditLog>,
    runs: TaskTracker,
    stopping: CancellationToken,
    cut: CancellationToken,
}

/// How a platform is set up.
#[derive(Debug)]
pub struct Builder {
    max_runs: u32,
    component: Option<Vec<u8>>,
    audit: Option<AuditLog>,
    tokens: TokenCache,
}

impl Builder {
    /// How many runs may go on at a time, of all tenants together. Each reserves some address
    /// space; what waits for its turn takes none.
    pub fn max_runs(self, max_runs: u32) -> Self {
        Self { max_runs: max_runs.max(1), ..self }
    }

    /// The component to run, in place of the one that was built with this runner.
    pub fn component(self, bytes: Vec<u8>) -> Self {
        Self { component: Some(bytes), ..self }
    }

    /// Where runs are noted; without it nowhere.
    pub fn audit(self, audit: AuditLog) -> Self {
        Self { audit: Some(audit), ..self }
    }

    /// Where tokens are kept between processes, in place of the user's state directory.
    pub fn token_directory(self, directory: PathBuf) -> Self {
        Self { tokens: TokenCache::kept_in(directory), ..self }
    }

    /// The platform, without a tenant. Compiles the component, which may take a second.
    ///
    /// # Errors
    /// When the machine lacks something that the sandbox needs, or the component cannot be run.
    pub fn build(self) -> Result<Platform, HostError> {
        let component = self.component.as_deref().unwrap_or(COMPONENT);
        let permits = usize::try_from(self.max_runs).unwrap_or(usize::MAX);
        Ok(Platform(Arc::new(Inner {
            host: ArcSwap::from_pointee(Host::new(component, self.max_runs)?),
            tenants: ArcSwap::default(),
            permits: Permits::new(permits),
            shared: Shared { tokens: self.tokens, ..Shared::default() },
            audit: self.audit,
            runs: TaskTracker::new(),
            stopping: CancellationToken::new(),
            cut: CancellationToken::new(),
        })))
    }
}

impl Platform {
    /// Sets a platform up.
    pub fn builder() -> Builder {
        Builder {
            max_runs: DEFAULT_MAX_RUNS,
            component: None,
            audit: None,
            tokens: TokenCache::default(),
        }
    }

    /// Registers a tenant, in place of one with the same id. Runs that go on keep what they
    /// began with.
    pub fn register(&self, tenant: Tenant) {
        self.0.tenants.rcu(|tenants| {
            let mut tenants = HashMap::clone(tenants);
            let registered = self.0.registered(tenant.clone(), &tenants);
            tenants.insert(tenant.id.clone(), registered);
            tenants
        });
    }

    /// Takes no more calls for a tenant; runs that go on, or wait for their turn, come to their
    /// end. False if there is no such tenant.
    pub fn remove(&self, id: &str) -> bool {
        let before = self.0.tenants.rcu(|tenants| {
            let mut tenants = HashMap::clone(tenants);
            tenants.remove(id);
            tenants
        });
        before.contains_key(id)
    }

    /// Registers these tenants, and no others from now on.
    pub fn register_all(&self, tenants: Vec<Tenant>) {
        self.0.tenants.rcu(|before| {
            let registered = tenants.iter().cloned().map(|tenant| {
                let id = tenant.id.clone();
                (id, self.0.registered(tenant, before))
            });
            registered.collect::<HashMap<_, _>>()
        });
    }

    /// The ids of the tenants.
    pub fn tenants(&self) -> Vec<String> {
        self.0.tenants.load().keys().cloned().collect()
    }

    /// A tenant as it is registered.
    pub fn tenant(&self, id: &str) -> Option<Tenant> {
        self.0.tenants.load().get(id).map(|registered| registered.tenant.clone())
    }

    /// A tenant's runs at this moment.
    pub fn load(&self, tenant: &str) -> Load {
        let tenants = self.0.tenants.load();
        tenants.get(tenant).map(|registered| registered.counts.load()).unwrap_or_default()
    }

    /// How many more runs may go on.
    pub fn free_permits(&self) -> usize {
        self.0.permits.free()
    }

    /// The component that new runs are of.
    pub fn host(&self) -> Arc<Host> {
        self.0.host.load_full()
    }

    /// Takes another component for the runs that begin from now on; those that go on keep
    /// theirs.
    ///
    /// # Errors
    /// When it cannot be run here. Then nothing changes.
    pub async fn reload(&self, component: Vec<u8>) -> Result<(), HostError> {
        let host = self.host();
        // Compiling takes a thread for a while.
        let loaded = tokio::task::spawn_blocking(move || host.with(&component)).await;
        let loaded = loaded.map_err(|error| {
            HostError::Sandbox(wasmtime::Error::msg(format!("compiling was cut short: {error}")))
        })??;
        self.0.host.store(Arc::new(loaded));
        Ok(())
    }

    /// Runs an action to its end, whatever that is; nobody has to wait for it: a future that
    /// is dropped does not end the run.
    pub async fn run(&self, call: Call) -> CallResult {
        let run = call.run.unwrap_or_else(Uuid::now_v7);
        if self.is_stopping() {
            // Whoever goes on calling is not waited for.
            let outcome = Err(Failure::Refused(Refusal::Stopping));
            let (warnings, receipt) = (Vec::new(), Receipt::default());
            return CallResult { run, outcome, warnings, receipt };
        }
        let began = Instant::now();
        let inner = Arc::clone(&self.0);
        match self.0.runs.spawn(inner.answer(run, call, began)).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(%run, %error, "the host failed");
                let outcome = Err(Failure::Internal);
                let (warnings, receipt) = (Vec::new(), Receipt::default());
                CallResult { run, outcome, warnings, receipt }
            }
        }
    }

    /// Whether no more runs begin.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.is_cancelled()
    }

    /// Stops: nothing new begins, and what is there has the time `grace` to end. Whatever is
    /// left is cut short, says so with the writes that it has made, and is noted; how many
    /// these were.
    pub async fn stop(&self, grace: Duration) -> usize {
        self.0.stopping.cancel();
        self.0.runs.close();
        if tokio::time::timeout(grace, self.0.runs.wait()).await.is_ok() {
            return 0;
        }
        let left = self.0.runs.len();
        self.0.cut.cancel();
        let _ = tokio::time::timeout(NOTED, self.0.runs.wait()).await;
        left
    }
}

impl Inner {
    fn registered(
        &self,
        tenant: Tenant,
        before: &HashMap<String, Arc<Registered>>,
    ) -> Arc<Registered> {
        let before = before.get(&tenant.id).map(AsRef::as_ref);
        let lines = || (self.permits.queue(), self.host.load().queue());
        Arc::new(Registered::new(tenant, before, lines))
    }
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("tenants", &self.tenants()).finish_non_exhaustive()
    }
}
