//! One page of a report.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::cursor::Seal;
use super::group::Group;
use super::output::ReportPage;
use super::users::Users;
use crate::bindings::connector::office365::types::{Error, Who};
use crate::bindings::exports::connector::office365::reports::ReportPageInput;
use crate::graph::error::CallError;
use crate::graph::fault::Fault;
use crate::graph::user_list::{self, LARGEST_PAGE};
use crate::graph::{Graph, Host};
use crate::input::{Problems, connection};

/// The input, checked, and what follows from it.
struct Checked<'a> {
    graph: Graph<'a>,
    seal: Seal,
    query: String,
}

fn check<'a>(
    mut host: Host<'a>,
    input: &ReportPageInput,
    group: Group,
) -> Result<Checked<'a>, Error> {
    let mut problems = Problems::default();
    let id = &input.connection_id;
    let connection = connection::connection(&mut problems, &mut host, id);
    let size = page_size(&mut problems, input.page_size);
    let seal = connection.as_ref().map(|connection| Seal::new(group.page_action(), id, connection));
    let query = match (&input.cursor, &seal) {
        (Some(cursor), Some(seal)) => continued(&mut problems, cursor, seal),
        _ => user_list::first_query(size),
    };
    let (connection, seal) = problems.or_refuse(connection.zip(seal))?;
    let graph = Graph::open(host, id, connection, group.page_action())?;
    Ok(Checked { graph, seal, query })
}

/// Checks a page size, which is the largest when there is none.
fn page_size(problems: &mut Problems, size: Option<u16>) -> u16 {
    let size = size.unwrap_or(LARGEST_PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        problems.add("/pageSize", format!("it is {size}; expected 1 to {LARGEST_PAGE}"));
    }
    size
}

/// The query that `cursor` stands for.
fn continued(problems: &mut Problems, cursor: &str, seal: &Seal) -> String {
    let query = seal.open(cursor);
    if query.is_none() {
        problems.add(
            "/cursor",
            "it is no cursor of this action and connection; expected the nextCursor of the page before, unchanged, or nothing for the first page",
        );
    }
    query.unwrap_or_default()
}

/// Reports the page of `group` that the input asks for.
///
/// # Errors
/// Those of the contract.
pub fn run(host: Host<'_>, input: &ReportPageInput, group: Group) -> Result<ReportPage, Error> {
    let Checked { mut graph, seal, query } = check(host, input, group)?;
    let mut users = Users::new(group);
    let next = graph.users_page(&query, &mut users).map_err(|error| explain(&graph, error))?;
    Ok(ReportPage { users, next_cursor: next.map(|query| seal.close(&query)) })
}

fn explain(graph: &Graph<'_>, error: CallError) -> Error {
    let expired = error.fault().filter(|fault| fault.is_expired_page()).map(Fault::text);
    let mut error = graph.explain(error, user_list::LIST);
    if let Some(text) = expired {
        error.message = format!("The cursor is too old: {text}");
        error.fix = "Start the report again without a cursor.".to_owned();
        error.who = Who::Caller;
    }
    error
}
