//! How much memory one instance may take.

use wasmtime::ResourceLimiter;

use crate::context::Stop;
use crate::context::Usage;

/// Table elements in all tables of an instance together. The connector has some
/// hundred, all of them function references that are there from the start.
const MAX_TABLE_ELEMENTS: usize = 20_000;

/// Counts what an instance has, over all its memories and tables, and ends the run
/// when it wants more. wasmtime's own limits count each memory by itself, and
/// refuse growth in a way that shows as a mere `unreachable`.
pub struct MemoryLimits {
    max_bytes: usize,
    bytes: usize,
    elements: usize,
    usage: Usage,
}

impl MemoryLimits {
    /// At most `max_bytes` of linear memory; how much there is, is noted in `usage`.
    pub fn new(max_bytes: usize, usage: Usage) -> Self {
        Self { max_bytes, bytes: 0, elements: 0, usage }
    }

    /// The linear memory that the instance has, in bytes.
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
