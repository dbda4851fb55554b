//! Answers with a fault.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::tenant::Answer;
use crate::cases::{Fault, PAGES};

/// What becomes of the connection afterwards.
pub enum Then {
    Next,
    Close,
    Reset,
}

/// Writes an answer, with what happens to it.
pub async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    fault: Fault,
    mut answer: Answer,
) -> io::Result<Then> {
    let length = answer.body.len().to_string();
    match fault {
        Fault::Slow(late) => tokio::time::sleep(late).await,
        Fault::Silent => std::future::pending().await,
        Fault::Reset => return Ok(Then::Reset),
        Fault::Cut => {
            let longer = (answer.body.len() + 100).to_string();
            stream.write_all(answer.head(&[("content-length", &longer)]).as_bytes()).await?;
            stream.write_all(&answer.body[..answer.body.len() / 2]).await?;
            return Ok(Then::Close);
        }
        Fault::Stall => {
            stream.write_all(answer.head(&[("content-length", &length)]).as_bytes()).await?;
            stream.write_all(&answer.body[..answer.body.len() / 2]).await?;
            std::future::pending().await
        }
        Fault::HalfHead => {
            let head = answer.head(&[]);
            stream.write_all(&head.as_bytes()[..head.len() / 2]).await?;
            return Ok(Then::Close);
        }
        Fault::Garbage => {
            stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n\r\n").await?;
            return Ok(Then::Close);
        }
        Fault::Gzip => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            packed.write_all(&answer.body).unwrap();
            answer.body = packed.finish().unwrap();
            answer.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        }
        Fault::Interim => {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            stream
                .write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n")
                .await?;
        }
        Fault::NoContent(body) => {
            stream.write_all(format!("HTTP/1.1 204 No Content\r\n\r\n{body}").as_bytes()).await?;
            return Ok(if body.is_empty() { Then::Next } else { Then::Close });
        }
        Fault::Chunked => return chunked(stream, &answer).await,
        Fault::Trickle => {
            let head = answer.head(&[("content-length", &length)]).into_bytes();
            for byte in head.into_iter().chain(answer.body) {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            return Ok(Then::Next);
        }
        Fault::None
        | Fault::Closes
        | Fault::Pages
        | Fault::Redirect
        | Fault::Refused
        | Fault::Untrusted => {}
    }
    let length = answer.body.len().to_string();
    let mut all = answer.head(&[("content-length", &length)]).into_bytes();
    all.extend(answer.body);
    stream.write_all(&all).await?;
    Ok(if fault == Fault::Closes { Then::Close } else { Then::Next })
}

/// A redirect to where nobody should go.
pub fn redirect() -> Answer {
    let location = ("location".to_owned(), "/v1.0/elsewhere".to_owned());
    Answer { status: 307, headers: vec![location], body: Vec::new() }
}

async fn chunked(stream: &mut (impl AsyncWrite + Unpin), answer: &Answer) -> io::Result<Then> {
    stream.write_all(answer.head(&[("transfer-encoding", "chunked")]).as_bytes()).await?;
    for part in answer.body.chunks(100) {
        stream.write_all(format!("{:x}\r\n", part.len()).as_bytes()).await?;
        stream.write_all(part).await?;
        stream.write_all(b"\r\n").await?;
    }
    stream.write_all(b"0\r\n\r\n").await?;
    Ok(Then::Next)
}

/// A page without users of the call number `number`, and a link to the next one but on the last.
pub fn page(number: usize, host: &str) -> Answer {
    let mut page = json!({ "value": [] });
    if number + 1 < PAGES {
        let next = format!("http://{host}/v1.0/users?$skiptoken={number}");
        page["@odata.nextLink"] = json!(next);
    }
    Answer::json(&page)
}

/// TLS with a certificate that signs itself.
pub fn untrusted() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
