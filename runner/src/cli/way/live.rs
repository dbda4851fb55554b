//! Graph itself, over a connection of the configuration.

use std::time::Duration;

use http::Uri;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Opened, Way};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::connections::Connection;
use crate::connections::config::Configured;
use crate::connections::tokens::{Credentials, TokenCache};
use crate::contract::{ActionPolicy, Call};
use crate::egress::credential::Credential;
use crate::egress::live::{Client, ClientOptions, Faults, Proxies, trust, way_out};
use crate::egress::observer::Observer;
use crate::egress::{WayOut, correlation, plan};
use crate::recording::Secrets;
use crate::recording::scan::OtherSecrets;
use crate::sandbox::Clock;

/// A connection that is not open yet.
pub struct Live {
    connection: Configured,
    /// Its public part, under its id.
    lent: (String, Connection),
    /// The calls of the action, for the log.
    calls: Vec<Call>,
    json: bool,
    time_limit: Option<Duration>,
    run: Uuid,
}

impl Live {
    /// The way over `connection`, for an action with this policy.
    pub fn new(connection: Configured, policy: &ActionPolicy, json: bool) -> Self {
        let lent = (connection.id.clone(), connection.public());
        Self {
            connection,
            lent,
            calls: policy.calls.clone(),
            json,
            time_limit: None,
            run: Uuid::nil(),
        }
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

    fn time_limit(&mut self, limit: Duration) {
        self.time_limit = Some(limit);
    }

    fn run_id(&mut self, run: Uuid) {
        self.run = run;
    }

    fn only_reads(&mut self) {
        self.calls.extend(plan::looks());
    }

    fn open(self: Box<Self>, _: &Secrets, _: &Clock) -> Result<Opened, Failure> {
        let line = Line::open(&self.connection, self.json, true, self.time_limit)?;
        let way_out = line.way_out(self.calls, self.run);
        let faults = line.faults.clone();
        let known = line.known.clone();
        let close = Box::new(move || Ok(line.close()));
        Ok(Opened { way_out, close, faults, known })
    }
}

/// An open connection: its client, its sign-in, and what a person sees of it meanwhile.
pub struct Line {
    client: Client,
    credentials: Credentials,
    faults: Faults,
    progress: Option<Progress>,
    graph_url: Uri,
    /// The connection's secrets, and each token that goes out.
    known: OtherSecrets,
}

impl Line {
    /// Opens `connection`, with a warning where it trusts more than it should; and shows, if
    /// `shown`, what happens on it. After `limit` nobody waits for its sign-in.
    pub fn open(
        connection: &Configured,
        json: bool,
        shown: bool,
        limit: Option<Duration>,
    ) -> Result<Self, Failure> {
        if let Some(warning) = trust::warning(&connection.id, &connection.trust) {
            output::warn(json, &warning);
        }
        let options = ClientOptions {
            trust: connection.trust.clone(),
            own_addresses: connection.own_addresses.clone(),
            proxies: Proxies::from_env(),
            ..ClientOptions::default()
        };
        let client = Client::new(&options).map_err(anyhow::Error::from)?;
        let faults = Faults::default();
        let credentials = TokenCache::default()
            .until(limit.and_then(|limit| Instant::now().checked_add(limit)))
            .credentials(connection, client.clone())?;
        let graph_url = connection.graph_url.clone();
        let known = OtherSecrets::default();
        for (name, source, alphabet) in connection.grant.secrets() {
            // One that cannot be had is told when it is needed.
            if let Ok(secret) = source.read_of(alphabet) {
                known.add(&format!("the connection's {name}"), secret);
            }
        }
        // Last, so that no warning runs into the line.
        let progress = shown.then(|| Progress::start(json)).flatten();
        Ok(Self { client, credentials, faults, progress, graph_url, known })
    }

    /// Its client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Its sign-in.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The layers from the log down, for a run of an action with these calls.
    pub fn way_out(&self, calls: Vec<Call>, run: Uuid) -> WayOut {
        let network = way_out::way_out(self.client.clone(), self.faults.clone());
        let credential = Credential {
            credentials: self.credentials.clone(),
            graph_url: self.graph_url.clone(),
            known: self.known.clone(),
        };
        let observer = Observer {
            calls,
            graph_url: self.graph_url.clone(),
            watcher: self.progress.as_ref().map(Progress::watcher),
        };
        let network = correlation::in_front_of(credential.in_front_of(network), run);
        observer.in_front_of(network)
    }

    /// Takes away what was shown meanwhile, and says what there is to warn of.
    pub fn close(self) -> Vec<String> {
        drop(self.progress);
        self.credentials.take_warnings()
    }
}
