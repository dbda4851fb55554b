//! The engine: one for the process.

use std::hash::{Hash, Hasher};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::cache::{Cache, CacheError};
use super::state::{self, RunState};

/// How often running guests are interrupted to look at their time limit.
const TICK: Duration = Duration::from_millis(10);

/// The most linear memory that any run can be given, in bytes.
pub const MAX_MEMORY: usize = 1024 * 1024 * 1024;

/// The stack of a guest, in bytes.
pub const MAX_STACK: usize = 512 * 1024;

/// Linear memory that a slot of the pool keeps mapped between runs, in bytes. Measured
/// with `pagemap_scan`: 54 against 72 us for a run on a fresh instance.
const KEPT_MEMORY: usize = 1024 * 1024;

/// The engine with everything that a component may import.
pub struct Sandbox {
    engine: Engine,
    linker: Linker<RunState>,
    cache: Result<Cache, CacheError>,
}

impl Sandbox {
    /// A sandbox for up to `max_runs` runs at a time.
    pub fn new(max_runs: u32) -> wasmtime::Result<Self> {
        let engine = Engine::new(config().allocation_strategy(pool(max_runs)))
            .or_else(|_| Engine::new(&frugal_config()))?;
        tick(&engine)?;
        let linker = state::linker(&engine)?;
        Ok(Self { engine, linker, cache: Cache::open() })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn linker(&self) -> &Linker<RunState> {
        &self.linker
    }

    /// Compiles a component, or takes its compiled code from the cache; and says why it
    /// could not be kept there.
    pub(super) fn compile(&self, bytes: &[u8]) -> wasmtime::Result<(Component, Option<String>)> {
        let cache = match &self.cache {
            Ok(cache) => cache,
            Err(problem) => {
                return Ok((
                    Component::from_binary(&self.engine, bytes)?,
                    Some(problem.to_string()),
                ));
            }
        };
        let key = self.key(bytes);
        if let Some(component) = cache.get(&key).and_then(|code| self.load(&code)) {
            return Ok((component, None));
        }
        let code = self.engine.precompile_component(bytes)?;
        let problem = cache.put(&key, &code).err().map(|problem| problem.to_string());
        match self.load(&code) {
            Some(component) => Ok((component, problem)),
            None => Ok((Component::from_binary(&self.engine, bytes)?, problem)),
        }
    }

    /// The component and everything that its compiled code depends on.
    fn key(&self, bytes: &[u8]) -> String {
        let mut hasher = CompatibilityHasher(Sha256::new_with_prefix(bytes));
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[expect(unsafe_code, reason = "compiled code can only be loaded on trust")]
    fn load(&self, code: &[u8]) -> Option<Component> {
        // SAFETY: the code was made by this process just now, or comes from the cache:
        // whole, as its digest says, from a directory that only this user can write, and
        // under a key that names the engine's version and configuration.
        unsafe { Component::deserialize(&self.engine, code) }.ok()
    }
}

/// Collects what the engine says of itself in a digest that is the same in every process.
struct CompatibilityHasher(Sha256);

impl Hasher for CompatibilityHasher {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.max_wasm_stack(MAX_STACK);
    // Only needed for components of WASI 0.3; without it a run starts faster.
    config.concurrency_support(false);
    config
}

/// For machines that ration address space, of which a pool reserves a lot.
fn frugal_config() -> Config {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config.memory_reservation(0);
    config.memory_guard_size(0);
    config
}

fn pool(max_runs: u32) -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    // A component is several core instances: the guest's module and small shims.
    pool.total_component_instances(max_runs);
    pool.total_core_instances(max_runs.saturating_mul(4));
    pool.total_memories(max_runs);
    pool.total_tables(max_runs.saturating_mul(4));
    pool.total_stacks(max_runs);
    pool.max_memory_size(MAX_MEMORY);
    pool.linear_memory_keep_resident(KEPT_MEMORY);
    pool.pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// Starts a thread that ends with the engine.
fn tick(engine: &Engine) -> wasmtime::Result<()> {
    let engine = engine.weak();
    let ticking = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    thread::Builder::new().name("epoch".to_owned()).spawn(ticking)?;
    Ok(())
}
