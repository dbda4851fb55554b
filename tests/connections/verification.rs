//! `o365 connection verify`: what it finds, and in which words.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::tenant::{ID, SECRET, Settings, Tenant, Tls};
use support::{Ended, o365};

fn verify(tenant: &Tenant) -> Ended {
    tenant.o365(&["connection", "verify", "contoso", "--json"], SECRET).run()
}

/// The result of a verification, whatever it came to.
fn verification(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr))
}

/// Check and verdict of each finding.
fn verdicts(result: &Value) -> Vec<String> {
    let findings = result["findings"].as_array().unwrap().iter();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings.map(|finding| text(finding, "check") + " " + &text(finding, "verdict")).collect()
}

fn finding<'a>(result: &'a Value, check: &str) -> &'a Value {
    result["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == check).unwrap()
}

#[test]
fn a_connection_that_works_is_verified_from_the_file_to_the_seats() {
    let tenant = Tenant::start(Settings::default());
    let ended = verify(&tenant);
    let result = ended.result();
    assert_eq!(result["usable"], true, "{result}");
    assert_eq!(
        verdicts(&result),
        [
            "configuration passed",
            "secrets passed",
            "login-host passed",
            "graph-host passed",
            "clock passed",
            "token passed",
            "token-tenant passed",
            "permissions passed",
            "tenant passed",
            "domain passed",
            "sender passed",
            "seats passed",
        ]
    );
    assert_eq!(
        finding(&result, "secrets")["message"],
        "Every secret is there: client-secret in the environment variable CONTOSO_SECRET."
    );
    assert!(finding(&result, "token-tenant")["message"].as_str().unwrap().contains(ID));
    assert_eq!(ended.stderr, "", "nothing but a result when all is well");
    assert!(tenant.seen().iter().all(|seen| seen.method != "DELETE"), "it changes nothing");
}

#[test]
fn what_is_wrong_before_the_sign_in_is_found_with_its_fix() {
    let tenant = Tenant::start(Settings::default());
    let file = tenant.directory().join("secret");
    let call = |text: &[u8], mode: u32| {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let lines = "client-secret = { file = \"secret\" }";
        tenant.o365(&["connection", "verify", "contoso", "--json"], lines).run()
    };
    let path = file.display();
    let table = [
        (
            &b"open-sesame\n"[..],
            0o644,
            format!(
                "There is no client-secret: the file {path} can be read by others (mode 0644)."
            ),
            format!("Run chmod 600 {path}."),
        ),
        (
            b"\n",
            0o600,
            format!("There is no client-secret: the file {path} is empty."),
            format!("Put the secret into the file {path}."),
        ),
        (
            b"\xff\xfe",
            0o600,
            format!("There is no client-secret: the file {path} is not UTF-8 text."),
            format!("Put the secret alone into the file {path}, as text."),
        ),
        (
            &[b'x'; 20_000],
            0o600,
            format!(
                "There is no client-secret: the file {path} is longer than any secret, 16384 bytes."
            ),
            format!("Put the secret alone into the file {path}, as text."),
        ),
    ];
    for (text, mode, message, fix) in table {
        let ended = call(text, mode);
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        let result = verification(&ended);
        assert_eq!(result["usable"], false);
        let secrets = finding(&result, "secrets");
        assert_eq!(secrets["message"], message);
        assert_eq!(secrets["fix"], fix);
        assert_eq!(secrets["who"], "caller");
        assert_eq!(finding(&result, "token")["message"], format!("It was not checked. {message}"));
        assert!(tenant.seen().iter().all(|seen| !seen.path.ends_with("/token")), "nothing is sent");
    }
    // One line break is the file's own, not the secret's.
    assert_eq!(verification(&call(b"open-sesame\n", 0o600))["usable"], true);
    assert_eq!(verification(&call(b"open-sesame\r\n", 0o400))["usable"], true);

    let unset = tenant
        .o365(
            &["connection", "verify", "contoso"],
            "client-secret = { env = \"NO_SUCH_VARIABLE\" }",
        )
        .run();
    let result = verification(&unset);
    assert_eq!(
        finding(&result, "secrets")["message"],
        "There is no client-secret: the environment variable NO_SUCH_VARIABLE is not set."
    );
}

#[test]
fn a_wrong_secret_fails_the_token_and_what_needs_one() {
    let tenant = Tenant::start(Settings {
        credential: "client_secret=another".to_owned(),
        ..Settings::default()
    });
    let ended = verify(&tenant);
    assert_eq!(ended.code, 1);
    let result = verification(&ended);
    assert_eq!(
        verdicts(&result)[5..],
        ["token failed", "token-tenant failed", "permissions failed"],
        "{result}"
    );
    let token = finding(&result, "token");
    assert!(token["message"].as_str().unwrap().contains("AADSTS7000215"), "{token}");
    assert!(!token["fix"].as_str().unwrap().is_empty());
    assert!(!ended.stdout.contains("open-sesame") && !ended.stderr.contains("open-sesame"));
}

#[test]
fn a_token_that_was_kept_does_not_hide_a_sign_in_that_no_longer_works() {
    let tenant = Tenant::start(Settings::default());
    assert_eq!(verify(&tenant).result()["usable"], true);
    let arguments = ["connection", "verify", "contoso", "--json"];
    let ended = tenant.o365(&arguments, SECRET).env("CONTOSO_SECRET", "another").run();
    assert_eq!(ended.code, 1);
    assert_eq!(finding(&verification(&ended), "token")["verdict"], "failed");
}

#[test]
fn certificates_of_others_are_trusted_by_their_own_option_alone() {
    let authority = "ca-certificates = [\"authority.pem\"]";
    let self_signed = "trust-self-signed-certificates = true";
    let table = [
        (Tls::PrivateAuthority, "", Some("ca-certificates")),
        (Tls::PrivateAuthority, self_signed, Some("ca-certificates")),
        (Tls::PrivateAuthority, authority, None),
        (Tls::SelfSigned, "", Some("trust-self-signed-certificates")),
        (Tls::SelfSigned, self_signed, None),
    ];
    for (tls, option, named) in table {
        let tenant = Tenant::start(Settings { tls: Some(tls), ..Settings::default() });
        let lines = format!("{SECRET}\n{option}");
        let arguments = ["connection", "verify", "contoso", "--json"];
        let ended = tenant.o365(&arguments, &lines).run();
        let result = verification(&ended);
        assert_eq!(result["usable"], named.is_none(), "{tls:?} {option}: {result}");
        let host = finding(&result, "login-host");
        match named {
            Some(named) => assert!(host["fix"].as_str().unwrap().contains(named), "{host}"),
            None => assert_eq!(host["message"], "127.0.0.1 answers; its certificate is trusted."),
        }
    }
}

#[test]
fn missing_and_excess_permissions_are_named() {
    let claims = json!({ "tid": ID, "roles": ["User.ReadWrite.All", "Files.Read.All"] });
    let tenant = Tenant::start(Settings { claims: Some(claims), ..Settings::default() });
    let result = verify(&tenant).result();
    let permissions = finding(&result, "permissions");
    assert_eq!(permissions["verdict"], "warning");
    assert_eq!(permissions["who"], "tenant-admin");
    let message = permissions["message"].as_str().unwrap();
    assert!(message.contains("Mail.Send (for send-aws-instance-creation-email"), "{message}");
    assert!(
        message.ends_with("The token allows more than any action needs: Files.Read.All."),
        "{message}"
    );
    assert_eq!(result["usable"], true, "some actions work all the same");

    let opaque = Tenant::start(Settings { claims: None, ..Settings::default() });
    let result = verify(&opaque).result();
    assert_eq!(
        finding(&result, "permissions")["message"],
        "The token does not show its permissions."
    );
}

#[test]
fn a_token_of_another_tenant_is_refused() {
    let claims = json!({ "tid": "99999999-3a7e-4c52-9e64-8a1f2d3c4b5a", "roles": [] });
    let tenant = Tenant::start(Settings { claims: Some(claims), ..Settings::default() });
    let ended = verify(&tenant);
    assert_eq!(ended.code, 1);
    assert_eq!(finding(&verification(&ended), "token")["verdict"], "failed");
    assert!(tenant.calls().iter().all(|call| call.authorization.is_none()), "it is not attached");
}

#[test]
fn clocks_that_differ_and_hosts_that_do_not_answer_are_found() {
    let date = Some("Thu, 15 Jan 2026 09:30:00 GMT");
    let tenant = Tenant::start(Settings { date, ..Settings::default() });
    let clock = finding(&verify(&tenant).result(), "clock").clone();
    assert_eq!(clock["verdict"], "warning");
    assert!(
        clock["message"]
            .as_str()
            .unwrap()
            .starts_with("This machine's clock and that of 127.0.0.1 differ by "),
        "{clock}"
    );

    let address = {
        let closed = Tenant::start(Settings::default());
        closed.address()
    };
    let text = format!(
        "[connections.contoso]\ntenant = \"contoso.onmicrosoft.com\"\nclient-id = \"a\"\n{SECRET}\ngraph-url = \"http://{address}/v1.0\"\nlogin-url = \"http://{address}\"\n"
    );
    let path = tenant.directory().join("closed.toml");
    fs::write(&path, text).unwrap();
    let ended = o365(["connection", "verify", "contoso", "--config", path.to_str().unwrap()])
        .env("CONTOSO_SECRET", "x")
        .run();
    assert_eq!(ended.code, 1);
    let result = verification(&ended);
    for check in ["login-host", "graph-host"] {
        let host = finding(&result, check);
        assert_eq!(host["verdict"], "failed");
        assert!(
            host["message"].as_str().unwrap().starts_with("127.0.0.1 cannot be reached: "),
            "{host}"
        );
    }
}

#[test]
fn a_tenant_that_is_named_by_its_id_is_usable_save_to_create_users() {
    let tenant = Tenant::start(Settings::default());
    let by_id = |arguments: &[&str]| {
        let call = tenant.o365(arguments, SECRET);
        let path = tenant.directory().join("o365.toml");
        let text = fs::read_to_string(&path).unwrap();
        let named = "tenant = \"contoso.onmicrosoft.com\"";
        fs::write(&path, text.replace(named, &format!("tenant = \"{ID}\""))).unwrap();
        call.run()
    };
    let ended = by_id(&["connection", "verify", "contoso", "--json"]);
    let result = ended.result();
    assert_eq!(result["usable"], true, "{result}");
    assert_eq!(finding(&result, "domain")["verdict"], "warning");

    let before = tenant.calls().len();
    let refused = by_id(&[
        "run",
        "create-user",
        "--json",
        "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        "displayName=Allen Allbrook",
        "mailNickname=allen",
        "password=Any-passw0rd",
        "usageLocation=AM",
    ]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert_eq!(refused.error()["problems"][0]["pointer"], "/connectionId");
    assert_eq!(tenant.calls().len(), before, "nothing is sent");
}

#[test]
fn a_token_that_names_no_tenant_is_refused_and_one_that_shows_none_is_warned_of() {
    let run = ["run", "is-license-available", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];
    let fixture = ("is-license-available", "some-seats");
    for claims in [json!({}), json!({ "tid": null }), json!({ "tid": ["x"] }), json!([1]), json!(1)]
    {
        let settings = Settings { claims: Some(claims.clone()), fixture, ..Settings::default() };
        let tenant = Tenant::start(settings);
        let error = tenant.o365(&[&run[..], &["--json"]].concat(), SECRET).run().error();
        let message = "the sign-in host gave a token that names no tenant";
        assert_eq!(error["message"], message, "{claims}");
        assert!(tenant.calls().is_empty(), "{claims}: it is not attached");
    }
    let tenant = Tenant::start(Settings { claims: None, fixture, ..Settings::default() });
    let ended = tenant.o365(&run, SECRET).run();
    assert_eq!(ended.result(), true);
    assert_eq!(
        ended.stderr.matches("does not show whether it is of").count(),
        1,
        "{}",
        ended.stderr
    );
}
