//! The guest's own linear memory, to be searched for what must not be in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bindings::connector::office365::connections;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::wasi::http::types::{Fields, Method, OutgoingRequest, Scheme};

/// All linear memory as it is once the guest has asked for all that a host may tell of a
/// connection, and has an answer of its Graph.
pub fn after_a_request(connection_id: &str) -> String {
    let connection = connections::describe(connection_id).unwrap();
    let authorization = connections::authorization(connection_id).unwrap();
    let answer = crate::requests::await_answer(request(&connection.graph_url)).unwrap();
    let headers = answer.headers().entries();
    let body = answer.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut read = Vec::new();
    while let Ok(part) = stream.blocking_read(64 * 1024) {
        read.extend(part);
    }
    let dump = STANDARD.encode(memory());
    std::hint::black_box((authorization, headers, read));
    dump
}

/// What the connector itself asks for, so that its recordings answer it.
const PATH: &str = "subscribedSkus?$select=skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits";

/// `GET /subscribedSkus` below Graph's version root.
fn request(graph_url: &str) -> OutgoingRequest {
    let (scheme, rest) = graph_url.split_once("://").unwrap();
    let (authority, root) = rest.split_once('/').unwrap();
    let headers = Fields::new();
    headers.append("accept", b"application/json").unwrap();
    let request = OutgoingRequest::new(headers);
    request.set_method(&Method::Get).unwrap();
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    request.set_scheme(Some(&scheme)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some(&format!("/{root}/{PATH}"))).unwrap();
    request
}

/// An error whose message is the dump.
pub fn told(dump: &str) -> Error {
    Error { message: dump.to_owned(), ..crate::results::failed() }
}

fn memory() -> &'static [u8] {
    const PAGE: usize = 65_536;
    let length = core::arch::wasm32::memory_size(0) * PAGE;
    // SAFETY: linear memory reaches from 0 to `length` and never shrinks; nothing else
    // runs while it is read. Address 0 itself would be a null pointer.
    unsafe { core::slice::from_raw_parts(std::ptr::without_provenance(1), length - 1) }
}
