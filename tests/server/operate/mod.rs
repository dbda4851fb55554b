//! What an operator of the server does with it, and what `packaging/` has for that.
//!
//! - `expiry`: keys that expire, and those that are revoked

mod expiry;
