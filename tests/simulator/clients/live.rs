//! `o365 run` over a live connection: a real sign-in, TLS, the pooled client.

use std::fs;

use serde_json::Value;

use support::simulate::{Server, state, tenant};
use support::{Ended, o365};

const SKU: &str = "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06";

#[test]
fn actions_run_over_a_connection_to_the_simulated_tenant() {
    let (directory, path) = state();
    let server = Server::start(&[path.to_str().unwrap()]);
    let config = directory.path().join("o365.toml");
    let snippet = server.started["configuration"].as_str().unwrap();
    let secure = snippet.replace(server.http(), server.https());
    let certificate = server.certificate();
    let text = format!("{secure}ca-certificates = [\"{certificate}\"]\n");
    let run = |text: &str, arguments: &[&str]| -> Ended {
        fs::write(&config, text).unwrap();
        o365([&["--config", config.to_str().unwrap(), "--json"], arguments].concat())
            .env("O365_STATE_DIR", directory.path().join("tokens"))
            .env("SIMULATED_SECRET", "anything")
            .run()
    };
    let verified = run(&text, &["connection", "verify", "simulated"]);
    assert_eq!(verified.code, 0, "{} {}", verified.stdout, verified.stderr);
    let created = run(
        &text,
        &[
            "run",
            "create-user",
            SKU,
            "displayName=Allen Allbrook",
            "mailNickname=allen",
            "password=Any-passw0rd",
            "usageLocation=AM",
        ],
    )
    .result();
    let kept = tenant(&path);
    let find = |tenant: &Value| {
        let users = tenant["users"].as_array().unwrap().clone();
        users.into_iter().find(|user| user["mailNickname"] == "allen")
    };
    let user = find(&kept).unwrap();
    assert_eq!(user["id"], created["objectId"]);
    assert_eq!(user["licenses"][0]["skuId"], SKU.split_once('=').unwrap().1);
    let mailed = run(
        &text,
        &[
            "run",
            "send-created-user-email-notification",
            "userEmail=allen@contoso.onmicrosoft.com",
            "recipient=anna@contoso.onmicrosoft.com",
        ],
    );
    assert_eq!(mailed.code, 0, "{}", mailed.stderr);
    assert_eq!(tenant(&path)["mail"].as_array().unwrap().len(), 1);
    // The snippet as it is printed, over plain HTTP on loopback.
    let deleted =
        run(snippet, &["run", "delete-user", "userPrincipalName=allen@contoso.onmicrosoft.com"]);
    assert_eq!(deleted.code, 0, "{}", deleted.stderr);
    assert_eq!(find(&tenant(&path)), None);
    // Without the certificate there is no TLS.
    let distrusted = run(&secure, &["run", "is-license-available", SKU]);
    assert_eq!(distrusted.code, 1, "{}", distrusted.stderr);
    assert!(distrusted.stderr.contains("ca-certificates"), "{}", distrusted.stderr);
}
