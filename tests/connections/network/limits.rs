//! How long a request may take and how large an answer may be. What the guest is told says
//! how far the request came.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use runner::egress::network;
use runner::egress::{HttpError, Response};
use runner::network::{Client, ClientOptions, Faults, Timeouts};
use tokio::io::AsyncWriteExt;
use tower::ServiceExt;

use super::certificates::{Authority, HTTP2};
use super::server::Server;
use super::wire::{Deaf, Wire, closed_port};
use super::{SHORT, fault, get, options, patient};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";

/// A client for `url` with these limits.
fn limited(url: &str, timeouts: Timeouts) -> Client {
    Client::new(&ClientOptions { timeouts, ..options([url]) }).unwrap()
}

/// A server that sends the head of an answer of 10 bytes, then one byte after each pause.
async fn dripping(pauses: &'static [Duration]) -> Wire {
    Wire::start(move |mut stream, _, heads| async move {
        stream.set_nodelay(true)?;
        heads.read(&mut stream).await?;
        stream.write_all(HEAD.as_bytes()).await?;
        for pause in pauses {
            tokio::time::sleep(*pause).await;
            stream.write_all(b".").await?;
        }
        std::future::pending().await
    })
    .await
}

async fn send(client: &Client, url: &str) -> Response {
    client.send(http::Request::get(url).body(Default::default()).unwrap()).await.unwrap()
}

/// How the body of an answer fails.
async fn body_error(response: Response) -> HttpError {
    response.collect().await.expect_err("it breaks off")
}

#[tokio::test]
async fn a_server_that_is_not_there_was_never_sent_anything() {
    let url = format!("https://127.0.0.1:{}/v1.0", closed_port().await);
    let fault = fault(get(&limited(&url, patient()), &url).await);
    assert!(matches!(fault.http, HttpError::ConnectionRefused), "{fault:?}");
    assert!(fault.message.contains("127.0.0.1 on port "), "{fault}");
    assert!(fault.fix.unwrap().contains("HTTPS_PROXY"));
}

#[tokio::test]
async fn a_name_that_does_not_exist_was_never_sent_anything() {
    // No resolver is asked for a label of more than 63 characters.
    let url = format!("https://{}.contoso.com/v1.0", "a".repeat(64));
    let fault = fault(get(&limited(&url, patient()), &url).await);
    assert!(matches!(fault.http, HttpError::DnsError { .. }), "{fault:?}");
    assert!(fault.fix.unwrap().contains("DNS"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_takes_no_connection_has_a_limit() {
    let deaf = Deaf::start().await;
    let url = format!("https://{}/v1.0", deaf.address);
    let begin = Instant::now();
    let fault = fault(get(&limited(&url, Timeouts { connect: SHORT, ..patient() }), &url).await);
    assert!(matches!(fault.http, HttpError::DestinationUnavailable), "{fault:?}");
    assert!(fault.message.contains("attempt to connect"), "{fault}");
    assert!(begin.elapsed() >= SHORT && begin.elapsed() < SHORT * 10);
}

#[tokio::test]
async fn a_server_that_stalls_in_the_handshake_has_a_limit() {
    let server = Wire::start(|stream, _, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    })
    .await;
    let url = server.url().replace("http:", "https:");
    let begin = Instant::now();
    let fault = fault(get(&limited(&url, Timeouts { tls: SHORT, ..patient() }), &url).await);
    assert!(matches!(fault.http, HttpError::DestinationUnavailable), "{fault:?}");
    assert!(fault.message.contains("TLS handshake within 300ms"), "{fault}");
    assert!(begin.elapsed() >= SHORT && begin.elapsed() < SHORT * 10);
}

#[tokio::test]
async fn an_answer_that_does_not_begin_has_a_limit_and_may_have_been_sent() {
    let server = Wire::start(|mut stream, number, heads| async move {
        heads.read(&mut stream).await?;
        if number == 0 {
            std::future::pending::<()>().await;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await
    })
    .await;
    let client = limited(&server.url(), Timeouts { first_byte: SHORT, ..patient() });
    let begin = Instant::now();
    let fault = fault(get(&client, &server.url()).await);
    assert!(matches!(fault.http, HttpError::HttpResponseTimeout), "{fault:?}");
    assert!(fault.message.contains("no answer within 300ms"), "{fault}");
    assert!(begin.elapsed() >= SHORT && begin.elapsed() < SHORT * 10);
    assert_eq!(server.heads().len(), 1, "it is not repeated");
    assert_eq!(get(&client, &server.url()).await.unwrap().0, 200);
}

#[tokio::test]
async fn after_a_stall_a_request_takes_another_connection_of_http2() {
    let authority = Authority::new();
    let router = axum::Router::new()
        .route("/stall", axum::routing::get(std::future::pending::<()>))
        .fallback(|| async { "ok" });
    let server = Server::speaking(&authority.sign("127.0.0.1"), HTTP2, router).await;
    let timeouts = Timeouts { first_byte: SHORT, ..patient() };
    let trust = authority.trust();
    let client = Client::new(&ClientOptions { trust, timeouts, ..options([server.url()]) });
    let client = client.unwrap();
    get(&client, &server.url()).await.unwrap();
    let stalled = fault(get(&client, &server.url().replace("v1.0", "stall")).await);
    assert!(matches!(stalled.http, HttpError::HttpResponseTimeout), "{stalled:?}");
    get(&client, &server.url()).await.unwrap();
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 1]);
}

#[tokio::test]
async fn a_body_that_stops_coming_has_a_limit() {
    const NONE: Duration = Duration::ZERO;
    let server = dripping(&[NONE, NONE]).await;
    let client = limited(&server.url(), Timeouts { between_bytes: SHORT, ..patient() });
    let response = send(&client, &server.url()).await;
    let begin = Instant::now();
    let error = body_error(response).await;
    assert!(matches!(error, HttpError::ConnectionReadTimeout), "{error:?}");
    assert!(begin.elapsed() >= SHORT && begin.elapsed() < SHORT * 10);
}

#[tokio::test]
async fn a_body_that_drips_is_read_to_its_end() {
    const PAUSE: Duration = Duration::from_millis(100);
    let server = dripping(&[PAUSE; 10]).await;
    let client = limited(&server.url(), Timeouts { between_bytes: SHORT, ..patient() });
    let begin = Instant::now();
    assert_eq!(get(&client, &server.url()).await.unwrap(), (200, "..........".into()));
    assert!(begin.elapsed() > SHORT * 2, "the whole takes longer than the limit");
}

#[tokio::test]
async fn a_reader_that_takes_its_time_is_not_the_servers_fault() {
    let server = Wire::saying(format!("{HEAD}..........")).await;
    let client = limited(&server.url(), Timeouts { between_bytes: SHORT, ..patient() });
    let mut body = send(&client, &server.url()).await.into_body();
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "..........");
    tokio::time::sleep(SHORT * 2).await;
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_cut_off() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n....\r\n6\r\n......\r\n0\r\n\r\n";
    for answer in [format!("{HEAD}.........."), chunked.to_owned()] {
        let server = Wire::saying(answer).await;
        for (max_response_bytes, fits) in [(9, false), (10, true)] {
            let options = ClientOptions { max_response_bytes, ..options([server.url()]) };
            let response = send(&Client::new(&options).unwrap(), &server.url()).await;
            match response.collect().await {
                Ok(body) => assert!(fits && body.to_bytes() == ".........."),
                Err(HttpError::HttpResponseBodySize(Some(9))) => assert!(!fits),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

#[tokio::test]
async fn the_last_fault_is_there_for_who_explains_the_run() {
    let server = Wire::saying(format!("{HEAD}..........")).await;
    let options = ClientOptions { max_response_bytes: 9, ..options([server.url()]) };
    let faults = Faults::default();
    let egress = network::egress(Client::new(&options).unwrap(), faults.clone());
    let ask = |url: String| {
        egress.clone().oneshot(http::Request::get(url).body(Default::default()).unwrap())
    };
    let response = ask(server.url()).await.unwrap();
    assert_eq!(faults.last(), None);
    response.collect().await.unwrap_err();
    let told = faults.last().unwrap();
    assert!(told.message.contains("exceeds the limit, 9 bytes"), "{told:?}");
    ask("https://10.0.0.1/".to_owned()).await.unwrap_err();
    let told = faults.last().unwrap();
    assert!(told.message.contains("10.0.0.1") && told.fix.is_some(), "{told:?}");
    drop(ask(server.url()).await.unwrap());
    assert_eq!(faults.last(), None, "what came after went well");
}
