//! A certificate in the configuration, and addresses that ask for one.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::serve::client::connect;
use crate::serve::reload::reload;
use crate::serve::server::{Place, Server, connection, eventually};
use support::o365;

fn certificate() -> CertifiedKey<KeyPair> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    rcgen::generate_simple_self_signed(names).unwrap()
}

/// A place with a tenant, and in its configuration a certificate of its own.
fn place() -> (Place, String, CertificateDer<'static>) {
    let place = Place::with(&connection("main", "http://127.0.0.1:9", "http://127.0.0.1:9"));
    let key = place.add("contoso", "main", &[]);
    let made = certificate();
    fs::write(place.path("server.pem"), made.cert.pem()).unwrap();
    fs::write(place.path("server.key"), made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(place.path("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let text = fs::read_to_string(place.config()).unwrap();
    let serve = "[serve]\ncertificate = \"server.pem\"\nprivate-key = \"server.key\"\n";
    fs::write(place.config(), format!("{text}\n{serve}")).unwrap();
    (place, key, made.cert.der().clone())
}

/// What a client gets that trusts the certificate, and the version it agreed on.
async fn get(
    server: &Server,
    key: &str,
    certificate: &CertificateDer<'static>,
    http2: bool,
) -> (StatusCode, Version, Bytes) {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1();
    let connector = if http2 { builder.enable_http2().build() } else { builder.build() };
    let client = Client::builder(TokioExecutor::new()).build::<_, Full<Bytes>>(connector);
    let request = http::Request::get(format!("{}/v1/actions", server.url()))
        .header("authorization", format!("Bearer {key}"))
        .body(Full::default())
        .unwrap();
    let (head, body) = client.request(request).await.unwrap().into_parts();
    (head.status, head.version, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn with_a_certificate_it_speaks_tls_and_the_clients_choice_of_http() {
    let (place, key, certificate) = place();
    let server = place.serve(&[]);
    assert!(server.url().starts_with("https://127.0.0.1:"), "{}", server.url());
    for (http2, expected) in [(true, Version::HTTP_2), (false, Version::HTTP_11)] {
        let (status, version, body) = get(&server, &key, &certificate, http2).await;
        assert_eq!((status, version), (StatusCode::OK, expected));
        assert!(body.starts_with(b"[{"), "{body:?}");
    }
    let (status, ..) = get(&server, "o365_wrong", &certificate, true).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    // Whoever speaks without TLS gets nothing.
    let request = format!("GET /v1/actions HTTP/1.1\r\nAuthorization: Bearer {key}\r\n\r\n");
    let answer =
        crate::serve::client::exchange(&server.address(), request.as_bytes()).unwrap_or_default();
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_when_the_configuration_is_read_again() {
    let (place, key, first) = place();
    let server = place.serve(&[]);
    let second = certificate();
    fs::write(place.path("server.key"), second.signing_key.serialize_pem()).unwrap();
    // Half of it is there: the one of before goes on.
    server.signal("HUP");
    eventually("it says so", || server.said().contains("the configuration is unchanged"));
    assert!(server.said().contains("cannot be used"), "{}", server.said());
    assert_eq!(get(&server, &key, &first, true).await.0, StatusCode::OK);
    // And under another name.
    fs::write(place.path("renewed.pem"), second.cert.pem()).unwrap();
    let text = fs::read_to_string(place.config()).unwrap();
    fs::write(place.config(), text.replace("server.pem", "renewed.pem")).unwrap();
    reload(&server);
    assert_eq!(get(&server, &key, second.cert.der(), true).await.0, StatusCode::OK);
    assert!(!server.said().contains("[serve] has changed"), "{}", server.said());
}

#[test]
fn who_never_agrees_on_a_key_is_not_waited_for() {
    let (place, ..) = place();
    let server = place.serve(&[]);
    let mut silent = connect(&server.address()).unwrap();
    let mut slow = connect(&server.address()).unwrap();
    // The head of a first message that never comes whole.
    slow.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).unwrap();
    let began = Instant::now();
    for stream in [&mut silent, &mut slow] {
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let took = began.elapsed();
    assert!((Duration::from_secs(8)..Duration::from_secs(15)).contains(&took), "{took:?}");
}

/// What a server says that does not start.
fn refused(place: &Place, arguments: &[&str]) -> serde_json::Value {
    let arguments = [&["serve"], arguments].concat();
    let ended = place.o365(&arguments);
    assert!([2, 4].contains(&ended.code), "{} {}", ended.code, ended.stderr);
    ended.error()
}

#[test]
fn an_address_for_other_machines_asks_for_a_certificate() {
    let (secure, ..) = place();
    let plain = Place::with(&connection("main", "http://127.0.0.1:9", "http://127.0.0.1:9"));
    plain.add("contoso", "main", &[]);
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8365"] {
        for further in [&[][..], &["--simulate"]] {
            let error = refused(&plain, &[&["--address", address], further].concat());
            assert!(error["message"].as_str().unwrap().contains("no certificate"), "{error}");
            assert!(error["fix"].as_str().unwrap().contains("certificate"), "{error}");
        }
        // There is no configuration, and so no certificate.
        let empty = Place::new();
        let started = o365(["serve", "--simulate", "--address", address, "--json"])
            .directory(&empty.path(""))
            .run();
        assert_eq!(started.code, 2);
        let error = started.error();
        assert!(error["message"].as_str().unwrap().contains("no certificate"), "{error}");
    }
    let text = fs::read_to_string(plain.config()).unwrap();
    fs::write(plain.config(), format!("{text}\n[serve]\naddress = \"0.0.0.0:0\"\n")).unwrap();
    let error = refused(&plain, &[]);
    assert!(error["message"].as_str().unwrap().contains("no certificate"), "{error}");
    let server = secure.serve(&["--address", "0.0.0.0:0"]);
    assert!(server.url().starts_with("https://0.0.0.0:"), "{}", server.url());
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_and_nothing_is_served() {
    let (place, ..) = place();
    let (pem, key) = (place.path("server.pem"), place.path("server.key"));
    let (certificate, private) = (fs::read(&pem).unwrap(), fs::read(&key).unwrap());
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    let error = refused(&place, &[]);
    assert!(error["message"].as_str().unwrap().contains("cannot be used"), "{error}");
    assert!(error["fix"].as_str().unwrap().contains("belongs to it"), "{error}");
    fs::write(&key, "no key").unwrap();
    let error = refused(&place, &[]);
    assert!(error["message"].as_str().unwrap().contains("private key"), "{error}");
    fs::write(&key, &private).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let error = refused(&place, &[]);
    assert!(error["fix"].as_str().unwrap().contains("chmod 600"), "{error}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&pem, "").unwrap();
    let error = refused(&place, &[]);
    assert!(error["message"].as_str().unwrap().contains("no certificate in PEM"), "{error}");
    fs::remove_file(&pem).unwrap();
    assert!(refused(&place, &[])["message"].as_str().unwrap().contains("server.pem"));
    fs::write(&pem, certificate).unwrap();
    place.serve(&[]);
}
