//! What an operator of the server does with it, and what `packaging/` has for that.
//!
//! - `expiry`: keys that expire, and those that are revoked
//! - `service_manager`: what the server tells the one that started it

mod expiry;
#[cfg(target_os = "linux")]
mod service_manager;
