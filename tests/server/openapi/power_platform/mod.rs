//! The documents for connectors against what Power Platform does with such documents: its
//! published rules, and what is known of its clients. The service itself is closed, so that a
//! document without a finding is no proof.
//!
//! - `rule`: a rule, and the changes that must break it
//! - `walk`: the operations, parameters and schemas of a document
//! - `documents`: rules on the document as a whole
//! - `operations`: rules on operations and parameters
//! - `responses`: rules on responses
//! - `schemas`: rules on schemas
//! - `inputs`: rules on how inputs look, and the lists they are chosen from
//! - `properties`: the properties of the connector

mod documents;
mod inputs;
mod operations;
mod properties;
mod responses;
mod rule;
mod schemas;
mod walk;

use runner::serve::openapi::Form;
use serde_json::Value;

use crate::openapi::written;
use rule::Rule;

/// Every rule.
fn rules() -> impl Iterator<Item = &'static Rule> {
    [documents::RULES, operations::RULES, responses::RULES, schemas::RULES, inputs::RULES]
        .into_iter()
        .flatten()
}

/// The document of a caller with these connections.
fn of(connections: &[&str]) -> Value {
    written(connections, Form::Swagger)
}

/// A caller with two connections chooses one, on which the lists depend; one with a single
/// connection may omit it.
#[test]
fn no_rule_is_broken() {
    for connections in [&[][..], &["contoso"], &["contoso", "fabrikam"]] {
        let document = of(connections);
        for rule in rules() {
            let places = (rule.broken_at)(&document);
            assert!(
                places.is_empty(),
                "{connections:?}: {}; otherwise {}: {places:#?}",
                rule.holds,
                rule.otherwise
            );
        }
    }
}

#[test]
fn each_rule_is_broken_by_each_of_its_changes() {
    let document = of(&["contoso", "fabrikam"]);
    for rule in rules() {
        assert!(!rule.changes.is_empty(), "{}", rule.holds);
        for (number, change) in rule.changes.iter().enumerate() {
            let mut changed = document.clone();
            change(&mut changed);
            assert_ne!(changed, document, "{}: change {number} changes nothing", rule.holds);
            assert!(
                !(rule.broken_at)(&changed).is_empty(),
                "{}: change {number} does not break it",
                rule.holds
            );
        }
    }
}

/// What a server serves, at the URL that it is configured with.
#[cfg(unix)]
mod served {
    use serde_json::Value;

    use super::{properties, rules};
    use crate::serve::server::{Place, Server, connected};
    use support::simulate;

    /// What the server serves to a connector, which has its key in a header of its own.
    fn download(server: &Server, key: &str, path: &str) -> Value {
        server.ask("GET", path).header("X-API-Key", key).send().done()
    }

    #[test]
    fn what_is_served_breaks_no_rule() {
        let graph = simulate::Server::start(&[]);
        let url = "[serve]\npublic-url = \"https://o365.contoso.com/graph\"\n\n";
        let place = Place::with(&format!("{url}{}", connected("main", &graph)));
        let key = place.add("contoso", "main", &[]);
        let server = place.serve(&[]);
        let document = download(&server, &key, "/swagger.json");
        assert_eq!(document["host"], "o365.contoso.com");
        for rule in rules() {
            let places = (rule.broken_at)(&document);
            assert!(places.is_empty(), "{}: {places:#?}", rule.holds);
        }
        let served = download(&server, &key, "/apiProperties.json");
        assert_eq!(properties::faults(&served, &document), Vec::<String>::new());
        // A list and the test of a connection, as the connector calls them.
        for path in ["/v1/actions", "/v1/choices/countries"] {
            download(&server, &key, path);
        }
    }
}
