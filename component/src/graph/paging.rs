//! Reading a collection, page by page.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::Graph;
use super::error::CallError;
use super::page::{self, Items, Values};
use super::request::Call;
use super::time;
use crate::hash::fnv1a;

/// More pages than any collection that is read here can have: 10,000 pages of users are
/// ten million users.
const MOST_PAGES: usize = 10_000;

/// How much of a link an error shows, in characters.
const SHOWN: usize = 100;

/// A whole collection.
pub struct Collection<T> {
    /// The items, in Graph's order.
    pub items: Vec<T>,
    /// When Graph responded with the first page, by its own clock, in seconds since 1970.
    pub answered_at: Option<i64>,
}

/// What a page says besides its items.
pub(super) struct Page {
    /// The path and query of the next page.
    pub next: Option<String>,
    /// How many items it had.
    items: usize,
    /// When Graph responded, by its own clock, in seconds since 1970.
    answered_at: Option<i64>,
}

impl Graph<'_> {
    /// Reads the collection that `first` begins. `read` gives none for an item that cannot be
    /// read.
    ///
    /// # Errors
    /// Those of [`Graph::read_all`].
    pub(super) fn collect<T>(
        &mut self,
        first: &Call,
        read: impl FnMut(&Value) -> Option<T>,
    ) -> Result<Collection<T>, CallError> {
        let mut values = Values { items: Vec::new(), read };
        let answered_at = self.read_all(first, &mut values)?;
        Ok(Collection { items: values.items, answered_at })
    }

    /// Reads the collection that `first` begins, and says when Graph responded with its first
    /// page.
    ///
    /// When a link to a page has expired, the collection is read once more from its
    /// beginning.
    ///
    /// # Errors
    /// A page could not be read, a link leads away from the connection's Graph address, or
    /// the links do not come to an end.
    pub(super) fn read_all(
        &mut self,
        first: &Call,
        items: &mut dyn Items,
    ) -> Result<Option<i64>, CallError> {
        let mut again = false;
        loop {
            match self.walk(first, items) {
                Err(CallError::Fault(fault)) if fault.is_expired_page() && !again => {
                    again = true;
                    items.clear();
                }
                walked => return walked,
            }
        }
    }

    /// Reads all pages from `first` on, and says when Graph responded with it.
    fn walk(&mut self, first: &Call, items: &mut dyn Items) -> Result<Option<i64>, CallError> {
        let Page { mut next, items: mut read, answered_at } = self.page(first, items)?;
        // Hashes, since the links of a large tenant are megabytes.
        let mut followed = Vec::new();
        while let Some(path) = next {
            let link = fnv1a(path.bytes());
            if followed.contains(&link) {
                return Err(malformed(
                    "a next page was expected, and not one that was read before",
                ));
            }
            followed.push(link);
            if followed.len() >= MOST_PAGES {
                return Err(malformed(&format!(
                    "a collection of at most {MOST_PAGES} pages was expected"
                )));
            }
            let page = self
                .page(&Call::read(first.operation, path), items)
                .map_err(|error| out_of_time_after(error, first, followed.len(), read))?;
            read = read.saturating_add(page.items);
            next = page.next;
        }
        Ok(answered_at)
    }

    /// Reads the one page that `call` asks for.
    ///
    /// # Errors
    /// It could not be read, or its link leads away from the connection's Graph address.
    pub(super) fn page(&mut self, call: &Call, items: &mut dyn Items) -> Result<Page, CallError> {
        let mut response = self.send(call)?.result.map_err(CallError::Fault)?;
        let answered_at = response.header("date").and_then(time::http_date);
        let body = core::mem::take(&mut response.body);
        let read = page::read(body, items)
            .map_err(|unread| unread.explain(&response, "a page of a collection"))?;
        let next = read.link.map(|link| self.same_collection(&link, &call.path)).transpose()?;
        Ok(Page { next, items: read.items, answered_at })
    }

    /// The path and query of `link`, which must be to a page of the same collection as
    /// `current`. A link to another place would take the sign-in there.
    fn same_collection(&self, link: &str, current: &str) -> Result<String, CallError> {
        match link.strip_prefix(&self.url("")) {
            Some(path) if collection(path) == collection(current) => Ok(path.to_owned()),
            _ => Err(malformed(&format!(
                "a next page of the same collection below the connection's Graph address was expected, and not at {}",
                place(link)
            ))),
        }
    }
}

/// `error` with how far the reading had come, when the run's time was used up.
fn out_of_time_after(error: CallError, call: &Call, pages: usize, read: usize) -> CallError {
    match error {
        CallError::OutOfTime { .. } => {
            let s = if pages == 1 { "" } else { "s" };
            let progress = format!("{pages} page{s} with {read} {}", call.operation.items());
            CallError::OutOfTime { progress: Some(progress) }
        }
        other => other,
    }
}

/// A path without its query.
fn collection(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

/// Where `link` leads, without its query, which is long and may hold a token.
fn place(link: &str) -> String {
    let after_scheme = link.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    let whole = after_scheme.unwrap_or(link);
    whole.chars().take_while(|c| !matches!(c, '?' | '#') && !c.is_control()).take(SHOWN).collect()
}

/// A response that is not what `message` says was expected.
pub(super) fn malformed(message: &str) -> CallError {
    CallError::Malformed { message: message.to_owned() }
}
