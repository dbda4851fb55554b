//! What one instance can reach, and nothing beyond.

use wasmtime::CallHook;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;
use wasmtime_wasi_io::bindings::wasi::io::{error, poll, streams};

use super::clock::ClockView;
use super::errors::{Errors, HasErrors};
use super::granted::{self, Granted};
use super::limits::MemoryLimits;
use crate::context::Clock;
use crate::egress::hooks::Hooks;

/// The most handles that a guest may hold at a time.
pub const MAX_HANDLES: usize = 1_000;

/// What a guest may hand the host in one call, in bytes as wasmtime counts them. A host keeps
/// some of it, such as the address of a request, for as long as there is a handle: when this
/// was the same as for results, one request took 130 MiB. A whole part of a body fits in.
pub const MAX_CALL: usize = 16 << 10;

/// What wasmtime counts for one byte of the JSON of a result, at most. A report counts 2 for
/// users without plans to 5 for users with many; what counts more is made to.
const COUNTED_PER_BYTE: usize = 6;

/// The largest set of header fields, in bytes as wasmtime counts them; those of the connector
/// are some hundred.
pub const MAX_FIELD_BYTES: usize = 16 << 10;

/// The data of one run's store.
pub struct RunState {
    table: ResourceTable,
    http: WasiHttpCtx,
    hooks: Hooks,
    clock: Clock,
    granted: Granted,
    pub limits: MemoryLimits,
}

impl RunState {
    /// The state of a run that has not begun.
    pub fn new(hooks: Hooks, clock: Clock, granted: Granted, limits: MemoryLimits) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MAX_FIELD_BYTES);
        Self { table, http, hooks, clock, granted, limits }
    }
}

/// A store with this state, its limits set, for a run whose result is `result` bytes of JSON
/// at most.
pub fn store(
    engine: &wasmtime::Engine,
    state: RunState,
    result: usize,
) -> wasmtime::Store<RunState> {
    let mut store = wasmtime::Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    // A guest hands the host what it calls it with, and at its end what it returns.
    let returned = result.saturating_mul(COUNTED_PER_BYTE);
    store.call_hook(move |mut store, hook| {
        let returns = matches!(hook, CallHook::ReturningFromWasm);
        store.set_hostcall_fuel(if returns { returned } else { MAX_CALL });
        Ok(())
    });
    store.set_max_component_handles(MAX_HANDLES);
    // Yield at every tick, so that the time limit is looked at.
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}

/// The imports of `wit/world.wit`, and no other.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<RunState>> {
    let mut linker = Linker::new(engine);
    error::add_to_linker::<RunState, HasErrors>(&mut linker, |state| Errors(&mut state.table))?;
    poll::add_to_linker::<RunState, HasTable>(&mut linker, RunState::table)?;
    streams::add_to_linker::<RunState, HasTable>(&mut linker, RunState::table)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    monotonic_clock::add_to_linker::<RunState, HasClock>(&mut linker, |state| ClockView {
        clock: &state.clock,
        table: &mut state.table,
    })?;
    granted::add_to_linker::<RunState, HasConnections>(&mut linker, |state| &mut state.granted)?;
    Ok(linker)
}

struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

struct HasClock;

impl HasData for HasClock {
    type Data<'a> = ClockView<'a>;
}

struct HasConnections;

impl HasData for HasConnections {
    type Data<'a> = &'a mut Granted;
}

impl IoView for RunState {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiHttpView for RunState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}
