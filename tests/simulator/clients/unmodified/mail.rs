//! What a person does with mail, and reads of the tenant.

use serde_json::{Value, json};

use support::simulate::TENANT;

use super::calls::{Call, Made};
use super::observer::MAIL;

fn sender() -> String {
    format!("noreply@{TENANT}")
}

/// Checks that one mail with this subject was sent, to Anna.
fn is_sent(made: &Made<'_>, subject: &str) {
    let count = |mails: &Value| mails["value"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&made.after.body), count(&made.before.body) + 1);
    let mail = made.after.body["value"].as_array().unwrap().last().unwrap();
    assert_eq!(mail["subject"], subject, "{mail}");
    assert_eq!(mail["to"], json!([format!("anna@{TENANT}")]), "{mail}");
}

pub fn calls() -> Vec<Call> {
    vec![
        Call {
            key: "send-mail",
            title: "`sendMail`, as JSON",
            about: |_| json!({ "user": sender(), "to": format!("anna@{TENANT}"), "subject": "Your account" }),
            shown_at: |_| MAIL.to_owned(),
            check: |made| is_sent(made, "Your account"),
        },
        Call {
            key: "send-mime",
            title: "`sendMail`, as MIME",
            about: |_| {
                let from = sender();
                let mime = format!(
                    "From: {from}\r\nTo: anna@{TENANT}\r\nSubject: Welcome\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nWelcome\r\n"
                );
                json!({ "user": from, "mime": mime })
            },
            shown_at: |_| MAIL.to_owned(),
            check: |made| is_sent(made, "Welcome"),
        },
        Call {
            key: "organization",
            title: "Read the organization",
            about: |_| json!({}),
            shown_at: |_| "/organization".to_owned(),
            check: |made| made.learned_all(&made.after.all("displayName")),
        },
    ]
}
