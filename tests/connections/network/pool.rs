//! How many connections there are, and who shares them.

use std::time::Duration;

use axum::Router;
use http::Version;
use http_body_util::BodyExt;
use runner::egress::HttpError;
use runner::network::{Client, ClientOptions, Fault};
use tokio::task::JoinSet;

use super::certificates::{Authority, HTTP1, HTTP2};
use super::server::{Server, ok};
use super::{SHORT, fault, get, options};

/// As the documentation of the pool says.
const HTTP1_CONNECTIONS: usize = 8;

/// A server, and how to reach it.
struct Place {
    server: Server,
    options: ClientOptions,
    authority: Authority,
}

impl Place {
    async fn start(protocols: &[&[u8]], router: Router) -> Self {
        let authority = Authority::new();
        let server = Server::speaking(&authority.sign("127.0.0.1"), protocols, router).await;
        let options = ClientOptions { trust: authority.trust(), ..options([server.url()]) };
        Self { server, options, authority }
    }

    fn client(&self) -> Client {
        Client::new(&self.options).unwrap()
    }
}

/// Answers after a while.
fn slow() -> Router {
    Router::new().fallback(|| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        "ok"
    })
}

/// Sends a request of `tenant`, and reads its answer.
async fn send_as(client: &Client, url: &str, tenant: &str) -> Result<(), Fault> {
    let request = http::Request::post(url).header("tenant", tenant).body("{}".into()).unwrap();
    let response = client.send(request).await?;
    assert_eq!(response.collect().await.unwrap().to_bytes(), "ok");
    Ok(())
}

/// Sends `count` requests at once for each of these.
async fn at_once(count: usize, clients: &[(Client, &'static str)], url: &str) {
    let mut sending = JoinSet::new();
    for _ in 0..count {
        for (client, tenant) in clients.iter().cloned() {
            let url = url.to_owned();
            sending.spawn(async move { send_as(&client, &url, tenant).await.unwrap() });
        }
    }
    assert_eq!(sending.join_all().await.len(), count * clients.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_share_one_connection_of_http2() {
    let place = Place::start(HTTP2, slow()).await;
    at_once(200, &[(place.client(), "contoso")], &place.server.url()).await;
    let seen = place.server.seen();
    assert_eq!(seen.len(), 200);
    assert!(seen.iter().all(|seen| seen.version == Version::HTTP_2));
    assert!(place.server.accepted() <= 2, "{}", place.server.accepted());
    assert!(place.server.most_busy() > 50, "they did run at once");
}

#[tokio::test]
async fn a_client_that_is_dropped_closes_its_connections() {
    let place = Place::start(HTTP2, ok()).await;
    for _ in 0..3 {
        get(&place.client(), &place.server.url()).await.unwrap();
        tokio::time::sleep(SHORT).await;
    }
    assert_eq!((place.server.accepted(), place.server.most_open()), (3, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_in_turn_take_two_connections_of_http1() {
    let place = Place::start(HTTP1, ok()).await;
    let client = place.client();
    for _ in 0..200 {
        send_as(&client, &place.server.url(), "contoso").await.unwrap();
    }
    let seen = place.server.seen();
    assert_eq!(seen.len(), 200);
    assert!(seen.iter().all(|seen| seen.version == Version::HTTP_11));
    assert!(place.server.accepted() <= 2, "{}", place.server.accepted());
}

/// The connection that shows that a server speaks only HTTP/1.1 is the one that is used.
#[tokio::test]
async fn one_request_takes_one_connection_of_http1() {
    let place = Place::start(HTTP1, ok()).await;
    send_as(&place.client(), &place.server.url(), "contoso").await.unwrap();
    assert_eq!(place.server.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_connections_of_http1_are_bounded() {
    let place = Place::start(HTTP1, slow()).await;
    at_once(200, &[(place.client(), "contoso")], &place.server.url()).await;
    assert_eq!(place.server.seen().len(), 200);
    let busy = place.server.most_busy();
    assert!((2..=HTTP1_CONNECTIONS).contains(&busy), "{busy} at once");
    let open = place.server.most_open();
    assert!(open <= 2 * HTTP1_CONNECTIONS, "{open} open");
}

#[tokio::test]
async fn who_waits_too_long_for_a_connection_is_told_so() {
    let mut place = Place::start(HTTP1, Router::new().fallback(std::future::pending::<()>)).await;
    place.options.timeouts.free = SHORT;
    let (client, url) = (place.client(), place.server.url());
    let mut hanging = JoinSet::new();
    for _ in 0..HTTP1_CONNECTIONS {
        let (client, url) = (client.clone(), url.clone());
        hanging.spawn(async move { get(&client, &url).await.map(drop) });
    }
    let all = async {
        while place.server.seen().len() < HTTP1_CONNECTIONS {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SHORT * 30, all).await.expect("each has a connection");
    let refused = fault(get(&client, &url).await);
    assert!(matches!(refused.http, HttpError::ConnectionLimitReached), "{refused:?}");
    assert!(refused.message.contains("all 8 connections to 127.0.0.1"), "{refused}");
    // Runs that end early free theirs.
    hanging.shutdown().await;
    tokio::time::timeout(SHORT, get(&client, &url)).await.expect_err("it waits for its answer");
    assert!(place.server.seen().len() > HTTP1_CONNECTIONS);
}

#[tokio::test]
async fn an_answer_that_is_not_read_holds_no_connection_of_http1() {
    let mut place = Place::start(HTTP1, ok()).await;
    place.options.timeouts.free = SHORT;
    let client = place.client();
    for _ in 0..3 * HTTP1_CONNECTIONS {
        let request = http::Request::get(place.server.url()).body(Default::default()).unwrap();
        drop(client.send(request).await.unwrap());
    }
    assert_eq!(place.server.seen().len(), 3 * HTTP1_CONNECTIONS);
}

#[tokio::test]
async fn the_host_is_named_as_each_version_of_http_does() {
    for (protocols, version) in [(HTTP1, Version::HTTP_11), (HTTP2, Version::HTTP_2)] {
        let place = Place::start(protocols, ok()).await;
        let request = http::Request::get(place.server.url()).header("host", "fabrikam.com");
        let request = request.body(Default::default()).unwrap();
        place.client().send(request).await.unwrap();
        let seen = place.server.seen().remove(0);
        assert_eq!(seen.version, version);
        assert_eq!(seen.authority, place.server.address().to_string());
        assert_eq!(seen.headers.contains_key("host"), version == Version::HTTP_11);
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let mut place = Place::start(HTTP2, ok()).await;
    // A second server under the same address, after the first is gone.
    let client = place.client();
    get(&client, &place.server.url()).await.unwrap();
    let identity = place.authority.sign("127.0.0.1");
    place.server.restart(&identity, HTTP2).await;
    get(&client, &place.server.url()).await.unwrap();
    // And one that has unlearned HTTP/2.
    place.server.restart(&identity, HTTP1).await;
    get(&client, &place.server.url()).await.unwrap();
    let versions: Vec<_> = place.server.seen().iter().map(|seen| seen.version).collect();
    assert_eq!(versions, [Version::HTTP_2, Version::HTTP_2, Version::HTTP_11]);
}
