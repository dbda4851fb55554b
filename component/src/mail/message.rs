//! What a mail says, and its form in Graph's JSON.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::layout;
use crate::search::has;

/// The longest subject, in UTF-16 units as Exchange counts: that of Outlook.
const SUBJECT: usize = 255;

/// The longest name of a file before `.pem`, in characters.
const FILE_STEM: usize = 64;

/// What a mail says. Only `facts` and `key` may hold a secret.
pub struct Mail<'a> {
    /// What happened; the mail's heading too.
    pub subject: &'a str,
    /// The first sentences.
    pub opening: &'a str,
    /// What there is to know.
    pub facts: &'a [Fact<'a>],
    /// What to do about it.
    pub advice: &'a str,
    /// The private key that goes with it as a file.
    pub key: Option<KeyFile<'a>>,
    /// Whether a secret is inside; then the sender's mailbox keeps no copy.
    pub secret: bool,
}

/// One thing to know.
pub struct Fact<'a> {
    /// What it is, without a colon.
    pub label: &'a str,
    /// Its value, of one or more lines.
    pub value: &'a str,
}

/// A private key as a file.
pub struct KeyFile<'a> {
    /// The name of the file, from [`key_file_name`].
    pub name: &'a str,
    /// The key in PEM form, which becomes the file's content as it is.
    pub pem: &'a str,
}

/// The name of the file with the private key of `login`, safe on any system: letters,
/// digits and `-_.` are kept, the rest becomes `-`.
pub fn key_file_name(login: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || has("-_.", c) { c } else { '-' };
    let name: String = login.chars().take(FILE_STEM).map(safe).collect();
    let stem = name.trim_matches(['-', '.']);
    [if stem.is_empty() { "instance" } else { stem }, ".pem"].concat()
}

/// The body of `sendMail`. Source: "user: sendMail", Graph v1.0 reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    message: Message<'a>,
    save_to_sent_items: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    subject: &'a str,
    body: Body,
    to_recipients: [Recipient<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[File<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    content_type: &'static str,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recipient<'a> {
    email_address: Address<'a>,
}

#[derive(Serialize)]
struct Address<'a> {
    address: &'a str,
}

/// An attachment; Graph refuses one without its type.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    #[serde(rename = "@odata.type")]
    odata_type: &'static str,
    name: &'a str,
    content_type: &'static str,
    content_bytes: String,
}

impl<'a> Envelope<'a> {
    /// `mail`, addressed to `recipient`, from the connector of `tenant`.
    pub(super) fn new(mail: &Mail<'a>, recipient: &'a str, tenant: &str) -> Self {
        let attachments = mail.key.as_ref().map(|key| {
            [File {
                odata_type: "#microsoft.graph.fileAttachment",
                name: key.name,
                content_type: "application/x-pem-file",
                content_bytes: STANDARD.encode(key.pem),
            }]
        });
        let message = Message {
            subject: bounded(mail.subject),
            body: Body { content_type: "HTML", content: layout::page(mail, tenant) },
            to_recipients: [Recipient { email_address: Address { address: recipient } }],
            attachments,
        };
        Envelope { message, save_to_sent_items: !mail.secret }
    }
}

/// As much of `subject` as fits.
fn bounded(subject: &str) -> &str {
    let mut units: usize = 0;
    let end = subject.char_indices().find(|(_, c)| {
        units = units.saturating_add(c.len_utf16());
        units > SUBJECT
    });
    end.and_then(|(index, _)| subject.get(..index)).unwrap_or(subject)
}
