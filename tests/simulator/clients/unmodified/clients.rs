//! The clients of the table, and a test for each.

use std::collections::BTreeMap;

use support::namespace::Namespace;

use super::calls::{self, Outcome};
use super::driver::{Driver, Program};
use super::observer::Observer;
use super::prepared::Prepared;
use super::table;

/// A client, which is a column of the table.
pub struct Client {
    pub name: &'static str,
    /// Its package in the lists of dependencies.
    pub package: &'static str,
    pub program: Program,
}

/// The clients, in the order of the table.
pub const CLIENTS: [Client; 6] = [CLI, BACKSTAGE, MSGRAPH_SDK, GRAPH_CLIENT, OFFICE365, O365];

const CLI: Client = Client {
    name: "CLI for Microsoft 365",
    package: "@pnp/cli-microsoft365",
    program: Program::Node("calls-of-cli.mjs"),
};

const BACKSTAGE: Client = Client {
    name: "Backstage",
    package: "@backstage/plugin-catalog-backend-module-msgraph",
    program: Program::Node("calls-of-backstage.mjs"),
};

const MSGRAPH_SDK: Client = Client {
    name: "msgraph-sdk",
    package: "msgraph-sdk",
    program: Program::Python("calls_of_msgraph.py"),
};

const GRAPH_CLIENT: Client = Client {
    name: "microsoft-graph-client",
    package: "@microsoft/microsoft-graph-client",
    program: Program::Node("calls-of-graph-client.mjs"),
};

const OFFICE365: Client = Client {
    name: "Office365-REST-Python-Client",
    package: "Office365-REST-Python-Client",
    program: Program::Python("calls_of_office365.py"),
};

const O365: Client =
    Client { name: "O365", package: "O365", program: Program::Python("calls_of_o365.py") };

impl Client {
    /// Makes all calls, and compares or writes the column.
    fn run(&self) {
        let Some(project) = self.program.installed() else { return };
        let prepared = Prepared::get();
        let (_directory, file) = prepared.copy();
        let Some(namespace) = Namespace::start(&[file.to_str().unwrap()]) else { return };
        let observer = Observer::new(&namespace, &file);
        let mut driver = Driver::start(self.program, &project, &namespace);
        let mut outcomes: BTreeMap<&str, Outcome> = BTreeMap::new();
        let mut problems = Vec::new();
        for call in calls::all() {
            match call.make(&mut driver, &observer, prepared) {
                Ok(outcome) => {
                    outcomes.insert(call.title, outcome);
                }
                Err(problem) => problems.push(format!("{}: {problem}", call.title)),
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n\n"));
        table::check(self, &outcomes);
    }
}

#[test]
fn cli_for_microsoft_365() {
    CLI.run();
}

#[test]
fn backstage() {
    BACKSTAGE.run();
}

#[test]
fn msgraph_sdk() {
    MSGRAPH_SDK.run();
}

#[test]
fn the_graph_client_for_javascript() {
    GRAPH_CLIENT.run();
}

#[test]
fn office365_rest_python_client() {
    OFFICE365.run();
}

#[test]
fn o365_for_python() {
    O365.run();
}
