//! `assign-license-to-existing-user`: gives a user a licence.
//!
//! Service plans that are switched off on a licence that the user already has stay off,
//! and no seat is needed for it. Else a seat must be free. The result is the user as Graph
//! shows it once it shows the licence, for which it is given 30 seconds.

use alloc::string::String;
use alloc::vec::Vec;

use super::{licensing, output};
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput,
};
use crate::graph::error::Doing;
use crate::graph::users::{self, User};
use crate::graph::{Graph, Host};
use crate::input::{Problems, connection, ids, names};

fn check<'a>(
    mut host: Host<'a>,
    input: &AssignLicenseToExistingUserInput,
) -> Result<(Graph<'a>, String), Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    let sku_id = ids::service_id(&mut problems, &input.service_id);
    names::principal_name(&mut problems, &input.user_principal_name);
    let connection = problems.or_refuse(connection)?;
    let graph = Graph::open(host, &input.connection_id, connection, &input.user_principal_name)?;
    Ok((graph, sku_id))
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: AssignLicenseToExistingUserInput) -> Result<Account, Error> {
    let (mut graph, sku_id) = check(host, &input)?;
    let name = &input.user_principal_name;
    let user = read(&mut graph, name)?;
    let found = licensing::find(&mut graph, &sku_id)?;
    let switched_off = match user.license(&sku_id) {
        Some(license) => license.disabled_plans.clone(),
        None => {
            licensing::require_seat(&found.sku)?;
            Vec::new()
        }
    };
    graph.assign_license(&user.id, &sku_id, &switched_off).map_err(|error| {
        let task = format!("assign the licence {} to the user {name}", found.sku.name());
        licensing::explain_assignment(&graph, error, &task)
    })?;
    let window = graph.window(output::LAG_OF_A_CHANGE);
    let seen = output::read_with_license(&mut graph, &user.id, &sku_id, window);
    let user = seen.unwrap_or_else(|| output::with_license(user, &sku_id, &switched_off));
    Ok(output::account(user, name))
}

fn read(graph: &mut Graph<'_>, name: &str) -> Result<User, Error> {
    let task = format!("read the user {name}");
    graph.user(name).map_err(|error| graph.explain(error, Doing { call: users::GET, task: &task }))
}
