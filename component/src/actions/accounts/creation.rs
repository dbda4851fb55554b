//! Creating a user so that there is one, or none, but never a doubt that could be removed.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use crate::bindings::connector::office365::types::{Error, ErrorKind, Problem, Who};
use crate::failure::failure;
use crate::graph::Graph;
use crate::graph::error::{CallError, Doing};
use crate::graph::fault::{Conflict, Fault};
use crate::graph::operation;
use crate::graph::users::{NewUser, User};

/// How long a new user may be unknown to some copy of the directory. Microsoft promises
/// nothing; its staff speak of up to a minute or two.
pub const REPLICATION: Duration = Duration::from_secs(90);

/// How long a user whose creation was not acknowledged is looked for.
const SEARCH: Duration = Duration::from_secs(30);

/// How far the clocks of two of Graph's servers may differ, in seconds.
const CLOCK_SKEW: i64 = 60;

/// How it is known that a user is this run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Graph said that it created it.
    Acknowledged,
    /// Graph's response was lost, and the user that was found is taken to be this run's.
    Adopted,
}

/// A user that this run created.
pub struct Created {
    /// The user.
    pub user: User,
    /// How that is known.
    pub origin: Origin,
}

/// Creates `wanted`. `listed_at` is a time before that by Graph's own clock: what was
/// created before it is not this run's.
///
/// When the response is lost the user is looked for by its name. When it is not found, it
/// is created a second time, which cannot make two of it: Entra refuses a second user of
/// the same name.
///
/// # Errors
/// `already-exists`, `invalid-input`, or another of the contract's; `outcome-unknown` when
/// it stays open whether the user was created.
pub fn create(
    graph: &mut Graph<'_>,
    wanted: &NewUser<'_>,
    listed_at: Option<i64>,
) -> Result<Created, Error> {
    let user = match attempt(graph, wanted) {
        Ok(user) => {
            return Ok(Created { user, origin: Origin::Acknowledged });
        }
        Err(Missed::Refused(error)) => return Err(explain(graph, error, wanted)),
        Err(Missed::Unknown(_)) => search(graph, wanted)?,
    };
    if let Some(user) = user {
        return adopt(user, wanted, listed_at);
    }
    match attempt(graph, wanted) {
        Ok(user) => Ok(Created { user, origin: Origin::Acknowledged }),
        Err(Missed::Refused(error)) if is_conflict(&error) => match search(graph, wanted)? {
            Some(user) => adopt(user, wanted, listed_at),
            None => Err(unknown(
                wanted,
                "Graph says that a user of this name exists, but does not show it",
                &error,
            )),
        },
        Err(Missed::Refused(error)) => Err(explain(graph, error, wanted)),
        Err(Missed::Unknown(error)) => {
            Err(unknown(wanted, "Graph's answer was lost twice", &error))
        }
    }
}

/// Why an attempt to create a user brought none.
enum Missed {
    /// There is none.
    Refused(CallError),
    /// There may be one.
    Unknown(CallError),
}

fn attempt(graph: &mut Graph<'_>, wanted: &NewUser<'_>) -> Result<User, Missed> {
    graph.create_user(wanted).map_err(|error| match error {
        CallError::Lost { .. } => Missed::Unknown(error),
        other => Missed::Refused(other),
    })
}

/// Looks for the user by its name; `None` when it does not appear in time.
fn search(graph: &mut Graph<'_>, wanted: &NewUser<'_>) -> Result<Option<User>, Error> {
    let mut window = graph.window(SEARCH);
    loop {
        match graph.user(wanted.user_principal_name) {
            Ok(user) => return Ok(Some(user)),
            Err(CallError::Fault(fault)) if fault.is_missing_object() => {}
            Err(error) => {
                return Err(unknown(
                    wanted,
                    "Graph's answer was lost, and the user could not be looked for",
                    &error,
                ));
            }
        }
        if !graph.pause_in(&mut window) {
            return Ok(None);
        }
    }
}

/// Takes the user that was found for this run's, if it can be no other.
fn adopt(user: User, wanted: &NewUser<'_>, listed_at: Option<i64>) -> Result<Created, Error> {
    let same_name = user.display_name.as_deref() == Some(wanted.display_name);
    let times = user.created_at().zip(listed_at);
    match times {
        _ if !same_name => Err(already_exists(wanted)),
        Some((created, listed)) if created >= listed.saturating_sub(CLOCK_SKEW) => {
            Ok(Created { user, origin: Origin::Adopted })
        }
        Some(_) => Err(already_exists(wanted)),
        None => Err(open(
            wanted,
            format!(
                "Graph's answer to the creation of {} was lost. A user of this name exists (object id {}), but whether it is the new one cannot be told, for Graph gave no time.",
                wanted.user_principal_name, user.id
            ),
        )),
    }
}

fn unknown(wanted: &NewUser<'_>, why: &str, error: &CallError) -> Error {
    let name = wanted.user_principal_name;
    let fault = match error {
        CallError::Fault(fault)
        | CallError::Lost { fault: Some(fault), .. }
        | CallError::Throttled { fault, .. } => Some(fault),
        _ => None,
    };
    let message = format!("The user {name} may have been created, without a licence: {why}.");
    Error { graph: fault.and_then(Fault::record), ..open(wanted, message) }
}

/// It stays open whether `wanted` was created. A second call would not repair that: where
/// the user is there, it would meet it and fail.
fn open(wanted: &NewUser<'_>, message: String) -> Error {
    let fix = format!(
        "Look for the user {} in the tenant: if it is the new one, give it its licence with assign-license-to-existing-user; if it is not there, call the action again.",
        wanted.user_principal_name
    );
    Error {
        retry_safe: false,
        ..failure(ErrorKind::OutcomeUnknown, message, fix, Who::TenantAdmin)
    }
}

fn is_conflict(error: &CallError) -> bool {
    error.fault().is_some_and(|fault| fault.conflict().is_some())
}

fn already_exists(wanted: &NewUser<'_>) -> Error {
    failure(
        ErrorKind::AlreadyExists,
        format!("A user with the name {} exists already.", wanted.user_principal_name),
        "Choose another mail nickname, or give the user that exists its licence with assign-license-to-existing-user.",
        Who::Caller,
    )
}

/// Every object of a directory shares one space of mail addresses.
fn address_taken(wanted: &NewUser<'_>) -> Error {
    failure(
        ErrorKind::AlreadyExists,
        format!(
            "The mail address {} is taken: another user, a group, a contact or a deleted user of the tenant has it.",
            wanted.user_principal_name
        ),
        "Choose another mail nickname, or find what has the address in the Exchange admin center or among the tenant's deleted users, and take it away there.",
        Who::Caller,
    )
}

/// The contract's error for a refusal to create the user. Graph responds with 400 to all that is
/// wrong with the input, so its details or its message have to tell where it is wrong.
fn explain(graph: &Graph<'_>, error: CallError, wanted: &NewUser<'_>) -> Error {
    if let Some(fault) = error.fault() {
        let taken = fault.conflict().map(|conflict| match conflict {
            Conflict::Name => already_exists(wanted),
            Conflict::Address => address_taken(wanted),
        });
        if let Some(error) = taken {
            return Error { graph: fault.record(), ..error };
        }
        if fault.status == 400
            && let Some((pointer, fix, who)) = wrong_input(fault)
        {
            return refused(fault, pointer, fix, who);
        }
    }
    let task = format!("create the user {}", wanted.user_principal_name);
    graph.explain(error, Doing { operation: &operation::CREATE_USER, task: &task })
}

/// A row of what can be wrong: a word of Graph's, the pointer of the input, what to do, and
/// who can.
type Row = (&'static str, &'static str, &'static str, Who);

/// What to do about the name of a new user.
const NAME_FIX: &str = "Choose another mail nickname, as Graph's message says.";

/// What to do about the first password.
const PASSWORD_FIX: &str = "Choose a stronger password, as Graph's message says.";

/// Entra creates a user of a federated domain only with the id that it has at the other
/// identity provider, which the action does not have.
const FEDERATED_FIX: &str = "The domain is federated: set the connection's tenant to a managed domain, such as the tenant's onmicrosoft.com domain.";

/// Phrases of Graph's message, in lower case, about the domain; they count before all else,
/// since the details only name the property that the domain is part of. Observed in public.
#[rustfmt::skip]
static DOMAIN: [Row; 4] = [
    ("domain portion", "/connectionId",
        "Set the connection's tenant to one of the tenant's verified domains.", Who::TenantAdmin),
    ("sourceanchor", "/connectionId", FEDERATED_FIX, Who::TenantAdmin),
    ("source anchor", "/connectionId", FEDERATED_FIX, Who::TenantAdmin),
    ("immutableid", "/connectionId", FEDERATED_FIX, Who::TenantAdmin),
];

/// Properties of Graph's `user`, in lower case: as the target of a detail, or else in the
/// message.
#[rustfmt::skip]
static PROPERTIES: [Row; 9] = [
    ("onpremisesimmutableid", "/connectionId", FEDERATED_FIX, Who::TenantAdmin),
    ("passwordprofile", "/password", PASSWORD_FIX, Who::Caller),
    ("password", "/password", PASSWORD_FIX, Who::Caller),
    ("usagelocation", "/usageLocation", LOCATION_FIX, Who::Caller),
    ("usage location", "/usageLocation", LOCATION_FIX, Who::Caller),
    ("mailnickname", "/mailNickname", NAME_FIX, Who::Caller),
    ("userprincipalname", "/mailNickname", NAME_FIX, Who::Caller),
    ("proxyaddresses", "/mailNickname", NAME_FIX, Who::Caller),
    ("displayname", "/displayName",
        "Choose another display name, as Graph's message says.", Who::Caller),
];

/// What to do about a usage location.
const LOCATION_FIX: &str = "Choose a usage location in which Microsoft offers its services.";

/// Which input Graph's refusal is about, what to do, and who can. What its details name
/// tells more than its message.
fn wrong_input(fault: &Fault) -> Option<(&'static str, &'static str, Who)> {
    let said = |(phrase, ..): &&Row| fault.says(phrase);
    let target = fault.target().unwrap_or_default().split('.').next().unwrap_or_default();
    let named = |(property, ..): &&Row| property.eq_ignore_ascii_case(target);
    let row = DOMAIN.iter().find(said);
    let row = row.or_else(|| PROPERTIES.iter().find(named));
    let (_, pointer, fix, who) = row.or_else(|| PROPERTIES.iter().find(said))?;
    Some((pointer, fix, *who))
}

fn refused(fault: &Fault, pointer: &str, fix: &str, who: Who) -> Error {
    Error {
        problems: Some(vec![Problem { pointer: pointer.to_owned(), message: fault.text() }]),
        graph: fault.record(),
        ..failure(
            ErrorKind::InvalidInput,
            format!("Graph refused the input at {pointer}: {}", fault.text()),
            fix,
            who,
        )
    }
}
