//! Listing the tenant's users.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::Graph;
use super::error::{CallError, Doing};
use super::operation;
use super::paging::malformed;
use super::request::Call;
use super::users::User;

/// Listing the users, in words.
pub const LIST: Doing<'static> =
    Doing { operation: &operation::LIST_USERS, task: "list the tenant's users" };

/// The most users that Graph gives on one page. Source: "List users", Graph v1.0 reference.
pub const LARGEST_PAGE: u16 = 999;

/// The path of the listing, up to its query.
const PATH: &str = "/users?";

/// A page of the users.
pub struct UserPage<T> {
    /// What was made of the users.
    pub users: Vec<T>,
    /// The query of the next page.
    pub next_query: Option<String>,
}

/// The query of the first page, with up to `size` users. Graph leaves out licences and
/// plans unless they are selected. It has a filter for users without licences, but with
/// known wrong results, so there is none here.
pub fn first_query(size: u16) -> String {
    format!(
        "$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates&$top={size}"
    )
}

impl Graph<'_> {
    /// Reads all users, and keeps what `keep` makes of each. A user who is on two pages,
    /// because the tenant changed in between, is there twice.
    ///
    /// # Errors
    /// Graph did not list them.
    pub fn users<T>(
        &mut self,
        mut keep: impl FnMut(User) -> Option<T>,
    ) -> Result<Vec<T>, CallError> {
        let first = Call::read(LIST.operation, format!("{PATH}{}", first_query(LARGEST_PAGE)));
        Ok(self.collect(&first, |user| User::with_licenses(user).map(&mut keep))?.items)
    }

    /// Reads the page of the listing that `query` asks for, and keeps what `keep` makes of
    /// each user.
    ///
    /// # Errors
    /// Graph did not give it, or the next page is none of this listing.
    pub fn users_page<T>(
        &mut self,
        query: &str,
        mut keep: impl FnMut(User) -> Option<T>,
    ) -> Result<UserPage<T>, CallError> {
        let mut users = Vec::new();
        let call = Call::read(LIST.operation, format!("{PATH}{query}"));
        let page = self.page(&call, &mut |user| {
            users.extend(keep(User::with_licenses(user)?));
            Ok(())
        })?;
        let next_query = page.next.map(|path| next_query(&path, query)).transpose()?;
        Ok(UserPage { users, next_query })
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
