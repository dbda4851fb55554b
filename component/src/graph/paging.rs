//! Reading a whole collection, page by page.

use serde_json::Value;

use super::Graph;
use super::error::CallError;
use super::json::{self, FromJson};
use super::request::Call;
use super::time;

/// More pages than any collection that is read here can have; a chain of links that does
/// not end is cut here.
const MOST_PAGES: usize = 100;

/// One page of a collection.
struct Page<T> {
    value: Vec<T>,
    next_link: Option<String>,
}

impl<T: FromJson> FromJson for Page<T> {
    /// An item that cannot be read makes the page unreadable: what it is about would be
    /// missing without notice.
    fn from_json(page: &Value) -> Option<Self> {
        let items = page.get("value")?.as_array()?;
        let value = items.iter().map(T::from_json).collect::<Option<_>>()?;
        Some(Page { value, next_link: json::text(page, "@odata.nextLink") })
    }
}

/// A whole collection.
pub struct Collection<T> {
    /// The items, in Graph's order.
    pub items: Vec<T>,
    /// When Graph answered with the first page, by its own clock, in seconds since 1970.
    pub answered_at: Option<i64>,
}

impl Graph<'_> {
    /// Reads the collection that `call` begins.
    ///
    /// # Errors
    /// A page could not be read, or a link leads away from the connection's Graph address.
    pub(super) fn collect<T: FromJson>(
        &mut self,
        mut call: Call,
    ) -> Result<Collection<T>, CallError> {
        let mut whole = Collection { items: Vec::new(), answered_at: None };
        for _ in 0..MOST_PAGES {
            let response = self.send(&call)?.result.map_err(CallError::Fault)?;
            let page: Page<T> = json::parse(&response, "a page of a collection")?;
            whole.items.extend(page.value);
            whole.answered_at =
                whole.answered_at.or_else(|| time::http_date(response.header("date")?));
            let Some(link) = page.next_link else {
                return Ok(whole);
            };
            call = Call::read(call.name, self.same_origin(&link)?);
        }
        Err(CallError::Malformed {
            message: format!("a collection of at most {MOST_PAGES} pages was expected"),
        })
    }

    /// The path of `link`. A link to another place would take the sign-in there.
    fn same_origin(&self, link: &str) -> Result<String, CallError> {
        match link.strip_prefix(&self.url("")) {
            Some(path) if path.starts_with('/') => Ok(path.to_owned()),
            _ => Err(CallError::Malformed {
                message: "a next page below the connection's Graph address was expected".to_owned(),
            }),
        }
    }
}
