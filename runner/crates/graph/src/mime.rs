//! Reads the body of `sendMail` in MIME: base64 in plain text. Source: "user: sendMail", example 4.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use mail_parser::{Address, MessageParser, MimeHeaders};
use serde_json::{Map, Value, json};

use super::message::{self, File, Message};
use super::refusal::Refusal;

/// Reads the mail in `body`. `is_own` states whether an address is the sender's.
pub fn read(body: &[u8], is_own: impl Fn(&str) -> bool) -> Result<Message, Refusal> {
    let text: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mime = STANDARD.decode(text).map_err(|_| {
        invalid("ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
    })?;
    let parsed = MessageParser::default().parse(&mime);
    let parsed = parsed
        .filter(|mail| !mail.headers().is_empty())
        .ok_or_else(|| invalid("ErrorMimeContentInvalid", "The MIME content is not valid."))?;
    let from = parsed.from().and_then(Address::first).and_then(|from| from.address());
    if from.is_some_and(|from| !is_own(from)) {
        return Err(message::not_own());
    }
    let (mut to, mut other) = (addresses(parsed.to()), Map::new());
    for (name, list) in [("ccRecipients", parsed.cc()), ("bccRecipients", parsed.bcc())] {
        let list = addresses(list);
        if !list.is_empty() {
            other.insert(name.to_owned(), recipients(&list));
        }
        to.extend(list);
    }
    let replies = addresses(parsed.reply_to());
    if !replies.is_empty() {
        other.insert("replyTo".to_owned(), recipients(&replies));
    }
    if to.is_empty() || !to.iter().all(|address| message::is_address(&address.as_str())) {
        return Err(message::no_recipients());
    }
    let html = parsed.html_body.first().and_then(|part| parsed.part(*part));
    let is_html = html.is_some_and(|part| part.is_text_html());
    let content = if is_html { parsed.body_html(0) } else { parsed.body_text(0) };
    Ok(Message {
        to,
        subject: parsed.subject().unwrap_or_default().to_owned(),
        content_type: if is_html { "html" } else { "text" }.to_owned(),
        content: content.map(|content| content.into_owned()).unwrap_or_default(),
        files: parsed.attachments().map(file).collect(),
        other,
        saved: true,
    })
}

fn addresses(list: Option<&Address<'_>>) -> Vec<String> {
    let each = list.into_iter().flat_map(|list| list.iter());
    each.filter_map(|one| one.address().map(ToOwned::to_owned)).collect()
}

fn recipients(addresses: &[String]) -> Value {
    addresses.iter().map(|address| json!({ "emailAddress": { "address": address } })).collect()
}

fn file(part: &mail_parser::MessagePart<'_>) -> File {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let id = part.content_id().map(|id| ("contentId".to_owned(), Value::from(id)));
    File {
        name: part.attachment_name().unwrap_or_default().to_owned(),
        content_type: kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
        content_bytes: STANDARD.encode(part.contents()),
        other: id.into_iter().collect(),
    }
}

fn invalid(code: &'static str, message: &'static str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message)
}
