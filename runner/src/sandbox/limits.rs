//! The memory and table limits of an instance.

use wasmtime::ResourceLimiter;

use crate::context::Stop;
use crate::context::Usage;

/// The number of elements in all tables of an instance together. The connector has some hundred,
/// all of them function references of its module.
const MAX_TABLE_ELEMENTS: usize = 20_000;

/// Limits the memories and tables of an instance, each in total, and stops the run on an excess.
/// wasmtime's own limits apply to each memory separately, and surface as an `unreachable` trap.
pub struct MemoryLimits {
    max_bytes: usize,
    bytes: usize,
    elements: usize,
    usage: Usage,
}

impl MemoryLimits {
    /// Limits linear memory to `max_bytes`, and reports its size to `usage`.
    pub fn new(max_bytes: usize, usage: Usage) -> Self {
        Self { max_bytes, bytes: 0, elements: 0, usage }
    }

    /// Returns the size of the linear memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl ResourceLimiter for MemoryLimits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.bytes.saturating_sub(current).saturating_add(desired);
        if wanted > self.max_bytes {
            return Err(Stop::Memory { limit: self.max_bytes, wanted }.into());
        }
        self.bytes = wanted;
        self.usage.has_memory(wanted);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.elements.saturating_sub(current).saturating_add(desired);
        if wanted > MAX_TABLE_ELEMENTS {
            return Err(Stop::Table { limit: MAX_TABLE_ELEMENTS, wanted }.into());
        }
        self.elements = wanted;
        Ok(true)
    }
}
