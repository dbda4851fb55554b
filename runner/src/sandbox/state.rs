//! The store and the imports of an instance.

use wasmtime::CallHook;
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;
use wasmtime_wasi_io::bindings::wasi::io::{error, poll, streams};

use super::clock::ClockView;
use super::errors::Errors;
use super::granted::{self, Granted};
use super::limits::MemoryLimits;
use crate::context::Clock;
use crate::egress::hooks::Hooks;

/// The number of handles that a guest may hold.
pub const MAX_HANDLES: usize = 1_000;

/// The data that a guest may pass to one host call, in bytes as wasmtime counts them. The host
/// keeps some of it, such as a URL, for the lifetime of a handle: with the limit for results, one
/// request took 130 MiB. A chunk of a body fits in.
pub const MAX_CALL: usize = 16 << 10;

/// The bytes that wasmtime counts for one byte of a result's JSON, at most. A report counts 2 for
/// users without plans to 5 for users with many.
const COUNTED_PER_BYTE: usize = 6;

/// The largest set of header fields, in bytes as wasmtime counts them. The connector uses some
/// hundred.
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
    /// Creates the state of a run that has not started.
    pub fn new(hooks: Hooks, clock: Clock, granted: Granted, limits: MemoryLimits) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MAX_FIELD_BYTES);
        Self { table, http, hooks, clock, granted, limits }
    }
}

/// Creates a store with its limits, for a run with a result of at most `result` bytes of JSON.
pub fn store(
    engine: &wasmtime::Engine,
    state: RunState,
    result: usize,
) -> wasmtime::Store<RunState> {
    let mut store = wasmtime::Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    // A guest passes data to the host in each call, and when it returns.
    let returned = result.saturating_mul(COUNTED_PER_BYTE);
    store.call_hook(move |mut store, hook| {
        let returns = matches!(hook, CallHook::ReturningFromWasm);
        store.set_hostcall_fuel(if returns { returned } else { MAX_CALL });
        Ok(())
    });
    store.set_max_component_handles(MAX_HANDLES);
    // Yields at every tick, so that the time limit is checked.
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}

/// Creates a linker with the imports of `wit/world.wit`.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<RunState>> {
    let mut linker = Linker::new(engine);
    error::add_to_linker::<RunState, Errors>(&mut linker, |state| Errors(&mut state.table))?;
    poll::add_to_linker::<RunState, HasSelf<ResourceTable>>(&mut linker, RunState::table)?;
    streams::add_to_linker::<RunState, HasSelf<ResourceTable>>(&mut linker, RunState::table)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    monotonic_clock::add_to_linker::<RunState, ClockView>(&mut linker, |state| ClockView {
        clock: &state.clock,
        table: &mut state.table,
    })?;
    granted::add_to_linker::<RunState, HasSelf<Granted>>(&mut linker, |state| &mut state.granted)?;
    Ok(linker)
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
