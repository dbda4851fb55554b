//! Servers that break off, and what may have been sent by then.

use http_body_util::BodyExt;
use runner::egress::HttpError;
use runner::network::{Client, Fault};
use tokio::io::AsyncWriteExt;

use super::wire::Wire;
use super::{fault, get, options};

/// Posts to a server, which may answer.
async fn post(client: &Client, url: &str) -> Result<u16, Fault> {
    let request = http::Request::post(url).body("{}".into()).unwrap();
    let response = client.send(request).await?;
    let status = response.status().as_u16();
    response.collect().await.unwrap();
    Ok(status)
}

fn client(server: &Wire) -> Client {
    Client::new(&options([server.url()])).unwrap()
}

#[tokio::test]
async fn a_connection_that_breaks_off_before_an_answer_may_have_brought_the_request() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-le"] {
        let server = Wire::saying(answer).await;
        let fault = fault(post(&client(&server), &server.url()).await);
        assert!(matches!(fault.http, HttpError::ConnectionTerminated), "{answer:?}: {fault:?}");
        assert!(fault.message.contains("broke off before an answer"), "{fault}");
        assert_eq!(server.heads().len(), 1, "it is not repeated");
    }
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_incomplete() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n.....",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n.....\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n.....\r\nxyz\r\n",
    ] {
        let server = Wire::saying(answer).await;
        let request = http::Request::get(server.url()).body(Default::default()).unwrap();
        let response = client(&server).send(request).await.unwrap();
        let error = response.collect().await.unwrap_err();
        assert!(matches!(error, HttpError::HttpResponseIncomplete), "{answer:?}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_so() {
    for answer in ["SSH-2.0-OpenSSH_9.9\r\n\r\n", "HTTP/1.1 xyz OK\r\n\r\n", "\0\0\0\r\n\r\n"] {
        let server = Wire::saying(answer).await;
        let fault = fault(post(&client(&server), &server.url()).await);
        assert!(matches!(fault.http, HttpError::HttpProtocolError), "{answer:?}: {fault:?}");
        assert!(fault.message.contains("not HTTP"), "{fault}");
    }
}

#[tokio::test]
async fn headers_that_do_not_end_are_too_large() {
    let headers = "x-filler: 0123456789\r\n".repeat(50_000);
    let server = Wire::saying(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).await;
    let fault = fault(post(&client(&server), &server.url()).await);
    assert!(
        matches!(fault.http, HttpError::HttpResponseHeaderSectionSize(_)),
        "{:?}: {}",
        fault.http,
        fault.message
    );
}

/// Asserts that the handshake with a server fails, before anything is sent.
async fn fails_in_the_handshake(server: Wire) {
    let url = server.url().replace("http:", "https:");
    let fault = fault(get(&Client::new(&options([&url])).unwrap(), &url).await);
    assert!(matches!(fault.http, HttpError::DestinationUnavailable), "{fault:?}");
    assert!(fault.message.contains("TLS handshake"), "{fault}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_taken_for_one_with_it() {
    let server = Wire::start(|mut stream, _, _| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await
    });
    fails_in_the_handshake(server.await).await;
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_handshake_was_never_sent_anything() {
    let server = Wire::start(|stream, _, _| async move {
        drop(stream);
        Ok(())
    });
    fails_in_the_handshake(server.await).await;
}

#[tokio::test]
async fn a_write_on_a_kept_connection_that_was_closed_is_sent_once() {
    let server = Wire::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let client = client(&server);
    for _ in 0..20 {
        assert_eq!(post(&client, &server.url()).await.unwrap(), 200);
    }
    assert_eq!((server.heads().len(), server.accepted()), (20, 20));
}
