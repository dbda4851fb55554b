//! Sending a mail once.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::message::{Envelope, Mail};
use super::refusal::{self, Route};
use crate::bindings::connector::office365::connections::{Access, Connection};
use crate::bindings::connector::office365::types::{Error, ErrorKind};
use crate::graph::error::{CallError, Doing};
use crate::graph::operation::{self, Operation};
use crate::graph::request::Call;
use crate::graph::{Graph, Host, path};

/// One mailbox that sends, and one address to send to.
pub struct Outbox<'a> {
    graph: Graph<'a>,
    operation: &'static Operation,
    path: String,
    sender: String,
    tenant: String,
    recipient: String,
}

impl<'a> Outbox<'a> {
    /// The outbox of `connection`, whose input was checked. A signed-in user sends from its
    /// own mailbox, whatever the connection's `sender` is; an application from that one.
    ///
    /// # Errors
    /// `unauthorized` when the host has no sign-in for the connection.
    pub fn open(
        host: Host<'a>,
        connection_id: &str,
        connection: Connection,
        recipient: &str,
    ) -> Result<Self, Error> {
        // An application has no `/me`.
        let (operation, path, sender) = match connection.access {
            Access::Delegated => {
                (&operation::SEND_MAIL_AS_USER, "/me".to_owned(), "signed-in user".to_owned())
            }
            Access::AppOnly => {
                let sender = connection.sender.clone().unwrap_or_default();
                (&operation::SEND_MAIL_AS_APP, path::user(&sender), format!("sender {sender}"))
            }
        };
        let tenant = connection.tenant.clone();
        let graph = Graph::open(host, connection_id, connection, recipient)?;
        let (path, recipient) = (format!("{path}/sendMail"), recipient.to_owned());
        Ok(Outbox { graph, operation, path, sender, tenant, recipient })
    }

    /// Sends `mail`, at most once.
    ///
    /// # Errors
    /// Graph did not take it; or `outcome-unknown`, when it may have done so.
    pub fn send(&mut self, mail: &Mail<'_>) -> Result<(), Error> {
        self.post(mail).map_err(|error| self.explain(error, mail.secret))
    }

    fn post(&mut self, mail: &Mail<'_>) -> Result<(), CallError> {
        let body = Envelope::new(mail, &self.recipient, &self.tenant);
        let call = Call::post(self.operation, self.path.clone(), &body)?;
        self.graph.send(&call)?.result.map_err(CallError::Fault)?;
        Ok(())
    }

    fn explain(&self, error: CallError, secret: bool) -> Error {
        let (sender, recipient) = (self.sender.as_str(), self.recipient.as_str());
        let (operation, access) = (self.operation, self.graph.access());
        let route = Route { operation, access, sender, recipient };
        if let Some(error) = error.fault().and_then(|fault| refusal::explain(fault, route)) {
            return error;
        }
        let task = format!("send the mail to {recipient}");
        let mut error = self.graph.explain(error, Doing { operation, task: &task });
        if error.kind == ErrorKind::OutcomeUnknown {
            error.retry_safe = false;
            error.fix = how_to_find_out(sender, recipient, secret);
        }
        error
    }
}

fn how_to_find_out(sender: &str, recipient: &str, secret: bool) -> String {
    if secret {
        return format!(
            "Ask {recipient} whether the mail came before the action is called again; it holds a secret, so the {sender} has no copy among the sent items."
        );
    }
    format!(
        "Ask {recipient} whether the mail came, or look among the sent items of the {sender}, before the action is called again."
    )
}
