//! What a person reads: subjects, the mail as text, and HTML that no input can change.

use serde_json::Value;

use crate::notifications::*;
use crate::support::*;

fn subject(body: &Value) -> &str {
    body["message"]["subject"].as_str().unwrap()
}

fn html(body: &Value) -> &str {
    body["message"]["body"]["content"].as_str().unwrap()
}

/// The tags of `html`, with their attributes.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|part| part.split_once('>').unwrap().0).collect()
}

/// `html` without its tags, as a program shows it that knows no HTML.
fn text(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text: String = parts.collect();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign))
}

#[test]
fn a_subject_says_what_happened() {
    let subjects = [
        (CREATED_USER, "Office 365 account allen@contoso.onmicrosoft.com was created"),
        (STORAGE, "Azure storage account contosofiles was created"),
        (KEYS, "Access keys for Azure storage account contosofiles"),
        (NEW_KEYS, "New access keys for Azure storage account contosofiles"),
        (AWS, "Your Amazon Web Services instance was created"),
        (MACHINE, "Your virtual machine 10.1.2.3 was created"),
        (STATUS, "Virtual machine 10.1.2.3: running"),
    ];
    for (action, expected) in subjects {
        assert_eq!(subject(&mailing(action).sent()), expected);
    }
}

#[test]
fn a_subject_has_at_most_255_units_of_utf_16() {
    let emoji = "\u{1f600}".repeat(256);
    let cases = [
        ("s".repeat(256), "Virtual machine 10.1.2.3: ".to_owned() + &"s".repeat(229)),
        // A character of two units is not cut in the middle.
        (emoji, "Virtual machine 10.1.2.3: ".to_owned() + &"\u{1f600}".repeat(114)),
    ];
    for (status, expected) in cases {
        let body = mailing(STATUS).with("status", &status).sent();
        assert_eq!(subject(&body), expected);
        assert!(text(html(&body)).contains(&status), "the mail itself has all of it");
    }
}

#[test]
fn no_secret_is_in_a_subject() {
    for action in ALL {
        let mailing = mailing(action);
        let body = mailing.sent();
        for secret in mailing.secrets() {
            assert!(!subject(&body).contains(secret), "{action}");
            let elsewhere = html(&body).contains(secret) || action == AWS;
            assert!(elsewhere, "{action}: the test has to know the secret when it sees it");
        }
    }
    let body = mailing(AWS).sent();
    assert!(!html(&body).contains("BEGIN"), "the private key is in the file alone");
}

#[test]
fn without_its_tags_a_mail_reads_well() {
    let keys = "Storage account: contosofiles\nKey 1: a2V5IG9uZQ==\nKey 2: a2V5IHR3bw==\n";
    let keep = "Whoever has a key can read and change everything in the storage account. Keep the keys where only you can read them, and regenerate a key that somebody else may have seen.";
    let texts = [
        (
            CREATED_USER,
            "Office 365 account allen@contoso.onmicrosoft.com was created\nA user account was created in Microsoft Office 365.\n\nAccount: allen@contoso.onmicrosoft.com\n\nThe first password is not in this message. A new one is asked for at the first sign-in. The mailbox may take some minutes to be ready.".to_owned(),
        ),
        (
            STORAGE,
            format!("Azure storage account contosofiles was created\nA storage account was created in Microsoft Azure. These are its access keys.\n\n{keys}\n{keep}"),
        ),
        (
            KEYS,
            format!("Access keys for Azure storage account contosofiles\nThese are the access keys of a storage account in Microsoft Azure.\n\n{keys}\n{keep}"),
        ),
        (
            NEW_KEYS,
            format!("New access keys for Azure storage account contosofiles\nAccess keys of a storage account in Microsoft Azure were regenerated. These are its keys now.\n\n{keys}\nEnter the new keys wherever the old ones are in use: a key stops working when it is regenerated. Whoever has a key can read and change everything in the storage account."),
        ),
        (
            AWS,
            "Your Amazon Web Services instance was created\nAn instance was created for you in Amazon Web Services. Its private key is attached to this message.\n\nLogin: ec2-user\nConnection details: ssh ec2-user@198.51.100.7\nport 22\nPrivate key: ec2-user.pem\n\nWhoever has the private key can log in: save it where only you can read it, which ssh asks for too, and delete this message.".to_owned(),
        ),
        (
            MACHINE,
            "Your virtual machine 10.1.2.3 was created\nA virtual machine was created for you in Microsoft Azure.\n\nIP address: 10.1.2.3\nLogin: azureuser\nPassword: Tr4il  mix\n\nChange the password when you have logged in for the first time, and delete this message.".to_owned(),
        ),
        (
            STATUS,
            "Virtual machine 10.1.2.3: running\nThis is the status of a virtual machine in Microsoft Azure.\n\nIP address: 10.1.2.3\nStatus: running\n\nThe status may have changed since this message was sent.".to_owned(),
        ),
    ];
    for (action, expected) in texts {
        let body = mailing(action).sent();
        let closing = "Sent by the Office 365 connector of contoso.onmicrosoft.com.";
        assert_eq!(text(html(&body)), format!("\n{expected}\n{closing}\n"), "{action}");
    }
}

#[test]
fn no_input_changes_the_html() {
    let evil =
        "</dd></div><script>alert('x')</script><img src=\"x\" onerror=x>&lt;&amp;&#60;{{1}}%0d";
    let fields = [
        (STORAGE, "key1"),
        (STORAGE, "key2"),
        (KEYS, "key1"),
        (NEW_KEYS, "key2"),
        (AWS, "login"),
        (AWS, "connectionDetails"),
        (MACHINE, "login"),
        (MACHINE, "password"),
        (STATUS, "status"),
    ];
    for (action, field) in fields {
        let (good, body) = (mailing(action), mailing(action).with(field, evil).sent());
        // The details have one line here, as all other fields have.
        let good = if field == "connectionDetails" { good.with(field, "x") } else { good };
        assert_eq!(tags(html(&body)), tags(html(&good.sent())), "{action} {field}");
        assert!(text(html(&body)).contains(evil), "{action} {field}");
    }
    let odd = r#"a"b&c'd%e$@contoso.com"#;
    let body = mailing(CREATED_USER).with("userEmail", odd).sent();
    assert_eq!(tags(html(&body)), tags(html(&mailing(CREATED_USER).sent())));
    assert!(html(&body).contains("a&quot;b&amp;c'd%e$@contoso.com"));
    assert_eq!(subject(&body), format!("Office 365 account {odd} was created"));
}

#[test]
fn the_tenant_in_the_closing_line_is_escaped_too() {
    let mut run = run(
        component::bindings::connector::office365::connections::Access::AppOnly,
        [on(SEND_AS_APP, accepted())],
    );
    run.connection.tenant = "<i>.com".to_owned();
    let (result, seen) = mailing(STATUS).act(run);
    result.unwrap();
    let body: Value = serde_json::from_slice(&seen.requests[0].body).unwrap();
    assert!(html(&body).contains("connector of &lt;i&gt;.com."));
}

#[test]
fn a_mail_loads_nothing_and_has_plain_tags_only() {
    let plain = ["!DOCTYPE", "html", "head", "meta", "body", "div", "h1", "p", "dl", "dt", "dd"];
    for action in ALL {
        let body = mailing(action).sent();
        let html = html(&body);
        for tag in tags(html) {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            assert!(plain.contains(&name), "{action}: {tag}");
        }
        for reference in ["http:", "https:", "url(", "src=", "href=", "@import"] {
            assert!(!html.contains(reference), "{action}: {reference}");
        }
    }
}

#[test]
fn every_line_of_the_details_is_a_line() {
    for details in ["one\ntwo\n\n  four", "one\r\ntwo\r\n\r\n  four\r\n"] {
        let body = mailing(AWS).with("connectionDetails", details).sent();
        assert!(text(html(&body)).contains("Connection details: one\ntwo\n\n  four\nPrivate key:"));
        assert_eq!(tags(html(&body)).iter().filter(|tag| tag.starts_with("dd")).count(), 6);
    }
}
