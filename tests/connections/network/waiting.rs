//! Requests that wait while another one connects for all, and what becomes of them when that
//! comes to nothing.

use std::time::Duration;

use runner::egress::HttpError;
use runner::network::{Client, ClientOptions, Fault};
use tokio::task::JoinSet;

use super::certificates::{Authority, HTTP1, HTTP2, expired};
use super::server::{Server, ok};
use super::wire::{Wire, closed_port};
use super::{get, options};

/// What `count` requests at once come to.
async fn at_once(client: &Client, url: &str, count: usize) -> Vec<Result<u16, Fault>> {
    let mut requests = JoinSet::new();
    for _ in 0..count {
        let (client, url) = (client.clone(), url.to_owned());
        requests.spawn(async move { get(&client, &url).await.map(|(status, _)| status) });
    }
    requests.join_all().await
}

/// The pool learns that the server speaks only HTTP/1.1 while all wait for HTTP/2.
#[tokio::test]
async fn all_are_served_by_a_server_that_turns_out_to_speak_http1() {
    let authority = Authority::new();
    for protocols in [HTTP1, &[]] {
        let server = Server::speaking(&authority.sign("127.0.0.1"), protocols, ok()).await;
        let trust = authority.trust();
        let client = Client::new(&ClientOptions { trust, ..options([server.url()]) }).unwrap();
        for answer in at_once(&client, &server.url(), 200).await {
            assert_eq!(answer.unwrap(), 200);
        }
    }
}

#[tokio::test]
async fn each_is_told_why_there_is_no_connection() {
    let authority = Authority::new();
    let server = Server::start(&authority.sign_changed("127.0.0.1", expired)).await;
    let trust = authority.trust();
    let client = Client::new(&ClientOptions { trust, ..options([server.url()]) }).unwrap();
    for answer in at_once(&client, &server.url(), 50).await {
        let fault = answer.unwrap_err();
        assert!(matches!(fault.http, HttpError::TlsCertificateError), "{fault:?}");
        assert!(fault.message.contains("has expired"), "{fault:?}");
    }
    let closed = format!("https://127.0.0.1:{}/", closed_port().await);
    let client = Client::new(&options([&closed])).unwrap();
    for answer in at_once(&client, &closed, 50).await {
        let fault = answer.unwrap_err();
        assert!(matches!(fault.http, HttpError::ConnectionRefused), "{fault:?}");
    }
}

/// A run that ends early may be the one that connects for the others.
#[tokio::test]
async fn one_that_is_dropped_does_not_take_the_others_with_it() {
    let authority = Authority::new();
    let server = Server::speaking(&authority.sign("127.0.0.1"), HTTP2, ok()).await;
    let trust = authority.trust();
    let client = Client::new(&ClientOptions { trust, ..options([server.url()]) }).unwrap();
    let first = tokio::spawn({
        let (client, url) = (client.clone(), server.url());
        async move { get(&client, &url).await.map(drop) }
    });
    // It has begun to connect, and has no connection yet.
    tokio::task::yield_now().await;
    let others = tokio::spawn({
        let (client, url) = (client.clone(), server.url());
        async move { at_once(&client, &url, 50).await }
    });
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    for answer in others.await.unwrap() {
        assert_eq!(answer.unwrap(), 200);
    }
}

/// However many wait, and however often one of them tries, nobody waits for ever.
#[tokio::test]
async fn all_give_up_in_time_on_a_server_that_never_shakes_hands() {
    let wire = Wire::start(|stream, _, _| async move {
        let _kept = stream;
        std::future::pending().await
    })
    .await;
    let url = wire.url().replace("http:", "https:");
    let mut options = options([&url]);
    options.timeouts.connect = Duration::from_millis(200);
    options.timeouts.tls = Duration::from_millis(200);
    let client = Client::new(&options).unwrap();
    let start = std::time::Instant::now();
    for answer in at_once(&client, &url, 50).await {
        let fault = answer.unwrap_err();
        assert!(matches!(fault.http, HttpError::DestinationUnavailable), "{fault:?}");
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(wire.accepted() <= 5, "{}", wire.accepted());
}
