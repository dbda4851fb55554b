//! Listing the tenant's users.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::Graph;
use super::error::{CallError, Doing};
use super::operation;
use super::page::Items;
use super::paging::malformed;
use super::request::Call;

/// Listing the users, in words.
pub const LIST: Doing<'static> =
    Doing { operation: &operation::LIST_USERS, task: "list the tenant's users" };

/// The most users that Graph gives on one page. Source: "List users", Graph v1.0 reference.
pub const LARGEST_PAGE: u16 = 999;

/// The path of the listing, up to its query.
const PATH: &str = "/users?";

/// The query of the first page, with up to `size` users. Graph leaves out licences and
/// plans unless they are selected. It has a filter for users without licences, but with
/// known wrong results, so there is none here.
pub fn first_query(size: u16) -> String {
    format!(
        "$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates&$top={size}"
    )
}

impl Graph<'_> {
    /// Reads all users into `users`. A user who is on two pages, because the tenant changed in
    /// between, is there twice.
    ///
    /// # Errors
    /// Graph did not list them.
    pub fn users(&mut self, users: &mut dyn Items) -> Result<(), CallError> {
        let first = Call::read(LIST.operation, format!("{PATH}{}", first_query(LARGEST_PAGE)));
        self.read_all(&first, users).map(|_| ())
    }

    /// Reads the page of the listing that `query` asks for into `users`. The result is the
    /// query of the next page.
    ///
    /// # Errors
    /// Graph did not give it, or the next page is none of this listing.
    pub fn users_page(
        &mut self,
        query: &str,
        users: &mut dyn Items,
    ) -> Result<Option<String>, CallError> {
        let page = self.page(&Call::read(LIST.operation, format!("{PATH}{query}")), users)?;
        page.next.map(|path| next_query(&path, query)).transpose()
    }
}

/// The query of the next page, whose path must be that of the listing.
fn next_query(path: &str, current: &str) -> Result<String, CallError> {
    match path.strip_prefix(PATH) {
        Some(query) if query != current => Ok(query.to_owned()),
        Some(_) => Err(malformed("a next page was expected, and not the same again")),
        None => Err(malformed("a next page of the list of users was expected")),
    }
}
