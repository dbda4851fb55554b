//! Texts that look like secrets, with their places.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runner::recording::leak_candidates::in_document;
use serde_json::json;

#[test]
fn what_looks_like_a_secret_is_found_with_its_place() {
    let jwt = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl";
    let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    for (document, pointer) in [
        (json!({ "a": [format!("x {jwt}")] }), "/a/0"),
        (json!({ "a": "Bearer 0123456789abcdef" }), "/a"),
        (json!({ "a": "eyJhdWQiOiJjb250b3NvLWFuZC1tb3JlIn0" }), "/a"),
        (json!({ "passwordProfile": { "password": "x" } }), "/passwordProfile/password"),
        (json!({ "text": json!({ "password": "x" }).to_string() }), "/text > /password"),
        (
            json!({ "headers": [{ "name": "x-api-key", "value": "1" }, { "name": "Cookie", "value": "a=1" }] }),
            "/headers/1/value",
        ),
        (json!({ "a": format!("see {pem}") }), "/a"),
        (json!({ "contentBytes": STANDARD.encode(pem) }), "/contentBytes"),
        (json!({ "text": "grant_type=x&client_secret=abc" }), "/text"),
        (json!({ "a": "DefaultEndpointsProtocol=https;AccountKey=abc" }), "/a"),
        // In lower case such letters take more bytes.
        (json!({ "a": "İİİİİİİİİ password=abc" }), "/a"),
    ] {
        let found = in_document(&document);
        assert_eq!(found.map(|found| found.pointer).as_deref(), Some(pointer), "{document}");
    }
}

#[test]
fn what_is_none_is_not() {
    for document in [
        json!({ "password": { "$secret": "password" } }),
        json!({ "password": "{\"$secret\":\"password\"}" }),
        json!({ "text": "{\"password\":{\"$secret\":\"password\"}}" }),
        json!({ "password": "" , "forceChangePasswordNextSignIn": true }),
        json!({ "message": "The specified password does not comply; eyJ is no token." }),
    ] {
        assert_eq!(in_document(&document), None, "{document}");
    }
}
