//! Mail sent.

use http::StatusCode;
use serde_json::Value;

use super::{Effect, Undone, Write};
use crate::egress::plan::answers::answer;
use crate::egress::plan::looks::{Looks, Sight};
use crate::egress::plan::overlay::User;
use crate::graph::licensing::is_mailbox;
use crate::graph::{self, Refusal, message};

/// `POST /users/{id}/sendMail` and `POST /me/sendMail`.
pub async fn send(looks: &Looks<'_>, write: &Write<'_>) -> Result<Effect, Undone> {
    let whom = write.whom();
    let sender = match looks.user(whom, &["mail", "assignedPlans"]).await? {
        Sight::There(user) => Some(user),
        Sight::Absent => {
            return Err(Undone::Refused {
                reason: format!("sends no mail: there is no user {}", whom.name()),
                refusal: Refusal::invalid_user(&whom.name()),
            });
        }
        Sight::Unknown(_) => None,
    };
    if let Some(sender) = &sender {
        check_mailbox(looks, sender)?;
    }
    let is_own = |address: &str| {
        sender.as_ref().is_none_or(|sender| {
            let own = [Some(sender.name.as_str()), sender.text("mail")];
            own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(address))
        })
    };
    let mail = message::read(&graph::object(write.body)?, is_own)?;
    let from = sender.as_ref().map_or_else(|| whom.name(), |sender| sender.name.clone());
    let attached = if mail.files.is_empty() { "" } else { ", with an attachment" };
    let to = mail.to.join(", ");
    let changes = format!("sends the mail \"{}\" from {from} to {to}{attached}", mail.subject);
    looks.unchecked(format!("Whether Exchange lets the connection send from {from}."));
    looks.unchecked("Whether the mail arrives: Graph accepts a mail before it is delivered.");
    Ok(Effect { changes, answer: answer(StatusCode::ACCEPTED, None) })
}

/// Refuses a sender without a mailbox, as far as the directory tells.
fn check_mailbox(looks: &Looks<'_>, sender: &User) -> Result<(), Undone> {
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
        looks.unchecked(format!(
            "Whether {name} has a mailbox: this plan changes the user, and a mailbox can take 15 minutes to appear."
        ));
    } else if !has_plan && sender.text("mail").is_some() {
        looks.unchecked(format!(
            "Whether {name} has a mailbox: it has no plan of Exchange Online, but a mail address, as a shared mailbox has."
        ));
    } else if !has_plan {
        return Err(Undone::Refused {
            reason: format!("sends no mail: the sender {name} has no mailbox"),
            refusal: Refusal::no_mailbox(),
        });
    }
    Ok(())
}
