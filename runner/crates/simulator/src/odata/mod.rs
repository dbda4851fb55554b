//! The query options of the directory, and the control information of its responses.
//!
//! - `query`: parsing the options
//! - `select`: `$select`
//! - `filter`: `$filter`, parsed by `filter/parse` from the tokens of `filter/lex`
//! - `order`: `$orderby`
//! - `search`: `$search`; `expand`: `$expand`
//! - `metadata`: how much control information a response has
//! - `paging`: `$top` and the tokens of next pages

pub mod expand;
pub mod filter;
pub mod metadata;
pub mod order;
pub mod paging;
pub mod query;
pub mod search;
pub mod select;

pub use query::Query;
