//! The errors of streams as a guest sees them.

use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi_io::bindings::wasi::io::error::{Host, HostError};
use wasmtime_wasi_io::streams::Error;

/// The host side of `wasi:io/error`. A guest gets the message of an error in place of its debug
/// form, which contains the host's stack when `RUST_BACKTRACE` is set.
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

impl HasData for Errors<'static> {
    type Data<'a> = Errors<'a>;
}
