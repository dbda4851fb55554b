//! The token on its way: to Graph alone, and once more after a 401.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use runner::egress::credential::Credential;
use runner::egress::network;
use runner::egress::{EgressError, EgressStack};
use runner::network::{Client, ClientOptions, Faults};
use serde_json::json;
use tower::{Layer, ServiceExt};

use support::provider;
use support::provider::Provider;

/// A Graph that counts, and refuses the first requests.
#[derive(Clone, Default)]
struct Graph {
    /// Token and body of each request.
    seen: Arc<Mutex<Vec<(String, String)>>>,
    /// How many requests are refused.
    refusals: usize,
}

impl Graph {
    /// Starts it, and returns its version root.
    async fn start(&self) -> String {
        let router = Router::new().fallback(answer).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}/v1.0")
    }

    fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(State(graph): State<Graph>, headers: HeaderMap, body: String) -> StatusCode {
    let token = headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
    let mut seen = graph.seen.lock().unwrap();
    seen.push((token.to_owned(), body));
    if seen.len() <= graph.refusals { StatusCode::UNAUTHORIZED } else { StatusCode::CREATED }
}

/// The layer in front of a client that may reach this Graph.
fn layer(provider: &Provider, root: &str) -> EgressStack {
    let options =
        ClientOptions { own_addresses: vec![root.parse().unwrap()], ..Default::default() };
    let inner = network::egress(Client::new(&options).unwrap(), Faults::default());
    let credential = Credential {
        credentials: provider.credentials("confidential", provider.application()),
        graph_url: root.parse().unwrap(),
        known: None,
    };
    credential.layer(inner)
}

async fn post(egress: &EgressStack, url: &str) -> Result<StatusCode, EgressError> {
    let request = http::Request::post(url).body(Bytes::from_static(b"{\"a\":1}")).unwrap();
    let response = egress.clone().oneshot(request).await?;
    let status = response.status();
    response.collect().await.unwrap();
    Ok(status)
}

#[tokio::test]
async fn a_request_goes_out_with_the_token() {
    let provider = provider!(json!({}));
    let graph = Graph::default();
    let root = graph.start().await;
    let egress = layer(&provider, &root);
    for _ in 0..3 {
        assert_eq!(post(&egress, &format!("{root}/users")).await.unwrap(), 201);
    }
    let seen = graph.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].0.starts_with("Bearer ") && seen.iter().all(|one| one == &seen[0]));
    assert_eq!(provider.requests().await, 1);
}

#[tokio::test]
async fn a_401_is_tried_once_more_with_a_new_token_and_the_same_body() {
    let provider = provider!(json!({}));
    let graph = Graph { refusals: 1, ..Graph::default() };
    let root = graph.start().await;
    let egress = layer(&provider, &root);
    assert_eq!(post(&egress, &format!("{root}/users")).await.unwrap(), 201);
    let seen = graph.seen();
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0].0, seen[1].0);
    assert_eq!(seen[0].1, seen[1].1);
    assert_eq!(provider.requests().await, 2);
}

#[tokio::test]
async fn a_second_401_goes_to_the_guest() {
    let provider = provider!(json!({}));
    let graph = Graph { refusals: 2, ..Graph::default() };
    let root = graph.start().await;
    let egress = layer(&provider, &root);
    assert_eq!(post(&egress, &format!("{root}/users")).await.unwrap(), 401);
    assert_eq!(graph.seen().len(), 2);
    assert_eq!(provider.requests().await, 2);
}

#[tokio::test]
async fn many_401s_at_once_cost_one_sign_in() {
    let provider = provider!(json!({ "delay": 100 }));
    let graph = Graph { refusals: 20, ..Graph::default() };
    let root = graph.start().await;
    let egress = layer(&provider, &root);
    let runs: Vec<_> = (0..20)
        .map(|_| {
            let (egress, url) = (egress.clone(), format!("{root}/users"));
            tokio::spawn(async move { post(&egress, &url).await.unwrap() })
        })
        .collect();
    for run in runs {
        assert_eq!(run.await.unwrap(), 201);
    }
    assert_eq!(provider.requests().await, 2);
}

#[tokio::test]
async fn nobody_but_the_connections_graph_gets_a_token() {
    let provider = provider!(json!({}));
    let graph = Graph::default();
    let root = graph.start().await;
    let other = Graph::default();
    let elsewhere = other.start().await;
    let egress = layer(&provider, &root);
    let host = root.trim_start_matches("http://");
    for url in [
        format!("{elsewhere}/users"),
        format!("https://{host}/users"),
        root.replace("127.0.0.1", "localhost") + "/users",
        root.replace("/v1.0", "/v1.0evil/users"),
        root.replace("/v1.0", "/beta/users"),
        format!("http://user@{host}/users"),
    ] {
        let error = post(&egress, &url).await.unwrap_err();
        assert!(matches!(error, EgressError::Http(_)), "{url}: {error:?}");
    }
    assert_eq!((graph.seen().len(), other.seen().len()), (0, 0));
    assert_eq!(provider.requests().await, 0);
}
