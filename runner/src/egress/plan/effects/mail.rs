//! Sending mail.

use http::StatusCode;
use serde_json::Value;

use super::{Effect, NoEffect, Write};
use crate::egress::plan::lookups::{Lookup, Lookups};
use crate::egress::plan::overlay::User;
use crate::egress::plan::responses::response;
use crate::graph::licensing::is_mailbox;
use crate::graph::{Media, Refusal, message, mime};

/// `POST /users/{id}/sendMail` and `POST /me/sendMail`.
pub async fn send(lookups: &Lookups<'_>, write: &Write<'_>) -> Result<Effect, NoEffect> {
    let target = write.target();
    let sender = match lookups.user(target, &["mail", "assignedPlans"]).await? {
        Lookup::Found(user) => Some(user),
        Lookup::Absent => {
            let reason = format!("sends no mail: there is no user {}", target.name());
            return Err(NoEffect::Refused(reason, Refusal::invalid_user(&target.name())));
        }
        Lookup::Unknown(_) => None,
    };
    if let Some(sender) = &sender {
        check_mailbox(lookups, sender)?;
    }
    let is_own = |address: &str| {
        sender.as_ref().is_none_or(|sender| {
            let own = [Some(sender.name.as_str()), sender.text("mail")];
            own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(address))
        })
    };
    let mail = match write.media {
        Media::Text => mime::read(write.body, is_own)?,
        media => message::read(&media.object(write.body)?, is_own)?,
    };
    let from = sender.as_ref().map_or_else(|| target.name(), |sender| sender.name.clone());
    let attached = if mail.files.is_empty() { "" } else { ", with an attachment" };
    let to = mail.to.join(", ");
    let changes = format!("sends the mail \"{}\" from {from} to {to}{attached}", mail.subject);
    lookups.unchecked(format!("Whether Exchange lets the connection send from {from}."));
    lookups.unchecked("Whether the mail arrives: Graph accepts a mail before it is delivered.");
    Ok(Effect { changes, response: response(StatusCode::ACCEPTED, None) })
}

/// Fails when the directory shows that the sender has no mailbox.
fn check_mailbox(lookups: &Lookups<'_>, sender: &User) -> Result<(), NoEffect> {
    let text = |plan: &Value, name: &str| plan.get(name)?.as_str().map(ToOwned::to_owned);
    let is_usable = |plan: &Value| {
        let status = text(plan, "capabilityStatus").unwrap_or_default();
        let [service, id] =
            ["service", "servicePlanId"].map(|name| text(plan, name).unwrap_or_default());
        ["Enabled", "Warning"].contains(&status.as_str()) && is_mailbox(&service, &id)
    };
    let has_plan = sender.list("assignedPlans").iter().any(is_usable);
    let name = &sender.name;
    if sender.is_created || sender.is_changed {
        lookups.unchecked(format!(
            "Whether {name} has a mailbox: this plan changes the user, and a mailbox can take 15 minutes to appear."
        ));
    } else if !has_plan && sender.text("mail").is_some() {
        lookups.unchecked(format!(
            "Whether {name} has a mailbox: it has no plan of Exchange Online, but a mail address, as a shared mailbox has."
        ));
    } else if !has_plan {
        let reason = format!("sends no mail: the sender {name} has no mailbox");
        return Err(NoEffect::Refused(reason, Refusal::no_mailbox()));
    }
    Ok(())
}
