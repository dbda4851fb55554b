//! The seven mails: who sends them, where they go, and the exact bytes.

use std::collections::BTreeMap;

use component::actions::notifications as actions;
use component::bindings::connector::office365::connections::Access;
use component::bindings::connector::office365::types::Error;
use component::bindings::exports::connector::office365::notifications::{
    AwsInstanceEmailInput, AzureStorageEmailInput, CreatedUserEmailInput,
    VirtualMachineCreatedEmailInput, VirtualMachineStatusEmailInput,
};
use component::graph::Host;
use serde_json::Value;

use crate::support::*;

pub const SENDER: &str = "noreply@contoso.onmicrosoft.com";
pub const SEND_AS_APP: &str = "POST /users/noreply@contoso.onmicrosoft.com/sendMail";
pub const SEND_AS_USER: &str = "POST /me/sendMail";
/// A key in form only: its content reads "not a real key!".
pub const PEM: &str = "-----BEGIN RSA PRIVATE KEY-----\r\nbm90IGEgcmVh\r\nbCBrZXkh\r\n-----END RSA PRIVATE KEY-----\r\n";
/// The same in base64.
pub const PEM_IN_BASE64: &str = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ0KYm05MElHRWdjbVZoDQpiQ0JyWlhraA0KLS0tLS1FTkQgUlNBIFBSSVZBVEUgS0VZLS0tLS0NCg==";

pub const CREATED_USER: &str = "send-created-user-email-notification";
pub const STORAGE: &str = "send-azure-storage-creation-email";
pub const KEYS: &str = "send-keys-for-azure-storage-email";
pub const NEW_KEYS: &str = "send-regenerated-keys-for-azure-storage-email";
pub const AWS: &str = "send-aws-instance-creation-email";
pub const MACHINE: &str = "send-virtual-machine-creation-email";
pub const STATUS: &str = "send-status-virtual-machine-email";
pub const ALL: [&str; 7] = [CREATED_USER, STORAGE, KEYS, NEW_KEYS, AWS, MACHINE, STATUS];

/// An action with an input that is good for it, by the names of JSON.
#[derive(Clone)]
pub struct Mailing {
    pub action: &'static str,
    pub input: BTreeMap<&'static str, String>,
}

/// The action with a good input.
pub fn mailing(action: &'static str) -> Mailing {
    let fields: &[(&str, &str)] = match action {
        CREATED_USER => &[("userEmail", ALLEN)],
        STORAGE | KEYS | NEW_KEYS => &[
            ("storageAccount", "contosofiles"),
            ("key1", "a2V5IG9uZQ=="),
            ("key2", "a2V5IHR3bw=="),
        ],
        AWS => &[
            ("login", "ec2-user"),
            ("privateKey", PEM),
            ("connectionDetails", "ssh ec2-user@198.51.100.7\nport 22"),
        ],
        MACHINE => &[("ip", "10.1.2.3"), ("login", "azureuser"), ("password", "Tr4il  mix")],
        STATUS => &[("ip", "10.1.2.3"), ("status", "running")],
        other => panic!("no mail is sent by {other}"),
    };
    let common = [("connectionId", "contoso"), ("recipient", "anna@fabrikam.com")];
    let input = common.iter().chain(fields).map(|(name, value)| (*name, (*value).to_owned()));
    Mailing { action, input: input.collect() }
}

impl Mailing {
    /// The same with another value.
    pub fn with(mut self, field: &'static str, value: &str) -> Self {
        assert!(self.input.insert(field, value.to_owned()).is_some(), "no input {field}");
        self
    }

    /// Runs it against `script`, by the application.
    pub fn run(&self, script: impl IntoIterator<Item = Step>) -> (Result<(), Error>, Seen) {
        self.act(run(Access::AppOnly, script))
    }

    /// Runs it.
    pub fn act(&self, run: Run) -> (Result<(), Error>, Seen) {
        run.act(|host| self.call(host))
    }

    fn call(&self, host: Host<'_>) -> Result<(), Error> {
        let field = |name: &str| self.input[name].clone();
        let storage = || AzureStorageEmailInput {
            connection_id: field("connectionId"),
            recipient: field("recipient"),
            storage_account: field("storageAccount"),
            key1: field("key1"),
            key2: field("key2"),
        };
        match self.action {
            CREATED_USER => {
                let input = CreatedUserEmailInput {
                    connection_id: field("connectionId"),
                    recipient: field("recipient"),
                    user_email: field("userEmail"),
                };
                actions::send_created_user_email_notification::run(host, input)
            }
            STORAGE => actions::send_azure_storage_creation_email::run(host, storage()),
            KEYS => actions::send_keys_for_azure_storage_email::run(host, storage()),
            NEW_KEYS => {
                actions::send_regenerated_keys_for_azure_storage_email::run(host, storage())
            }
            AWS => {
                let input = AwsInstanceEmailInput {
                    connection_id: field("connectionId"),
                    recipient: field("recipient"),
                    login: field("login"),
                    private_key: field("privateKey"),
                    connection_details: field("connectionDetails"),
                };
                actions::send_aws_instance_creation_email::run(host, input)
            }
            MACHINE => {
                let input = VirtualMachineCreatedEmailInput {
                    connection_id: field("connectionId"),
                    recipient: field("recipient"),
                    ip: field("ip"),
                    login: field("login"),
                    password: field("password"),
                };
                actions::send_virtual_machine_creation_email::run(host, input)
            }
            _ => {
                let input = VirtualMachineStatusEmailInput {
                    connection_id: field("connectionId"),
                    recipient: field("recipient"),
                    ip: field("ip"),
                    status: field("status"),
                };
                actions::send_status_virtual_machine_email::run(host, input)
            }
        }
    }

    /// Sends it, and reads the body that went out.
    pub fn sent(&self) -> Value {
        let (result, seen) = self.run([on(SEND_AS_APP, accepted())]);
        result.unwrap_or_else(|error| panic!("{}: {error:?}", self.action));
        serde_json::from_slice(&seen.requests[0].body).unwrap()
    }

    /// The secrets among its input.
    pub fn secrets(&self) -> Vec<&str> {
        let secret = ["key1", "key2", "privateKey", "password"];
        secret.iter().filter_map(|name| self.input.get(name)).map(String::as_str).collect()
    }
}

/// A run of a connection that sends from [`SENDER`] when it is app-only.
pub fn run(access: Access, script: impl IntoIterator<Item = Step>) -> Run {
    let mut run = Run::new(script);
    run.connection.sender = Some(SENDER.to_owned());
    run.connection.access = access;
    run
}

/// What Graph answers when it has taken a mail.
pub fn accepted() -> Reply {
    answer(202, Value::Null)
}

#[test]
fn an_application_sends_from_the_sender_and_a_user_from_its_own_mailbox() {
    for action in ALL {
        mailing(action).run([on(SEND_AS_APP, accepted())]).0.unwrap();
        // The sender is another mailbox than the user's, and is not used.
        let by_user = run(Access::Delegated, [on(SEND_AS_USER, accepted())]);
        mailing(action).act(by_user).0.unwrap();
        let mut without_sender = run(Access::Delegated, [on(SEND_AS_USER, accepted())]);
        without_sender.connection.sender = None;
        mailing(action).act(without_sender).0.unwrap();
    }
}

#[test]
fn an_application_without_a_sender_sends_nothing() {
    for action in ALL {
        for sender in [None, Some(String::new()), Some(" ".to_owned())] {
            let mut run = run(Access::AppOnly, []);
            run.connection.sender = sender;
            let error = facts(mailing(action).act(run).0);
            assert_eq!(error.kind, "invalid-input");
            assert_eq!(error.problems.len(), 1);
            assert_eq!(error.problems[0].pointer, "/connectionId");
            assert!(error.problems[0].message.contains("`sender`"), "{:?}", error.problems);
        }
    }
}

#[test]
fn the_sender_is_one_path_segment() {
    for (sender, segment) in [
        ("o'neil@contoso.com", "/users/o%27neil@contoso.com/sendMail"),
        ("x_f.com#EXT#@contoso.com", "/users/x_f.com%23EXT%23@contoso.com/sendMail"),
        ("$x@contoso.com", "/users('$x@contoso.com')/sendMail"),
    ] {
        let mut run = run(Access::AppOnly, [on(&format!("POST {segment}"), accepted())]);
        run.connection.sender = Some(sender.to_owned());
        mailing(STATUS).act(run).0.unwrap();
    }
    for sender in ["a/b%@contoso.com", "noreply", "../me@contoso.com", "a b@contoso.com"] {
        let mut run = run(Access::AppOnly, []);
        run.connection.sender = Some(sender.to_owned());
        let error = facts(mailing(STATUS).act(run).0);
        assert_eq!(error.problems[0].pointer, "/connectionId", "{sender}");
    }
}

#[test]
fn the_request_is_json_in_the_order_of_the_reference() {
    let (result, seen) = mailing(AWS).run([on(SEND_AS_APP, accepted())]);
    result.unwrap();
    let request = &seen.requests[0];
    let json = "application/json".to_owned();
    assert_eq!(request.headers, [("accept", json.clone()), ("content-type", json)]);
    let body = String::from_utf8(request.body.clone()).unwrap();
    let (before, after) = body.split_once("<!DOCTYPE html>").unwrap();
    assert_eq!(
        before,
        r#"{"message":{"subject":"Your Amazon Web Services instance was created","body":{"contentType":"HTML","content":""#
    );
    let (_, after) = after.rsplit_once("</html>").unwrap();
    let expected = r##""},"toRecipients":[{"emailAddress":{"address":"anna@fabrikam.com"}}],"attachments":[{"@odata.type":"#microsoft.graph.fileAttachment","name":"ec2-user.pem","contentType":"application/x-pem-file","contentBytes":"##;
    assert_eq!(after, format!(r#"{expected}"{PEM_IN_BASE64}"}}]}},"saveToSentItems":false}}"#));
}

#[test]
fn only_the_instances_mail_has_a_file() {
    for action in ALL {
        let message = &mailing(action).sent()["message"];
        assert_eq!(message.get("attachments").is_some(), action == AWS, "{action}");
    }
}

#[test]
fn a_mail_with_a_secret_is_not_kept_by_its_sender() {
    for action in ALL {
        let mailing = mailing(action);
        assert_eq!(mailing.sent()["saveToSentItems"], mailing.secrets().is_empty(), "{action}");
    }
}

#[test]
fn the_file_has_a_name_that_is_safe_anywhere() {
    let long = "x".repeat(256);
    for (login, name) in [
        ("ec2-user", "ec2-user.pem"),
        ("CONTOSO\\Allen Allbrook", "CONTOSO-Allen-Allbrook.pem"),
        ("../../etc/passwd", "etc-passwd.pem"),
        ("<b>\"x\"</b>", "b--x---b.pem"),
        ("zoë", "zo.pem"),
        ("Ω", "instance.pem"),
        (&long, &format!("{}.pem", "x".repeat(64))),
    ] {
        let body = mailing(AWS).with("login", login).sent();
        assert_eq!(body["message"]["attachments"][0]["name"], *name, "{login}");
    }
}

#[test]
fn the_file_is_the_key_byte_for_byte() {
    // One byte more each time, so that every padding occurs.
    let ends = ["", "\n", "\r\n", "\n\n\n"];
    let padding: Vec<usize> = ends
        .iter()
        .map(|end| {
            let pem = format!("{}{end}", PEM.trim_end().replace("\r\n", "\n"));
            let body = mailing(AWS).with("privateKey", &pem).sent();
            let file = body["message"]["attachments"][0]["contentBytes"].as_str().unwrap();
            assert_eq!(decoded(file), pem.as_bytes());
            file.matches('=').count()
        })
        .collect();
    assert_eq!(padding, [1, 0, 2, 1]);
}

/// Decodes standard base64, bit by bit.
fn decoded(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} is no base64"),
    };
    let letters = text.trim_end_matches('=').bytes();
    let bits: Vec<u8> =
        letters.flat_map(|letter| (0..6).rev().map(move |bit| value(letter) >> bit & 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}
