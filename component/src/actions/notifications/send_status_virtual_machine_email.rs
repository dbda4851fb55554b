//! `send-status-virtual-machine-email`: tells a person the status of a virtual machine
//! in Microsoft Azure.

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::VirtualMachineStatusEmailInput;
use crate::graph::Host;
use crate::input::{Problems, addresses, connection, machines, text};
use crate::mail::{Fact, Mail, Outbox};

/// The longest status, in characters.
const STATUS: usize = 256;

fn check<'a>(
    mut host: Host<'a>,
    input: &VirtualMachineStatusEmailInput,
) -> Result<Outbox<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::sending(&mut problems, &mut host, &input.connection_id);
    addresses::recipient(&mut problems, &input.recipient);
    machines::ip(&mut problems, &input.ip);
    text::line(&mut problems, "/status", &input.status, STATUS);
    let connection = problems.or_refuse(connection)?;
    Outbox::open(host, &input.connection_id, connection, &input.recipient)
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; `outcome-unknown` when the mail may have been sent.
pub fn run(host: Host<'_>, input: VirtualMachineStatusEmailInput) -> Result<(), Error> {
    let mut outbox = check(host, &input)?;
    outbox.send(&Mail {
        subject: &format!("Virtual machine {}: {}", input.ip, input.status),
        opening: "This is the status of a virtual machine in Microsoft Azure.",
        facts: &[
            Fact { label: "IP address", value: &input.ip },
            Fact { label: "Status", value: &input.status },
        ],
        advice: "The status may have changed since this message was sent.",
        key: None,
        secret: false,
    })
}
