//! Creating and deleting users.

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::{Effect, NoEffect, Write};
use crate::egress::Response;
use crate::egress::plan::lookups::{Domain, Lookup, Lookups, UserRef, user_path};
use crate::egress::plan::overlay::User;
use crate::egress::plan::responses::response;
use crate::graph::Refusal;
use crate::graph::accounts::{self, NewUser};

/// `POST /users`.
pub async fn create(lookups: &Lookups<'_>, write: &Write<'_>) -> Result<Effect, NoEffect> {
    let body = write.media.object(write.body)?;
    let new = NewUser::read(&body)?;
    check_domain(lookups, &new).await?;
    let name = new.user_principal_name;
    check_free(lookups, name).await?;
    let restored = match lookups.predecessor(name).await? {
        // The name and addresses of a deleted user are free; a restored user gets others. Source:
        // "Restore deleted item (directory object)", newUserPrincipalName and
        // autoReconcileProxyConflict.
        Some(user) => format!("; the deleted user {user} had that name, and loses it"),
        None => String::new(),
    };
    lookups
        .unchecked("Whether Entra takes the password: lists of banned passwords cannot be read.");
    lookups.unchecked(format!(
        "Whether a group or a contact has the mail address {name}: no permission of the actions covers them."
    ));
    let user = User::planned(&new, &body);
    let changes = format!("creates the user {name} ({}){restored}", new.display_name);
    let response = created(lookups.root, &user);
    lookups.state().overlay.create(user);
    Ok(Effect { changes, response })
}

async fn check_domain(lookups: &Lookups<'_>, new: &NewUser<'_>) -> Result<(), NoEffect> {
    let domain = accounts::domain(new.user_principal_name);
    match lookups.domain(domain).await? {
        Lookup::Absent => Err(NoEffect::Refused(
            format!("creates no user: {domain} is no verified domain of the tenant"),
            Refusal::unverified_domain(),
        )),
        Lookup::Found(Domain::Federated) if !new.other.contains_key("onPremisesImmutableId") => {
            let reason = format!(
                "creates no user: the domain {domain} is federated, and its users are created elsewhere"
            );
            Err(NoEffect::Refused(reason, Refusal::federated_domain()))
        }
        Lookup::Found(_) | Lookup::Unknown(_) => Ok(()),
    }
}

async fn check_free(lookups: &Lookups<'_>, name: &str) -> Result<(), NoEffect> {
    let path = user_path(name);
    let target = UserRef { key: Some(name), path: &path };
    if let Lookup::Found(user) = lookups.user(target, &[]).await? {
        let id = user.id;
        let reason =
            format!("creates no user: {name} is the name of a user already (object id {id})");
        return Err(NoEffect::Refused(reason, Refusal::name_taken()));
    }
    if let Some(holder) = lookups.holder(name).await? {
        let reason = format!("creates no user: {name} is a mail address of {holder}");
        return Err(NoEffect::Refused(reason, Refusal::address_taken()));
    }
    Ok(())
}

fn created(root: &str, user: &User) -> Response {
    let mut body = user.default_set();
    body.insert("@odata.context".to_owned(), format!("{root}/$metadata#users/$entity").into());
    let mut created = response(StatusCode::CREATED, Some(Value::Object(body)));
    let location = format!("{root}/directoryObjects/{}/Microsoft.DirectoryServices.User", user.id);
    let location = HeaderValue::try_from(location).ok().map(|at| (header::LOCATION, at));
    created.headers_mut().extend(location);
    created
}

/// `DELETE /users/{id}`.
pub async fn delete(lookups: &Lookups<'_>, write: &Write<'_>) -> Result<Effect, NoEffect> {
    let target = write.target();
    let (key, name) = match lookups.user(target, &["assignedLicenses"]).await? {
        Lookup::Found(user) => {
            let mut state = lookups.state();
            user.skus().into_iter().for_each(|sku_id| state.overlay.skus.release(sku_id));
            (user.id, user.name)
        }
        Lookup::Absent => return Err(target.absent("deletes nobody")),
        Lookup::Unknown(_) => (target.name(), target.name()),
    };
    lookups.state().overlay.delete(&key);
    lookups.unchecked(format!(
        "Whether the connection may delete the user {name}: one with an administrator's role can only be deleted by a higher role."
    ));
    let changes = format!("deletes the user {name}, who can be restored for 30 days");
    Ok(Effect { changes, response: response(StatusCode::NO_CONTENT, None) })
}
