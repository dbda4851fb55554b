//! Users created and deleted.

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::{Effect, Undone, Write};
use crate::egress::Response;
use crate::egress::plan::answers::answer;
use crate::egress::plan::looks::{Domain, Looks, Sight, Whom, user_path};
use crate::egress::plan::overlay::User;
use crate::graph::accounts::{self, NewUser};
use crate::graph::{self, Refusal};

/// `POST /users`.
pub async fn create(looks: &Looks<'_>, write: &Write<'_>) -> Result<Effect, Undone> {
    let body = graph::object(write.body)?;
    let new = NewUser::read(&body)?;
    check_domain(looks, &new).await?;
    let name = new.user_principal_name;
    check_free(looks, name).await?;
    let restored = match looks.predecessor(name).await? {
        // A deleted user's name and addresses are free; whoever is restored gets others.
        // Source: "Restore deleted item (directory object)", newUserPrincipalName and
        // autoReconcileProxyConflict.
        Some(user) => format!("; the deleted user {user} had that name, and loses it"),
        None => String::new(),
    };
    looks.unchecked("Whether Entra takes the password: lists of banned passwords cannot be read.");
    looks.unchecked(format!(
        "Whether a group or a contact has the mail address {name}: no permission of the actions covers them."
    ));
    let user = User::planned(&new, &body);
    let changes = format!("creates the user {name} ({}){restored}", new.display_name);
    let answer = created(looks.root, &user);
    looks.state().overlay.create(user);
    Ok(Effect { changes, answer })
}

async fn check_domain(looks: &Looks<'_>, new: &NewUser<'_>) -> Result<(), Undone> {
    let domain = accounts::domain(new.user_principal_name);
    match looks.domain(domain).await? {
        Sight::Absent => Err(Undone::Refused {
            reason: format!("creates no user: {domain} is no verified domain of the tenant"),
            refusal: Refusal::unverified_domain(),
        }),
        Sight::There(Domain::Federated) if !new.other.contains_key("onPremisesImmutableId") => {
            Err(Undone::Refused {
                reason: format!(
                    "creates no user: the domain {domain} is federated, and its users are created elsewhere"
                ),
                refusal: Refusal::federated_domain(),
            })
        }
        Sight::There(_) | Sight::Unknown(_) => Ok(()),
    }
}

async fn check_free(looks: &Looks<'_>, name: &str) -> Result<(), Undone> {
    let path = user_path(name);
    let whom = Whom { key: Some(name), path: &path };
    if let Sight::There(user) = looks.user(whom, &[]).await? {
        return Err(Undone::Refused {
            reason: format!(
                "creates no user: {name} is the name of a user already (object id {})",
                user.id
            ),
            refusal: Refusal::name_taken(),
        });
    }
    if let Some(holder) = looks.holder(name).await? {
        return Err(Undone::Refused {
            reason: format!("creates no user: {name} is a mail address of {holder}"),
            refusal: Refusal::address_taken(),
        });
    }
    Ok(())
}

/// Graph's response to a creation.
fn created(root: &str, user: &User) -> Response {
    let mut body = user.default_set();
    body.insert("@odata.context".to_owned(), format!("{root}/$metadata#users/$entity").into());
    let mut answer = answer(StatusCode::CREATED, Some(Value::Object(body)));
    let location = format!("{root}/directoryObjects/{}/Microsoft.DirectoryServices.User", user.id);
    answer
        .headers_mut()
        .extend(HeaderValue::try_from(location).ok().map(|at| (header::LOCATION, at)));
    answer
}

/// `DELETE /users/{id}`.
pub async fn delete(looks: &Looks<'_>, write: &Write<'_>) -> Result<Effect, Undone> {
    let whom = write.whom();
    let (key, name) = match looks.user(whom, &["assignedLicenses"]).await? {
        Sight::There(user) => {
            let mut state = looks.state();
            user.skus().into_iter().for_each(|sku_id| state.overlay.skus.release(sku_id));
            (user.id, user.name)
        }
        Sight::Absent => return Err(whom.absent("deletes nobody")),
        Sight::Unknown(_) => (whom.name(), whom.name()),
    };
    looks.state().overlay.delete(&key);
    looks.unchecked(format!(
        "Whether the connection may delete the user {name}: one with an administrator's role can only be deleted by a higher role."
    ));
    let changes = format!("deletes the user {name}, who can be restored for 30 days");
    Ok(Effect { changes, answer: answer(StatusCode::NO_CONTENT, None) })
}
