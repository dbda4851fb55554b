//! `POST /users/{id}/sendMail` and `POST /me/sendMail`.

use http::StatusCode;

use super::{message, named};
use crate::simulator::exchange::{Answer, Answered, Exchange};
use crate::simulator::refusal::Refusal;
use crate::simulator::route::Key;
use crate::simulator::tenant::Tenant;

/// Sends a mail: 202, and no body. It is in the tenant at once.
pub fn send(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> Answered {
    let name = named(exchange, key)?;
    let sender = tenant.users.find(name).and_then(|id| tenant.users.get(id)).ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "ErrorInvalidUser",
            format!("The requested user '{name}' is invalid."),
        )
    })?;
    if !tenant.has_mailbox(sender) {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        ));
    }
    let sent = message::read(&exchange.object()?, sender, exchange.at)?;
    tenant.mail.push(sent);
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
