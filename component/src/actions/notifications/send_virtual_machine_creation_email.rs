//! `send-virtual-machine-creation-email`: tells a person that a virtual machine was
//! created in Microsoft Azure, and how to log in. The password is in the mail, so the
//! sender's mailbox keeps no copy.

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::VirtualMachineCreatedEmailInput;
use crate::graph::Host;
use crate::input::{Problems, addresses, connection, machines, text};
use crate::mail::{Fact, Mail, Outbox};

/// The longest password, in characters.
const PASSWORD: usize = 256;

fn check<'a>(
    mut host: Host<'a>,
    input: &VirtualMachineCreatedEmailInput,
) -> Result<Outbox<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::sending(&mut problems, &mut host, &input.connection_id);
    addresses::recipient(&mut problems, &input.recipient);
    machines::ip(&mut problems, &input.ip);
    text::line(&mut problems, "/login", &input.login, text::LOGIN);
    text::line(&mut problems, "/password", &input.password, PASSWORD);
    let connection = problems.or_refuse(connection)?;
    Outbox::open(host, &input.connection_id, connection, &input.recipient)
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; `outcome-unknown` when the mail may have been sent.
pub fn run(host: Host<'_>, input: VirtualMachineCreatedEmailInput) -> Result<(), Error> {
    let mut outbox = check(host, &input)?;
    outbox.send(&Mail {
        subject: &format!("Your virtual machine {} was created", input.ip),
        opening: "A virtual machine was created for you in Microsoft Azure.",
        facts: &[
            Fact { label: "IP address", value: &input.ip },
            Fact { label: "Login", value: &input.login },
            Fact { label: "Password", value: &input.password },
        ],
        advice: "Change the password when you have logged in for the first time, and delete this message.",
        key: None,
        secret: true,
    })
}
