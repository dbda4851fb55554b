//! The query options of the directory.
//!
//! - `query`: parsing the options
//! - `select`: `$select`
//! - `filter`: `$filter`, parsed by `filter/parse` from the tokens of `filter/lex`
//! - `order`: `$orderby`
//! - `paging`: `$top` and the tokens of next pages

pub mod filter;
pub mod order;
pub mod paging;
pub mod query;
pub mod select;

pub use query::Query;
