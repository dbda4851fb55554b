//! Sending a mail once.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::message::{Envelope, Mail};
use super::refusal::{self, Route};
use crate::bindings::connector::office365::connections::{Access, Connection};
use crate::bindings::connector::office365::types::{Error, ErrorKind};
use crate::graph::error::{CallError, Doing};
use crate::graph::request::{Call, Effect};
use crate::graph::{Graph, Host, path};

/// The names of the calls in `wit/actions.toml`: one for a signed-in user, one for an
/// application, which has no `/me`.
const SEND_AS_USER: &str = "POST /me/sendMail";
const SEND_AS_APP: &str = "POST /users/{id}/sendMail";

/// What Graph answers when it has taken a mail, and nothing else does. That the mail is
/// delivered is not known then. Source: "user: sendMail", Graph v1.0 reference.
const ACCEPTED: u16 = 202;

/// One mailbox that sends, and one address to send to.
pub struct Outbox<'a> {
    graph: Graph<'a>,
    call: &'static str,
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
        let (call, path, sender) = match connection.access {
            Access::Delegated => (SEND_AS_USER, "/me".to_owned(), "signed-in user".to_owned()),
            Access::AppOnly => {
                let sender = connection.sender.clone().unwrap_or_default();
                (SEND_AS_APP, path::user(&sender), format!("sender {sender}"))
            }
        };
        let tenant = connection.tenant.clone();
        let graph = Graph::open(host, connection_id, connection, recipient)?;
        let (path, recipient) = (format!("{path}/sendMail"), recipient.to_owned());
        Ok(Outbox { graph, call, path, sender, tenant, recipient })
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
        let call = Call::post(self.call, self.path.clone(), &body, Effect::Message)?;
        let answer = self.graph.send(&call)?.result.map_err(CallError::Fault)?;
        if answer.status == ACCEPTED {
            return Ok(());
        }
        let message = format!("status {ACCEPTED} was expected, and {} came", answer.status);
        Err(CallError::Lost { message, fault: None })
    }

    fn explain(&self, error: CallError, secret: bool) -> Error {
        let (sender, recipient) = (self.sender.as_str(), self.recipient.as_str());
        let route = Route { call: self.call, access: self.graph.access(), sender, recipient };
        if let Some(error) = error.fault().and_then(|fault| refusal::explain(fault, route)) {
            return error;
        }
        let task = format!("send the mail to {recipient}");
        let mut error = self.graph.explain(error, Doing { call: self.call, task: &task });
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
