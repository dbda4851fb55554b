//! HTTP/2 as its libraries speak it, and frame by frame as none would.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::serve::client::connect;
use crate::serve::hostile::{server, well};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_at_once_on_one_connection_are_all_answered() {
    let _house = server();
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http::<Full<Bytes>>();
    let call = || {
        let url = format!("{}/v1/actions/country-codes", server().url());
        let request =
            http::Request::get(url).header("authorization", format!("Bearer {}", server().key()));
        let (client, request) = (client.clone(), request.body(Full::default()).unwrap());
        tokio::spawn(async move {
            let response = client.request(request).await.unwrap();
            assert_eq!(response.version(), http::Version::HTTP_2);
            let status = response.status();
            response.into_body().collect().await.unwrap();
            status
        })
    };
    let calls: Vec<_> = (0..1_000).map(|_| call()).collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 200);
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The beginning of an HTTP/2 connection.
fn http2() -> TcpStream {
    let mut stream = connect(&server().address()).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut reader = stream.try_clone().unwrap();
    // What is not read would stop the server from writing.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    stream
}

/// A request for /healthz: GET, http, the path, and the authority, without an index.
fn head() -> Vec<u8> {
    let (path, authority) = (b"/healthz", b"o365");
    [&[0x82, 0x86, 0x04, 8][..], path, &[0x01, 4], authority].concat()
}

#[test]
fn a_flood_of_frames_ends_the_connection_and_nobody_elses() {
    let _house = server();
    let reset = |stream: u32| {
        let open = frame(HEADERS, END_STREAM | END_HEADERS, stream, &head());
        [open, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    let before = server().memory();
    for what in ["resets", "continuations", "pings", "settings"] {
        let mut stream = http2();
        let began = Instant::now();
        let mut sent = match what {
            "continuations" => stream.write_all(&frame(HEADERS, END_STREAM, 1, &head())).is_ok(),
            _ => true,
        };
        let mut count = 0_u32;
        // Some are taken as they come, but no connection goes on for ever with so many.
        while sent && count < 100_000 && began.elapsed() < Duration::from_secs(20) {
            let bytes = match what {
                "resets" => reset(2 * count + 1),
                // A header that is new each time.
                "continuations" => {
                    frame(CONTINUATION, 0, 1, &[&[0x00, 1, b'a', 100][..], &[b'b'; 100]].concat())
                }
                "pings" => frame(PING, 0, 0, &[0; 8]),
                _ => frame(SETTINGS, 0, 0, &[]),
            };
            sent = stream.write_all(&bytes).is_ok();
            count += 1;
            if count.is_multiple_of(20_000) {
                well();
            }
        }
        if ["resets", "continuations"].contains(&what) {
            assert!(!sent, "{what} are taken without end");
        }
        well();
    }
    let more = server().memory().saturating_sub(before);
    assert!(more < 200 << 10, "{more} KiB more");
}
