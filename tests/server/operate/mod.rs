//! What an operator of the server does with it, and what `packaging/` has for that.
//!
//! - `expiry`: keys that expire, and those that are revoked
//! - `image`: the image, and what Kubernetes runs it with
//! - `machine`: the unit on a machine in small, which systemd runs
//! - `rotation`: the audit log under logrotate
//! - `service_manager`: what the server tells the one that started it
//! - `units`: what systemd says of its files

mod expiry;
#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod rotation;
#[cfg(target_os = "linux")]
mod service_manager;
#[cfg(target_os = "linux")]
mod units;
