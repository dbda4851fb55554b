//! Many tenants in one process, isolated from each other.
//!
//! - `tenant`: registered tenants
//! - `link`: the connections of tenants
//! - `call`: calls, their validation and their results
//! - `builder`: the building of a platform
//! - `admission`: the limits of tenants and the permits of the process
//! - `accepted`: runs that nobody waits for
//! - `handle`: what others see of a run
//! - `permits`: the permits of tenants across processes
//! - `rate`: the rate of a tenant's calls
//! - `run`: the execution of a call
//! - `durable`: the journals of runs, and the runs that go on after a crash
//! - `reconcile`: compares journals with the audit log
//! - `generated`: the secrets that the host makes up for a run
//! - `left`: the recording of a run that cannot go on
//! - `failure`: the failures of calls

mod accepted;
mod admission;
mod builder;
mod call;
mod durable;
mod failure;
mod generated;
mod handle;
mod left;
mod link;
mod permits;
mod rate;
mod reconcile;
mod run;
mod tenant;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use accepted::Accepted;
pub use admission::{Busy, Load};
pub use builder::Builder;
pub use call::{Call, CallResult};
pub use durable::Unended;
pub use failure::{Failure, Refusal};
pub use handle::RunHandle;
pub use left::recording;
pub use link::Link;
pub use rate::TooOften;
pub use reconcile::ReconcileError;
pub use tenant::Tenant;

pub use crate::limits::{DEFAULT_MAX_RUNS, TenantLimits};

use crate::audit::AuditLog;
use crate::fair_queue::Permits;
use crate::journal::PlatformJournals;
use crate::run::{Host, HostError, Shared};
use crate::store::generated::GeneratedSecrets;
use permits::Sharing;
use tenant::Registered;

/// The time to log aborted runs in the audit log.
const LOGGING_TIME: Duration = Duration::from_secs(5);

/// A component with its tenants. Clones refer to the same platform.
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
/// let result = platform.run(call.within(Duration::from_secs(30))).await;
/// assert!(result.outcome?.read::<u32>()? > 0);
/// assert_eq!(result.receipt.graph_requests, 1);
///
/// // A tenant can be replaced at any time, without effect on its current runs.
/// let directory = Simulator::new(Directory::built_in()?);
/// platform.register(
///     Tenant::new("fabrikam")
///         .with_link(Link::simulated("directory", directory))
///         .with_actions(["get-available-license-count"]),
/// );
/// let deletion = json!({ "userPrincipalName": "anna@contoso.onmicrosoft.com" });
/// let result = platform.run(Call::new("fabrikam", "delete-user", deletion)).await;
/// assert_eq!(
///     result.outcome,
///     Err(Failure::Refused(Refusal::NotAllowed { action: "delete-user".to_owned() })),
/// );
///
/// // So can the component.
/// platform.reload(runner::sandbox::COMPONENT.to_vec()).await?;
///
/// // A stopped platform accepts no calls, and lets current runs finish.
/// let cut = platform.stop(Duration::from_secs(10)).await;
/// assert_eq!(cut, 0);
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(embed()).unwrap();
/// ```
///
/// Microsoft Graph with the connections of an `o365.toml`, and an audit log. A configuration from
/// another source goes through [`Connections::parse`].
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
    /// The permits of concurrent runs.
    permits: Permits,
    /// The permits of tenants; `None` where no other process has any.
    sharing: Option<Sharing>,
    shared: Shared,
    audit: Option<AuditLog>,
    journals: Option<Arc<dyn PlatformJournals>>,
    generated: Option<GeneratedSecrets>,
    runs: TaskTracker,
    stopping: CancellationToken,
    cut: CancellationToken,
}

impl Platform {
    /// Creates a builder.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Registers a tenant, or replaces the one with the same id. Current runs are not affected.
    pub fn register(&self, tenant: Tenant) {
        self.0.tenants.rcu(|tenants| {
            let mut tenants = HashMap::clone(tenants);
            let registered = self.0.registered(tenant.clone(), &tenants);
            tenants.insert(tenant.id.clone(), registered);
            tenants
        });
    }

    /// Removes a tenant. Its running and waiting runs continue. Returns whether it existed.
    pub fn remove(&self, id: &str) -> bool {
        let before = self.0.tenants.rcu(|tenants| {
            let mut tenants = HashMap::clone(tenants);
            tenants.remove(id);
            tenants
        });
        before.contains_key(id)
    }

    /// Replaces all tenants.
    pub fn register_all(&self, tenants: Vec<Tenant>) {
        self.0.tenants.rcu(|before| {
            let registered = tenants.iter().cloned().map(|tenant| {
                let id = tenant.id.clone();
                (id, self.0.registered(tenant, before))
            });
            registered.collect::<HashMap<_, _>>()
        });
    }

    /// Returns the ids of the tenants.
    pub fn tenants(&self) -> Vec<String> {
        self.0.tenants.load().keys().cloned().collect()
    }

    /// Returns a registered tenant.
    pub fn tenant(&self, id: &str) -> Option<Tenant> {
        self.0.tenants.load().get(id).map(|registered| registered.tenant.clone())
    }

    /// Returns the number of a tenant's runs.
    pub fn load(&self, tenant: &str) -> Load {
        let tenants = self.0.tenants.load();
        tenants.get(tenant).map(|registered| registered.counts.load()).unwrap_or_default()
    }

    /// Returns the number of free permits for runs.
    pub fn free_permits(&self) -> usize {
        self.0.permits.free()
    }

    /// Returns the host with the current component.
    pub fn host(&self) -> Arc<Host> {
        self.0.host.load_full()
    }

    /// Replaces the component for new runs.
    ///
    /// # Errors
    /// Fails when the component cannot be loaded. The current one then stays.
    pub async fn reload(&self, component: Vec<u8>) -> Result<(), HostError> {
        let host = self.host();
        // Compilation blocks a thread for some time.
        let bytes = component.clone();
        let loaded = tokio::task::spawn_blocking(move || host.with(&bytes)).await;
        let loaded = loaded.map_err(|error| {
            HostError::Sandbox(wasmtime::Error::msg(format!("compilation was aborted: {error}")))
        })??;
        self.keep_component(loaded.component(), &component).await;
        self.0.host.store(Arc::new(loaded));
        Ok(())
    }

    /// Keeps the component, which this platform was built with, for the runs that go on after a
    /// crash. Without it, they go on only if the next process has the same component.
    pub async fn keep_component(&self, digest: &str, component: &[u8]) {
        let Some(journals) = &self.0.journals else { return };
        if let Err(error) = journals.keep_component(digest, component).await {
            tracing::warn!(%error, "the component is not kept for runs that go on after a crash");
        }
    }

    /// Runs an action. Dropping the future does not stop the run.
    pub async fn run(&self, call: Call) -> CallResult {
        self.run_watched(call, RunHandle::default()).await
    }

    /// Runs an action that `handle`, which is of no other run, shows and cancels.
    pub async fn run_watched(&self, call: Call, handle: RunHandle) -> CallResult {
        let run = call.run.unwrap_or_else(Uuid::now_v7);
        if self.is_stopping() {
            // Rejected without a task, for which `stop` would wait.
            return CallResult::failed(run, Failure::Refused(Refusal::Stopping));
        }
        let inner = Arc::clone(&self.0);
        let called = self.0.runs.spawn(inner.call((run, handle), call, Instant::now())).await;
        called.unwrap_or_else(|error| {
            tracing::error!(%run, %error, "the host failed");
            CallResult::failed(run, Failure::Internal)
        })
    }

    /// Returns whether the platform accepts no more calls.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.is_cancelled()
    }

    /// Stops the platform. It accepts no more calls, and lets current runs finish within `grace`.
    /// The others are aborted; their results and audit lines have the writes that they made.
    /// Returns the number of aborted runs.
    pub async fn stop(&self, grace: Duration) -> usize {
        self.0.stopping.cancel();
        self.0.runs.close();
        if tokio::time::timeout(grace, self.0.runs.wait()).await.is_ok() {
            return 0;
        }
        let left = self.0.runs.len();
        self.0.cut.cancel();
        let _ = tokio::time::timeout(LOGGING_TIME, self.0.runs.wait()).await;
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
        let queues = || (self.permits.queue(), self.host.load().queue());
        Arc::new(Registered::new(tenant, before, queues, self.sharing.as_ref()))
    }
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("tenants", &self.tenants()).finish_non_exhaustive()
    }
}
