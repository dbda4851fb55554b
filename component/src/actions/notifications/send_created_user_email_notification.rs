//! `send-created-user-email-notification`: tells a person that a user account was
//! created. It goes to the person who requested the account, not to the account, whose mailbox
//! may
//! take 15 minutes to be ready.

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::CreatedUserEmailInput;
use crate::graph::Host;
use crate::input::{Problems, addresses, connection};
use crate::mail::{Fact, Mail, Outbox};

fn check<'a>(mut host: Host<'a>, input: &CreatedUserEmailInput) -> Result<Outbox<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::sending(&mut problems, &mut host, &input.connection_id);
    addresses::recipient(&mut problems, &input.recipient);
    addresses::user_email(&mut problems, &input.user_email);
    let connection = problems.or_refuse(connection)?;
    Outbox::open(host, &input.connection_id, connection, &input.recipient)
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; `outcome-unknown` when the mail may have been sent.
pub fn run(host: Host<'_>, input: CreatedUserEmailInput) -> Result<(), Error> {
    let mut outbox = check(host, &input)?;
    outbox.send(&Mail {
        subject: &format!("Office 365 account {} was created", input.user_email),
        opening: "A user account was created in Microsoft Office 365.",
        facts: &[Fact { label: "Account", value: &input.user_email }],
        advice: "The first password is not in this message. A new one is asked for at the first sign-in. The mailbox may take some minutes to be ready.",
        key: None,
        secret: false,
    })
}
