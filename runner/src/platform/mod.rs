//! Many tenants in one process: whoever may call, calls; nobody sees or slows anybody else.
//!
//! - `limits`: what one tenant may use
//! - `receipt`: what a run took

pub mod limits;
pub mod receipt;

pub use limits::TenantLimits;
pub use receipt::Receipt;
