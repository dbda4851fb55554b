//! Instances that do nothing.

use runner::sandbox::Sandbox;
use tokio::runtime::Runtime;
use wasm_encoder::{
    Component as Encoded, InstanceSection, MemorySection, MemoryType, Module, ModuleArg,
    ModuleSection,
};
use wasmtime::Store;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::answers::runtime;

/// A page of linear memory, in bytes.
const PAGE: u64 = 64 << 10;

/// A compiled component, of which instances are made and dropped.
pub struct Instances {
    sandbox: Sandbox,
    component: InstancePre<()>,
    runtime: Runtime,
}

impl Instances {
    /// Compiles a component for the runner's own engine. Its imports cannot be called.
    pub fn of(component: &[u8]) -> Self {
        let sandbox = Sandbox::new(8).unwrap();
        let component = Component::from_binary(sandbox.engine(), component).unwrap();
        let mut linker = Linker::new(sandbox.engine());
        linker.define_unknown_imports_as_traps(&component).unwrap();
        let component = linker.instantiate_pre(&component).unwrap();
        Self { sandbox, component, runtime: runtime() }
    }

    /// The memory with which an instance begins, in bytes.
    pub fn memory(&self) -> u64 {
        let required = self.component.component().resources_required().unwrap();
        required.max_initial_memory_size.unwrap()
    }

    /// Makes an instance, and drops it.
    pub fn make(&self) {
        let mut store = Store::new(self.sandbox.engine(), ());
        store.set_epoch_deadline(1_000);
        self.runtime.block_on(self.component.instantiate_async(&mut store)).unwrap();
    }
}

/// A component of one module, which has a memory of this size in bytes and nothing else.
pub fn empty(memory: u64) -> Vec<u8> {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: memory / PAGE,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&memories);
    let mut instances = InstanceSection::new();
    instances.instantiate(0, std::iter::empty::<(&str, ModuleArg)>());
    let mut component = Encoded::new();
    component.section(&ModuleSection(&module)).section(&instances);
    component.finish()
}
