//! The engine: one for the process.

use std::thread;
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::cache::{self, CacheError};
use super::state::{self, State};

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
    linker: Linker<State>,
}

impl Sandbox {
    /// A sandbox for up to `max_runs` runs at a time, and why its compiled code is not
    /// kept on disk, if it is not.
    pub fn new(max_runs: u32) -> wasmtime::Result<(Self, Option<CacheError>)> {
        let (cache, problem) = match cache::open() {
            Ok(cache) => (Some(cache), None),
            Err(problem) => (None, Some(problem)),
        };
        let mut config = config();
        config.cache(cache);
        config.allocation_strategy(pool(max_runs));
        // A pool reserves address space, which some machines ration.
        let engine = Engine::new(&config).or_else(|_| {
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Engine::new(&config)
        })?;
        tick(&engine);
        let linker = state::linker(&engine)?;
        Ok((Self { engine, linker }, problem))
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn linker(&self) -> &Linker<State> {
        &self.linker
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

/// A thread that ends with the engine.
fn tick(engine: &Engine) {
    let engine = engine.weak();
    thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    });
}
