//! Reads the body of `sendMail`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::{member, text};

/// The type of attachment that is supported.
const FILE_TYPE: &str = "#microsoft.graph.fileAttachment";

/// The greatest number of custom headers. Source: published of a real response.
const HEADERS: usize = 5;

/// A mail.
pub struct Message {
    /// The addresses of all recipients.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// `text` or `html`.
    pub content_type: String,
    /// The content.
    pub content: String,
    /// The attached files.
    pub files: Vec<File>,
    /// Other properties under Graph's names, with the lists of recipients.
    pub other: Map<String, Value>,
    /// Whether the sender's mailbox keeps a copy.
    pub saved: bool,
}

/// An attached file.
pub struct File {
    /// The file's name.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes, in base64.
    pub content_bytes: String,
    /// Other properties under Graph's names, such as `contentId`.
    pub other: Map<String, Value>,
}

/// Reads the mail in `body`. `is_own` states whether an address is the sender's.
pub fn read(body: &Map<String, Value>, is_own: impl Fn(&str) -> bool) -> Result<Message, Refusal> {
    super::only(body, &["message", "saveToSentItems"], "sendMail")?;
    let message = member(body, "message").and_then(Value::as_object);
    let missing = "The request is invalid: the parameter 'Message' is missing.";
    let message = message.ok_or_else(|| bad("ErrorInvalidRequest", missing))?;
    check_from(message, is_own)?;
    check_headers(message)?;
    let text_of = match member(message, "body") {
        None | Some(Value::Null) => None,
        Some(Value::Object(body)) => Some(body),
        Some(_) => return Err(unreadable("body", "microsoft.graph.itemBody")),
    };
    let content = text_of.and_then(|body| text(body, "content")).unwrap_or_default();
    let content_type = text_of.and_then(|body| text(body, "contentType")).unwrap_or("text");
    if !["text", "html"].iter().any(|known| known.eq_ignore_ascii_case(content_type)) {
        return Err(unreadable(content_type, "microsoft.graph.bodyType"));
    }
    Ok(Message {
        to: recipients(message)?,
        subject: text(message, "subject").unwrap_or_default().to_owned(),
        content_type: content_type.to_ascii_lowercase(),
        content: content.to_owned(),
        files: list(message, "attachments").map(file).collect::<Result<_, Refusal>>()?,
        other: other(message)?,
        saved: saved(member(body, "saveToSentItems"))?,
    })
}

/// The properties of a message that are read above.
const READ: [&str; 4] = ["toRecipients", "subject", "body", "attachments"];

/// The kinds of a message's further properties. Source: the type `message` in the metadata of Graph
/// v1.0.
const KINDS: &[(&str, Kind)] = &[
    ("bccRecipients", Kind::List),
    ("categories", Kind::List),
    ("ccRecipients", Kind::List),
    ("flag", Kind::Object),
    ("from", Kind::Object),
    ("importance", Kind::OneOf(&["low", "normal", "high"])),
    ("inferenceClassification", Kind::OneOf(&["focused", "other"])),
    ("internetMessageHeaders", Kind::List),
    ("isDeliveryReceiptRequested", Kind::Flag),
    ("isReadReceiptRequested", Kind::Flag),
    ("replyTo", Kind::List),
    ("sender", Kind::Object),
    // What Exchange itself sets when it sends.
    ("bodyPreview", Kind::Set),
    ("changeKey", Kind::Set),
    ("conversationId", Kind::Set),
    ("conversationIndex", Kind::Set),
    ("createdDateTime", Kind::Set),
    ("hasAttachments", Kind::Set),
    ("id", Kind::Set),
    ("internetMessageId", Kind::Set),
    ("isDraft", Kind::Set),
    ("isRead", Kind::Set),
    ("lastModifiedDateTime", Kind::Set),
    ("parentFolderId", Kind::Set),
    ("receivedDateTime", Kind::Set),
    ("sentDateTime", Kind::Set),
    ("uniqueBody", Kind::Set),
    ("webLink", Kind::Set),
];

/// The navigation properties of a message but its attachments. Source: as above.
const RELATIONS: [&str; 3] =
    ["extensions", "multiValueExtendedProperties", "singleValueExtendedProperties"];

/// The kind of a property of a message.
#[derive(Clone, Copy)]
enum Kind {
    List,
    Object,
    Flag,
    OneOf(&'static [&'static str]),
    /// Refused in a mail to send.
    Set,
}

/// Returns the further properties of a message, without nulls.
fn other(message: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let is_read = |name: &str| READ.iter().any(|own| own.eq_ignore_ascii_case(name));
    let further = message
        .iter()
        .filter(|(name, value)| !name.contains('@') && !is_read(name) && !value.is_null());
    further.map(|(name, value)| Ok((kept(name, value)?.to_owned(), value.clone()))).collect()
}

/// Returns Graph's name of a property that a client may set.
fn kept(name: &str, value: &Value) -> Result<&'static str, Refusal> {
    if RELATIONS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err(Refusal::not_simulated(name));
    }
    let Some((own, kind)) = KINDS.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)) else {
        let message = format!(
            "The property '{name}' does not exist on type 'microsoft.graph.message'. Make sure to only use property names that are defined by the type or mark the type as open type."
        );
        return Err(bad("RequestBodyRead", message));
    };
    let text = value.as_str().unwrap_or_default();
    let fits = match kind {
        Kind::List => value.is_array(),
        Kind::Object => value.is_object(),
        Kind::Flag => value.is_boolean(),
        Kind::OneOf(values) => values.iter().any(|own| own.eq_ignore_ascii_case(text)),
        Kind::Set => {
            let message = format!("Property '{own}' is read-only and cannot be set.");
            return Err(bad("ErrorInvalidPropertySet", message));
        }
    };
    if fits { Ok(own) } else { Err(unreadable(text, own)) }
}

/// Fails when the mail is from another mailbox.
fn check_from(message: &Map<String, Value>, is_own: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    match member(message, "from").and_then(address) {
        Some(from) if !is_own(from) => Err(not_own()),
        _ => Ok(()),
    }
}

/// A mail from another mailbox.
pub(crate) fn not_own() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "ErrorSendAsDenied",
        "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.",
    )
}

fn check_headers(message: &Map<String, Value>) -> Result<(), Refusal> {
    let names: Vec<&str> = list(message, "internetMessageHeaders")
        .filter_map(|header| text(header.as_object()?, "name"))
        .collect();
    let own = |name: &&str| name.to_ascii_lowercase().starts_with("x-");
    if names.len() <= HEADERS && names.iter().all(own) {
        return Ok(());
    }
    let message = format!(
        "The internet message headers are not valid: there can be {HEADERS}, whose names begin with 'x-'."
    );
    Err(bad("InvalidInternetMessageHeaderCollection", message))
}

fn recipients(message: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let lists = ["toRecipients", "ccRecipients", "bccRecipients"];
    let all: Option<Vec<String>> = lists
        .iter()
        .flat_map(|name| list(message, name))
        .map(|recipient| address(recipient).filter(is_address).map(ToOwned::to_owned))
        .collect();
    all.filter(|all| !all.is_empty()).ok_or_else(no_recipients)
}

/// A mail without recipients, or with one that is no address.
pub(crate) fn no_recipients() -> Refusal {
    bad("ErrorInvalidRecipients", "At least one recipient is not valid.")
}

fn address(recipient: &Value) -> Option<&str> {
    text(member(recipient.as_object()?, "emailAddress")?.as_object()?, "address")
}

/// Whether a text is an address.
pub(crate) fn is_address(text: &&str) -> bool {
    let whole = |part: &str| !part.is_empty() && !part.contains(['@', ' ', '<', '>']);
    text.rsplit_once('@').is_some_and(|(local, domain)| whole(local) && whole(domain))
}

fn file(value: &Value) -> Result<File, Refusal> {
    let missing = || {
        unreadable(
            "attachments",
            "microsoft.graph.attachment, without an @odata.type that is known",
        )
    };
    let object = value.as_object().ok_or_else(missing)?;
    text(object, "@odata.type")
        .filter(|own| own.eq_ignore_ascii_case(FILE_TYPE))
        .ok_or_else(missing)?;
    let bytes = text(object, "contentBytes").unwrap_or_default();
    if STANDARD.decode(bytes).is_err() {
        return Err(unreadable("contentBytes", "Edm.Binary"));
    }
    let known = ["contentId", "contentLocation", "isInline"];
    let further = known.iter().filter_map(|name| {
        let value = member(object, name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    });
    let is_known = |name: &String| {
        name.contains('@')
            || known
                .iter()
                .chain(&["name", "contentType", "contentBytes", "size"])
                .any(|own| own.eq_ignore_ascii_case(name))
    };
    if let Some(name) = object.keys().find(|name| !is_known(name)) {
        return Err(bad(
            "RequestBodyRead",
            format!(
                "The property '{name}' does not exist on type 'microsoft.graph.fileAttachment'. Make sure to only use property names that are defined by the type or mark the type as open type."
            ),
        ));
    }
    Ok(File {
        other: further.collect(),
        name: text(object, "name").unwrap_or_default().to_owned(),
        content_type: text(object, "contentType").unwrap_or_default().to_owned(),
        content_bytes: bytes.to_owned(),
    })
}

/// Whether a copy is saved: a boolean, which Microsoft's own example writes as text.
fn saved(value: Option<&Value>) -> Result<bool, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(saved)) => Ok(*saved),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(unreadable("saveToSentItems", "Edm.Boolean")),
    }
}

fn unreadable(what: &str, expected: &str) -> Refusal {
    let shown: String = what.chars().take(100).collect();
    bad(
        "RequestBodyRead",
        format!("Cannot convert the literal '{shown}' to the expected type '{expected}'."),
    )
}

fn bad(code: &'static str, message: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message)
}

fn list<'a>(object: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    member(object, name).and_then(Value::as_array).into_iter().flatten()
}
