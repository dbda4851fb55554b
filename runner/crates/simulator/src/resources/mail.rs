//! `POST /users/{id}/sendMail` and `POST /me/sendMail`.

use http::StatusCode;

use super::named;
use crate::exchange::{Exchange, Media, Response, ResponseOrRefusal};
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{Attachment, Mail, Tenant, User};
use crate::time::Time;
use graph::message::{self, File, Message};
use graph::mime;

/// Sends a mail: 202 without a body. The mail is in the tenant immediately.
pub fn send(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let name = named(exchange, key)?;
    let sender = tenant.users.find(name).and_then(|id| tenant.users.get(id));
    let sender = sender.ok_or_else(|| Refusal::invalid_user(name))?;
    if !tenant.has_mailbox(sender) {
        return Err(Refusal::no_mailbox());
    }
    let own = |address: &str| {
        address.eq_ignore_ascii_case(&sender.user_principal_name)
            || sender.mail.as_ref().is_some_and(|mail| address.eq_ignore_ascii_case(mail))
    };
    let message = match exchange.media {
        Media::Text => mime::read(&exchange.body, own)?,
        _ => message::read(&exchange.object()?, own)?,
    };
    let sent = sent(message, sender, exchange.at);
    tenant.mail.push(sent);
    Ok(Response::empty(StatusCode::ACCEPTED))
}

fn sent(message: Message, sender: &User, at: Time) -> Mail {
    Mail {
        sent_date_time: at,
        from: sender.mail.clone().unwrap_or_else(|| sender.user_principal_name.clone()),
        to: message.to,
        subject: message.subject,
        content_type: message.content_type,
        content: message.content,
        attachments: message.files.into_iter().map(attachment).collect(),
        other: message.other,
        saved_to_sent_items: message.saved,
    }
}

fn attachment(file: File) -> Attachment {
    let File { name, content_type, content_bytes, other } = file;
    Attachment { name, content_type, content_bytes, other }
}
