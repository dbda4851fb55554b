//! The query options that Graph knows, as far as the directory answers them.
//!
//! - `query`: reading the options
//! - `select`: `$select`, with the tables of properties
//! - `filter`: `$filter`, parsed by `filter/parse` from the tokens of `filter/lex`
//! - `order`: `$orderby`
//! - `paging`: `$top` and the tokens of next pages

pub mod filter;
pub mod order;
pub mod paging;
pub mod query;
pub mod select;

pub use query::Query;
