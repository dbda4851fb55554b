//! The messages of a journal.

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use crate::store::sealing::SealingKey;

/// The process that has appended a message. The last one holds the run.
const HOLDER: &str = "O365-Holder";

/// The holder of a run that waits for any process.
const NOBODY: &str = "-";

/// The sequence of the message before it.
const AFTER: &str = "O365-After";

/// The position of a message among those of the same records, such as `1/3`.
const PART: &str = "O365-Part";

/// Marks the message of a journal that is closed for good.
const CLOSED: &str = "O365-Closed";

/// The largest part of records, in bytes. With the headers, a message stays below 1 MiB.
const LARGEST: usize = 512 << 10;

/// The subject of a journal, without the run.
const SUBJECT: &str = "o365.journals.";

/// Returns the subject of a run's journal.
pub(super) fn subject(run: Uuid) -> String {
    format!("{SUBJECT}{}", run.simple())
}

/// Returns the run of a subject.
pub(super) fn run_of(subject: &str) -> Option<Uuid> {
    Uuid::parse_str(subject.strip_prefix(SUBJECT)?).ok()
}

/// What the headers of a message say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub holder: String,
    pub after: u64,
    /// The position of the message, and the number of messages, both from 1.
    pub part: (usize, usize),
    pub is_closed: bool,
}

impl Head {
    /// Returns the head of a message that leaves the run to whoever takes it.
    pub fn offered(self) -> Self {
        Self { holder: NOBODY.to_owned(), ..self }
    }

    /// Returns whether any process may take the run.
    pub fn is_offered(&self) -> bool {
        self.holder == NOBODY
    }

    /// Returns the headers.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOLDER, self.holder.as_str());
        headers.insert(AFTER, self.after.to_string());
        headers.insert(PART, format!("{}/{}", self.part.0, self.part.1));
        if self.is_closed {
            headers.insert(CLOSED, "true");
        }
        headers
    }

    /// Reads the headers; `None` for those of a foreign message.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let (part, parts) = headers.get(PART)?.as_str().split_once('/')?;
        Some(Self {
            holder: headers.get(HOLDER)?.as_str().to_owned(),
            after: headers.get(AFTER)?.as_str().parse().ok()?,
            part: (part.parse().ok()?, parts.parse().ok()?),
            is_closed: headers.get(CLOSED).is_some(),
        })
    }
}

/// Returns records in parts that fit into messages. Records without content are one part.
pub(super) fn parts(lines: &[u8]) -> Vec<&[u8]> {
    if lines.is_empty() { vec![lines] } else { lines.chunks(LARGEST).collect() }
}

/// Returns the records of all messages, and why some of them are missing.
pub(super) fn records(
    run: Uuid,
    messages: &[Message],
    key: &SealingKey,
) -> (Vec<u8>, Option<String>) {
    let (mut records, mut parts) = (Vec::new(), Vec::new());
    for message in messages {
        let (head, part) = match opened(run, message, key) {
            Ok(opened) => opened,
            Err(reason) => return (records, Some(reason)),
        };
        // A process may have ended between two parts.
        if head.part.0 == 1 {
            parts.clear();
        }
        parts.extend_from_slice(&part);
        if head.part.0 == head.part.1 {
            records.append(&mut parts);
        }
    }
    (records, None)
}

fn opened(
    run: Uuid,
    message: &Message,
    key: &SealingKey,
) -> Result<(Head, Zeroizing<Vec<u8>>), String> {
    let head = message.headers.as_ref().and_then(Head::read);
    let head = head.ok_or("a message of its journal was not written by this program")?;
    let part = key.open(run.as_bytes(), &message.payload);
    let part = part.map_err(|error| format!("its journal cannot be opened: {error}"))?;
    Ok((head, part))
}
