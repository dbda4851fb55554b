//! `send-aws-instance-creation-email`: tells a person that an instance was created in
//! Amazon Web Services, and how to reach it. The private key goes with the mail as a file,
//! so the sender's mailbox keeps no copy.

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::AwsInstanceEmailInput;
use crate::graph::Host;
use crate::input::{Problems, addresses, connection, keys, text};
use crate::mail::{Fact, KeyFile, Mail, Outbox, key_file_name};

/// The longest connection details, in characters.
const DETAILS: usize = 2000;

fn check<'a>(mut host: Host<'a>, input: &AwsInstanceEmailInput) -> Result<Outbox<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::sending(&mut problems, &mut host, &input.connection_id);
    addresses::recipient(&mut problems, &input.recipient);
    text::line(&mut problems, "/login", &input.login, text::LOGIN);
    keys::private_key(&mut problems, &input.private_key);
    text::lines(&mut problems, "/connectionDetails", &input.connection_details, DETAILS);
    let connection = problems.or_refuse(connection)?;
    Outbox::open(host, &input.connection_id, connection, &input.recipient)
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; `outcome-unknown` when the mail may have been sent.
pub fn run(host: Host<'_>, input: AwsInstanceEmailInput) -> Result<(), Error> {
    let mut outbox = check(host, &input)?;
    let file = key_file_name(&input.login);
    outbox.send(&Mail {
        subject: "Your Amazon Web Services instance was created",
        opening: "An instance was created for you in Amazon Web Services. Its private key is attached to this message.",
        facts: &[
            Fact { label: "Login", value: &input.login },
            Fact { label: "Connection details", value: &input.connection_details },
            Fact { label: "Private key", value: &file },
        ],
        advice: "Whoever has the private key can log in: save it where only you can read it, which ssh asks for too, and delete this message.",
        key: Some(KeyFile { name: &file, pem: &input.private_key }),
        secret: true,
    })
}
