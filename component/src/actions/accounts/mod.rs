//! Actions with accounts, and what they share.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `create_user` | a new user with a licence; `creation` and `removal` are its steps |
//! | `assign_license_to_existing_user` | a licence for a user that exists |
//! | `delete_user` | the end of a user |
//! | `is_license_available`, `get_available_license_count` | free seats |
//! | `licensing` | finding a licence and a free seat, and why one cannot be assigned |
//! | `output` | the account that the actions give back |

pub mod assign_license_to_existing_user;
pub mod create_user;
mod creation;
pub mod delete_user;
pub mod get_available_license_count;
pub mod is_license_available;
mod licensing;
mod output;
mod removal;
