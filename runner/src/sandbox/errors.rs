//! What a guest is told of an error of a stream: what happened, and nothing of the host.

use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi_io::bindings::wasi::io::error::{Host, HostError};
use wasmtime_wasi_io::streams::Error;

/// The errors of a run. The debug form of one, which WASI's own interface asks for, has the
/// host's stack in it when `RUST_BACKTRACE` is set; here a guest gets the sentence instead.
pub struct Errors<'a>(pub &'a mut ResourceTable);

impl Host for Errors<'_> {}

impl HostError for Errors<'_> {
    fn to_debug_string(&mut self, error: Resource<Error>) -> Result<String> {
        Ok(format!("{:#}", self.0.get(&error)?))
    }

    fn drop(&mut self, error: Resource<Error>) -> Result<()> {
        self.0.delete(error)?;
        Ok(())
    }
}

/// For the linker: the errors in a run's table.
pub struct HasErrors;

impl HasData for HasErrors {
    type Data<'a> = Errors<'a>;
}
