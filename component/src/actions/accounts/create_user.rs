//! `create-user`: creates a user and gives it a licence.
//!
//! The new user's name is the mail nickname, `@` and the tenant's domain. The user is only
//! created when a seat of the licence is free, and is deleted again when the licence
//! cannot be assigned; when that fails too, the error names the user that is left. The
//! result is the user as Graph shows it once it shows the licence, for which it is given
//! 90 seconds after the creation; a licence that it does not show by then is an
//! `outcome-unknown`.

use alloc::string::String;

use super::creation::{self, Origin};
use super::licensing::{self, Found};
use super::{output, removal};
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::accounts::{Account, CreateUserInput};
use crate::graph::error::CallError;
use crate::graph::fault::Fault;
use crate::graph::users::{NewUser, PasswordProfile};
use crate::graph::wait::Window;
use crate::graph::{Graph, Host};
use crate::input::{Problems, connection, ids, location, names, password};

/// The input, checked, and what follows from it.
struct Checked<'a> {
    graph: Graph<'a>,
    service_id: String,
    name: String,
}

fn check<'a>(mut host: Host<'a>, input: &CreateUserInput) -> Result<Checked<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    let service_id = ids::service_id(&mut problems, &input.service_id);
    names::display_name(&mut problems, &input.display_name);
    names::mail_nickname(&mut problems, &input.mail_nickname);
    let name = connection.as_ref().map(|connection| {
        names::new_principal_name(&mut problems, &input.mail_nickname, &connection.tenant)
    });
    password::password(&mut problems, &input.password);
    location::usage_location(&mut problems, &input.usage_location);
    let (connection, name) = problems.or_refuse(connection.zip(name))?;
    let graph = Graph::open(host, &input.connection_id, connection, &name)?;
    Ok(Checked { graph, service_id, name })
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: CreateUserInput) -> Result<Account, Error> {
    let Checked { mut graph, service_id, name } = check(host, &input)?;
    let found = licensing::find(&mut graph, &service_id)?;
    let sku_id = &found.sku.sku_id;
    licensing::require_seat(&found.sku)?;
    let user = NewUser {
        account_enabled: true,
        display_name: &input.display_name,
        mail_nickname: &input.mail_nickname,
        user_principal_name: &name,
        usage_location: &input.usage_location,
        password_profile: PasswordProfile {
            force_change_password_next_sign_in: true,
            password: &input.password,
        },
    };
    let created = creation::create(&mut graph, &user, found.listed_at)?;
    let window = graph.window(creation::REPLICATION);
    if let Err(error) = license(&mut graph, &created.user.id, sku_id, window.again()) {
        let error = explain(&graph, error, &found, &name);
        return Err(match created.origin {
            Origin::Acknowledged => {
                removal::undo(&mut graph, &created.user.id, &name, window, error)
            }
            Origin::Adopted => removal::leave(&created.user.id, &name, error),
        });
    }
    match output::read_with_license(&mut graph, &created.user.id, sku_id, window) {
        Ok(user) => Ok(output::account(user, &name)),
        Err(unseen) => {
            let error = unseen.explain(&graph, found.sku.name(), &name);
            Err(removal::keep(&created.user.id, &name, error))
        }
    }
}

/// Assigns the licence, again and again while the refusal may come from a copy of the
/// directory that does not know the new user yet.
fn license(
    graph: &mut Graph<'_>,
    id: &str,
    sku_id: &str,
    mut window: Window,
) -> Result<(), CallError> {
    loop {
        let Err(error) = graph.assign_license(id, sku_id, &[]) else {
            return Ok(());
        };
        let lag = error.fault().is_some_and(Fault::may_be_replication);
        if !lag || !graph.pause_in(&mut window) {
            return Err(error);
        }
    }
}

fn explain(graph: &Graph<'_>, error: CallError, found: &Found, name: &str) -> Error {
    let task = format!("assign the licence {} to the new user {name}", found.sku.name());
    licensing::explain_assignment(graph, error, &task)
}
