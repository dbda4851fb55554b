//! The live egress stack against real servers on 127.0.0.1.
//!
//! - `pool`: how many connections there are, and who shares them
//! - `waiting`: requests that wait while another one connects for all
//! - `runs`: the same for whole runs of the component
//! - `guard`: which addresses a request may reach
//! - `trust`: which certificates are accepted, and what is said of the others
//! - `proxies`: through a proxy, around it, and what is wrong with one
//! - `retry_after`: how long a server asks to wait
//! - `limits`: how long a request may take and how large an answer may be
//! - `broken`: servers that break off, and what may have been sent by then
//! - `server`: a server that counts its connections
//! - `certificates`: authorities, and certificates good and bad
//! - `wire`: servers that speak byte by byte, and one that never answers

mod broken;
mod certificates;
mod guard;
mod limits;
mod pool;
mod proxies;
mod retry_after;
mod runs;
mod server;
mod trust;
mod waiting;
mod wire;

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::BodyExt;
use runner::network::{Client, ClientOptions, Fault, Timeouts};

/// Time limits that a test can wait for. Those that it is not about are longer.
fn patient() -> Timeouts {
    let long = Duration::from_secs(20);
    Timeouts { connect: long, tls: long, free: long, first_byte: long, between_bytes: long }
}

/// A short time, for the limit that a test is about.
const SHORT: Duration = Duration::from_millis(300);

/// Options under which these addresses may be private.
fn options<S: AsRef<str>>(own: impl IntoIterator<Item = S>) -> ClientOptions {
    ClientOptions {
        own_addresses: own.into_iter().map(|url| url.as_ref().parse().unwrap()).collect(),
        timeouts: patient(),
        ..ClientOptions::default()
    }
}

/// The status and the whole body of an answer.
async fn get(client: &Client, url: &str) -> Result<(u16, Bytes), Fault> {
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    let response = client.send(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.collect().await.unwrap().to_bytes()))
}

/// What a request fails with.
#[track_caller]
fn fault<T>(result: Result<T, Fault>) -> Fault {
    result.err().expect("there is no answer")
}
