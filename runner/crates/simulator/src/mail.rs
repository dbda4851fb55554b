//! The mail that was sent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::shared_str::SharedStr;
use super::time::Time;

/// A sent mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mail {
    /// The time of sending.
    pub sent_date_time: Time,
    /// The address of the sender.
    pub from: SharedStr,
    /// The addresses of all recipients.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// `text` or `html`.
    pub content_type: String,
    /// The text.
    pub content: String,
    /// The attached files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Other properties of the message by Graph's names, such as `importance` and `replyTo`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub other: Map<String, Value>,
    /// Whether the sender's mailbox keeps a copy.
    pub saved_to_sent_items: bool,
}

/// A file attached to a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// The media type.
    pub content_type: String,
    /// The content, in base64.
    pub content_bytes: String,
    /// Other properties by Graph's names, such as `contentId`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub other: Map<String, Value>,
}
