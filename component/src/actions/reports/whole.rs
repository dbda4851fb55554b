//! A whole report.

use super::group::Group;
use super::output::Report;
use super::users::Users;
use crate::bindings::connector::office365::types::{Error, ErrorKind};
use crate::bindings::exports::connector::office365::reports::ReportInput;
use crate::graph::error::CallError;
use crate::graph::fault::Fault;
use crate::graph::{Graph, Host, user_list};
use crate::input::{Problems, connection};

fn check<'a>(mut host: Host<'a>, input: &ReportInput, group: Group) -> Result<Graph<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    let connection = problems.or_refuse(connection)?;
    Graph::open(host, &input.connection_id, connection, group.title())
}

/// Reports `group`.
///
/// # Errors
/// Those of the contract.
pub fn run(host: Host<'_>, input: &ReportInput, group: Group) -> Result<Report, Error> {
    let mut graph = check(host, input, group)?;
    let mut users = Users::new(group);
    graph.users(&mut users).map_err(|error| explain(&graph, error, group))?;
    Ok(Report { description: group.description(), title: group.title(), users })
}

/// The contract's error; where the tenant may be too large for a whole report, it names the
/// action that is not.
fn explain(graph: &Graph<'_>, error: CallError, group: Group) -> Error {
    let expired = error.fault().filter(|fault| fault.is_expired_page()).map(Fault::text);
    let mut error = graph.explain(error, user_list::LIST);
    if let Some(text) = expired {
        error.message = format!(
            "Graph's links to further pages expired twice while the tenant's users were listed: {text}"
        );
        error.fix = format!("Read the report page by page with {}.", group.page_action());
    } else if error.kind == ErrorKind::Throttled {
        error.fix.push_str(" A large tenant is better read page by page, with ");
        error.fix.push_str(group.page_action());
        error.fix.push('.');
    }
    error
}
