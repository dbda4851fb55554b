//! The wasmtime engine, shared by all runs of the process.

use std::hash::{Hash, Hasher};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::cache::{Cache, CacheError};
use super::state::{self, RunState};
use crate::recording::forms::hex;

/// The interval at which running guests are interrupted to check their limits.
const TICK: Duration = Duration::from_millis(10);

/// The largest linear memory of a run, in bytes.
pub const MAX_MEMORY: usize = 1024 * 1024 * 1024;

/// The stack size of a guest, in bytes.
pub const MAX_STACK: usize = 512 * 1024;

/// The linear memory that a slot of the pool keeps mapped between runs, in bytes. Measured
/// with `pagemap_scan`: 54 µs instead of 72 µs for a run on a fresh instance.
const KEPT_MEMORY: usize = 1024 * 1024;

/// The same for each table, in bytes. The component's have some hundred elements.
const KEPT_TABLE: usize = 64 * 1024;

/// The engine, with the imports that a component may have.
pub struct Sandbox {
    engine: Engine,
    linker: Linker<RunState>,
    cache: Result<Cache, CacheError>,
}

impl Sandbox {
    /// Creates a sandbox for up to `max_runs` concurrent runs.
    pub fn new(max_runs: u32) -> wasmtime::Result<Self> {
        let engine = Engine::new(config().allocation_strategy(pool(max_runs)))
            .or_else(|_| Engine::new(&frugal_config()))?;
        tick(&engine)?;
        let linker = state::linker(&engine)?;
        Ok(Self { engine, linker, cache: Cache::open() })
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn linker(&self) -> &Linker<RunState> {
        &self.linker
    }

    /// Compiles a component, or loads its compiled code from the cache. Returns a warning if the
    /// code could not be cached.
    pub(super) fn compile(&self, bytes: &[u8]) -> wasmtime::Result<(Component, Option<String>)> {
        let compiled = || Component::from_binary(&self.engine, bytes);
        let cache = match &self.cache {
            Ok(cache) => cache,
            Err(problem) => return Ok((compiled()?, Some(problem.to_string()))),
        };
        let key = self.key(bytes);
        if let Some(component) = cache.get(&key).and_then(|code| self.load(&code)) {
            return Ok((component, None));
        }
        let code = self.engine.precompile_component(bytes)?;
        let problem = cache.put(&key, &code).err().map(|problem| problem.to_string());
        Ok((self.load(&code).map_or_else(compiled, Ok)?, problem))
    }

    /// Hashes the component together with everything that its compiled code depends on.
    fn key(&self, bytes: &[u8]) -> String {
        let mut hasher = CompatibilityHasher(Sha256::new_with_prefix(bytes));
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hex(&hasher.0.finalize())
    }

    #[expect(unsafe_code, reason = "compiled code can only be loaded on trust")]
    fn load(&self, code: &[u8]) -> Option<Component> {
        // SAFETY: the code was compiled by this process, or comes from the cache: its digest is
        // valid, only this user can write the directory, and the key includes the version and
        // configuration of the engine.
        unsafe { Component::deserialize(&self.engine, code) }.ok()
    }
}

/// Hashes the engine's compatibility information with a digest that is stable across processes.
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
    // Only components of WASI 0.3 need it, and a run starts faster without it.
    config.concurrency_support(false);
    config
}

/// The configuration for machines with little address space, of which a pool reserves much.
fn frugal_config() -> Config {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config.memory_reservation(0);
    config.memory_guard_size(0);
    config
}

fn pool(max_runs: u32) -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    // A component consists of several core instances: the guest's module and small shims.
    pool.total_component_instances(max_runs);
    pool.total_core_instances(max_runs.saturating_mul(4));
    pool.total_memories(max_runs);
    pool.total_tables(max_runs.saturating_mul(4));
    pool.total_stacks(max_runs);
    pool.max_memory_size(MAX_MEMORY);
    pool.linear_memory_keep_resident(KEPT_MEMORY);
    pool.table_keep_resident(KEPT_TABLE);
    pool.pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// Starts the thread that increments the epoch, until the engine is dropped.
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
