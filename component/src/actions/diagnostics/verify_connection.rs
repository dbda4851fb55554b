//! `verify-connection`: what works with a connection and what does not. Changes nothing.
//!
//! Four checks, in this order: the tenant responds, it is the one that the connection names
//! by a verified domain or by its id, the sender has a mailbox, some licence has a free
//! seat. Each makes one finding, and one that fails does not stop the others; only when the
//! tenant does not respond at all is nothing else asked. Only wrong input is an error of the
//! action itself.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::finding::{refused, skipped};
use super::{seats, sender, tenant};
use crate::bindings::connector::office365::connections::Connection;
use crate::bindings::connector::office365::types::{Error, ErrorKind};
use crate::bindings::exports::connector::office365::diagnostics::{
    Check, Finding, Verdict, Verification, VerifyConnectionInput,
};
use crate::graph::{Graph, Host, organization};
use crate::input::{Problems, connection};

fn check(host: &mut Host<'_>, input: &VerifyConnectionInput) -> Result<Connection, Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, host, &input.connection_id);
    problems.or_refuse(connection)
}

/// Runs the action.
///
/// # Errors
/// `invalid-input`.
pub fn run(mut host: Host<'_>, input: VerifyConnectionInput) -> Result<Verification, Error> {
    let connection = check(&mut host, &input)?;
    let (tenant, sender) =
        (connection.tenant.clone(), connection::sender(&connection).map(ToOwned::to_owned));
    let findings = match Graph::open(host, &input.connection_id, connection, "verify-connection") {
        Ok(mut graph) => findings(&mut graph, &tenant, sender.as_deref()),
        Err(error) => silent(error),
    };
    let usable = findings.iter().all(|finding| finding.verdict != Verdict::Failed);
    Ok(Verification { usable, findings })
}

fn findings(graph: &mut Graph<'_>, named: &str, sender: Option<&str>) -> Vec<Finding> {
    let mut findings = match graph.organization() {
        Ok(organization) => {
            vec![tenant::answered(&organization), tenant::domain(&organization, named)]
        }
        Err(error) => {
            let error = graph.explain(error, organization::GET);
            if is_silence(error.kind) {
                return silent(error);
            }
            let tenant = refused(Check::Tenant, error);
            let domain = skipped(Check::Domain, &tenant);
            vec![tenant, domain]
        }
    };
    findings.push(sender::check(graph, sender));
    findings.push(seats::check(graph));
    findings
}

/// Whether a failure of this kind means that no other question will be answered either.
fn is_silence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unauthorized | ErrorKind::Transport | ErrorKind::Throttled)
}

/// The findings when the tenant does not respond, for the reason in `error`.
fn silent(error: Error) -> Vec<Finding> {
    let tenant = refused(Check::Tenant, error);
    let others = [Check::Domain, Check::Sender, Check::Seats].map(|check| skipped(check, &tenant));
    [tenant].into_iter().chain(others).collect()
}
