//! `assign-license-to-existing-user`: gives a user a licence.
//!
//! Service plans that are switched off on a licence that the user already has stay off,
//! and no seat is needed for it. Else a seat must be free. The result is the user as Graph
//! shows it once it shows the licence, for which it is given 30 seconds; where the response to
//! the assignment is lost, that tells whether it was made. A licence that Graph does not show
//! by then is an `outcome-unknown`.

use alloc::string::String;
use alloc::vec::Vec;

use super::{licensing, output};
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput,
};
use crate::graph::error::{CallError, Doing};
use crate::graph::operation;
use crate::graph::skus::Sku;
use crate::graph::users::User;
use crate::graph::{Graph, Host};
use crate::input::{Problems, connection, ids, names};

fn check<'a>(
    mut host: Host<'a>,
    input: &AssignLicenseToExistingUserInput,
) -> Result<(Graph<'a>, String), Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    let service_id = ids::service_id(&mut problems, &input.service_id);
    names::principal_name(&mut problems, &input.user_principal_name);
    let connection = problems.or_refuse(connection)?;
    let graph = Graph::open(host, &input.connection_id, connection, &input.user_principal_name)?;
    Ok((graph, service_id))
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: AssignLicenseToExistingUserInput) -> Result<Account, Error> {
    let (mut graph, service_id) = check(host, &input)?;
    let name = &input.user_principal_name;
    let user = read(&mut graph, name)?;
    let sku = licensing::find(&mut graph, &service_id)?.sku;
    let switched_off = match user.license(&sku.sku_id) {
        Some(license) => license.disabled_plans.clone(),
        None => {
            licensing::require_seat(&sku)?;
            Vec::new()
        }
    };
    let lost = match graph.assign_license(&user.id, &sku.sku_id, &switched_off) {
        Ok(()) => None,
        Err(error @ CallError::Lost { .. }) => Some(error),
        Err(error) => return Err(explain(&graph, error, &sku, name)),
    };
    let window = graph.window(output::LAG_OF_A_CHANGE);
    match output::read_with_license(&mut graph, &user.id, &sku.sku_id, window) {
        Ok(user) => Ok(output::account(user, name)),
        Err(unseen) => Err(match lost {
            Some(error) => explain(&graph, error, &sku, name),
            None => unseen.explain(&graph, sku.name(), name),
        }),
    }
}

fn explain(graph: &Graph<'_>, error: CallError, sku: &Sku, name: &str) -> Error {
    let task = format!("assign the licence {} to the user {name}", sku.name());
    licensing::explain_assignment(graph, error, &task)
}

fn read(graph: &mut Graph<'_>, name: &str) -> Result<User, Error> {
    let task = format!("read the user {name}");
    graph.user(name).map_err(|error| {
        graph.explain(error, Doing { operation: &operation::GET_USER, task: &task })
    })
}
