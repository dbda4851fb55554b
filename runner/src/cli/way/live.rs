//! Graph itself, over a connection of the configuration.

use super::{Opened, Way};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::connections::Connection;
use crate::connections::config::Configured;
use crate::contract::{ActionPolicy, Call};
use crate::egress::live::{Client, ClientOptions, Faults, Proxies, trust, way_out};
use crate::egress::observer::Observer;
use crate::recording::Secrets;
use crate::sandbox::Clock;

/// A connection that is not open yet.
pub struct Live {
    connection: Configured,
    /// Its public part, under its id.
    lent: (String, Connection),
    /// The calls of the action, for the log.
    calls: Vec<Call>,
    json: bool,
}

impl Live {
    /// The way over `connection`, for an action with this policy.
    pub fn new(connection: Configured, policy: &ActionPolicy, json: bool) -> Self {
        let lent = (connection.id.clone(), connection.public());
        Self { connection, lent, calls: policy.calls.clone(), json }
    }
}

impl Way for Live {
    fn lent(&self) -> Option<&(String, Connection)> {
        Some(&self.lent)
    }

    fn clock(&self) -> Clock {
        Clock::real()
    }

    fn place(&self) -> &'static str {
        "in the configuration"
    }

    fn open(self: Box<Self>, _: &Secrets, _: &Clock) -> Result<Opened, Failure> {
        let client = client(&self.connection, self.json)?;
        let faults = Faults::default();
        let progress = Progress::start(self.json);
        let observer = Observer {
            calls: self.calls,
            graph_url: self.connection.graph_url.clone(),
            watcher: progress.as_ref().map(Progress::watcher),
        };
        let way_out = observer.in_front_of(way_out::way_out(client, faults.clone()));
        let close = Box::new(move || {
            if let Some(progress) = progress {
                progress.finish();
            }
            Ok(Vec::new())
        });
        Ok(Opened { way_out, close, faults })
    }
}

/// The client of a connection, with a warning where it trusts more than it should.
pub fn client(connection: &Configured, json: bool) -> Result<Client, Failure> {
    if let Some(warning) = trust::warning(&connection.id, &connection.trust) {
        output::warn(json, &warning);
    }
    let options = ClientOptions {
        trust: connection.trust.clone(),
        own_addresses: connection.own_addresses.clone(),
        proxies: Proxies::from_env(),
        ..ClientOptions::default()
    };
    Ok(Client::new(&options).map_err(anyhow::Error::from)?)
}
