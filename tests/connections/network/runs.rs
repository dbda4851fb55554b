//! The connections of whole runs of the component.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use runner::connections::{Access, Connection};
use runner::egress::ledger::Ledger;
use runner::egress::live::{Client, ClientOptions, Clients, Faults, way_out};
use runner::egress::usage::Usage;
use runner::host::{Host, Job};
use runner::recording::Secrets;
use runner::sandbox::{COMPONENT, Clock, Ended, Limits, Outcome};
use runner::values;
use serde_json::json;
use tokio::task::JoinSet;

use super::certificates::{Authority, HTTP1, HTTP2};
use super::options;
use super::server::Server;

/// What Graph says of the tenant's licences.
const SKUS: &str = r#"{"value":[{"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06","skuPartNumber":"SPE_E5","appliesTo":"User","capabilityStatus":"Enabled","consumedUnits":11,"prepaidUnits":{"enabled":25,"suspended":0,"warning":0,"lockedOut":0}}]}"#;

/// A Graph that takes a while, so that runs do overlap.
fn graph() -> Router {
    Router::new().fallback(|| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        ([(CONTENT_TYPE, "application/json")], SKUS)
    })
}

async fn run(host: Arc<Host>, client: Client, graph_url: String) -> Ended {
    let action = host.guest().action("is-license-available").unwrap();
    let input = json!({
        "connectionId": "main", "serviceId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
    });
    let lent = Connection {
        graph_url,
        tenant: "contoso.onmicrosoft.com".to_owned(),
        sender: None,
        access: Access::AppOnly,
        time_limit_ms: 60_000,
    };
    let job = Job {
        action,
        input: values::from_json(&input, &action.input).unwrap(),
        secrets: Secrets::default(),
        lent: Some(("main".to_owned(), lent)),
        way_out: way_out::way_out(client, Faults::default()),
        clock: Clock::real(),
        ledger: Ledger::default(),
        usage: Usage::default(),
        line: None,
        limits: Limits::default(),
    };
    host.run(job).await.unwrap()
}

#[track_caller]
fn assert_available(ended: Ended) {
    match ended.outcome {
        Ok(Outcome::Done(result)) => assert_eq!(result, json!(true)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_runs_of_each_of_two_tenants_take_two_connections_at_most() {
    let host = Arc::new(Host::new(COMPONENT, 400).unwrap());
    let authority = Authority::new();
    let identity = authority.sign("127.0.0.1");
    // A tenant of the platform each, with the Graph that it alone uses.
    let clients = Clients::default();
    let mut places = Vec::new();
    for tenant in ["contoso", "fabrikam"] {
        let server = Server::speaking(&identity, HTTP2, graph()).await;
        let options = ClientOptions { trust: authority.trust(), ..options([server.url()]) };
        places.push((tenant, server, options));
    }
    let mut runs = JoinSet::new();
    for _ in 0..200 {
        for (tenant, server, options) in &places {
            let client = clients.get(tenant, "main", options).unwrap();
            runs.spawn(run(Arc::clone(&host), client, server.url()));
        }
    }
    for ended in runs.join_all().await {
        assert_available(ended);
    }
    for (tenant, server, _) in &places {
        assert_eq!(server.seen().len(), 200, "{tenant}");
        assert!(server.accepted() <= 2, "{tenant}: {}", server.accepted());
        assert!(server.most_busy() > 10, "{tenant}: they did run at once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_runs_in_turn_take_two_connections_at_most() {
    let host = Arc::new(Host::new(COMPONENT, 1).unwrap());
    let authority = Authority::new();
    for protocols in [HTTP1, HTTP2] {
        let server = Server::speaking(&authority.sign("127.0.0.1"), protocols, graph()).await;
        let options = ClientOptions { trust: authority.trust(), ..options([server.url()]) };
        let client = Client::new(&options).unwrap();
        for _ in 0..200 {
            assert_available(run(Arc::clone(&host), client.clone(), server.url()).await);
        }
        assert_eq!(server.seen().len(), 200);
        assert!(server.accepted() <= 2, "{}", server.accepted());
    }
}
