//! The tenant's licences as services of a catalog.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `import_catalog` | the services |

pub mod import_catalog;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::catalog::{
    Guest, ImportCatalogInput, Services,
};
use crate::{Component, wasi};

impl Guest for Component {
    fn import_catalog(input: ImportCatalogInput) -> Result<Services, Error> {
        wasi::with_host(|host| import_catalog::run(host, input))
    }
}
