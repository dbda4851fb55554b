//! One page of a collection, from its JSON.
//!
//! A page of a large tenant is some megabytes, so it is not read into one tree: each item
//! is read and kept before the next, and the text that it was read from is dropped.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use super::decode::Json;
use super::json::Unread;
use super::transport::Body;

/// How much text comes at once at least, in bytes. An item that is not whole yet is read
/// anew when more has come, so this should be several items.
const AT_ONCE: usize = 64 * 1024;

/// What keeps the items of a collection.
pub trait Items {
    /// Reads the next item from `json` and keeps it. Whatever is no object is refused.
    ///
    /// # Errors
    /// It cannot be read, and was not kept. An item that cannot be read makes the page
    /// unreadable: what it is about would be missing without notice.
    fn take(&mut self, json: &mut Json<'_>) -> Result<(), Untaken>;

    /// Forgets all items: the collection is read again from its beginning.
    fn clear(&mut self);
}

/// Why an item was not taken.
pub enum Untaken {
    /// It is no JSON, or not whole yet.
    Json(serde_json::Error),
    /// It is not what was expected.
    Unread(Unread),
}

impl From<serde_json::Error> for Untaken {
    fn from(error: serde_json::Error) -> Self {
        Untaken::Json(error)
    }
}

impl From<Unread> for Untaken {
    fn from(unread: Unread) -> Self {
        Untaken::Unread(unread)
    }
}

/// Items that are made of the JSON of one each.
pub struct Values<T, R> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Makes an item.
    pub read: R,
}

impl<T, R: FnMut(&Value) -> Option<T>> Items for Values<T, R> {
    fn take(&mut self, json: &mut Json<'_>) -> Result<(), Untaken> {
        let value = Value::deserialize(json)?;
        self.items.push((self.read)(&value).ok_or(Unread::Malformed)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.items.clear();
    }
}

/// A page that was read.
pub struct Read {
    /// The link to the next page.
    pub link: Option<String>,
    /// How many items the page had.
    pub items: usize,
}

/// Reads the page `body`, whose items `items` keeps.
///
/// # Errors
/// The page cannot be read. Then some items may have been kept.
pub fn read(body: Body, items: &mut dyn Items) -> Result<Read, Unread> {
    let mut text =
        Text { parts: &mut body.into_parts(), held: String::new(), cut: Vec::new(), read: 0 };
    let (mut link, mut count, mut error) = (None, None, None);
    text.expect(b'{')?;
    loop {
        let key = text.value()?;
        text.expect(b':')?;
        match key.as_str().unwrap_or_default() {
            "value" => {
                let before: usize = count.unwrap_or_default();
                count = Some(before.saturating_add(text.items(items)?));
            }
            "@odata.nextLink" => link = Some(text.value()?),
            "error" => error = Some(text.value()?).filter(|error| !error.is_null()),
            _ => _ = text.value()?,
        }
        if !text.has(b',') {
            break;
        }
    }
    text.expect(b'}')?;
    if let Some(error) = error {
        return Err(Unread::Refused(error));
    }
    let link = match link {
        Some(Value::String(link)) => Some(link),
        Some(Value::Null) | None => None,
        Some(_) => return Err(Unread::Malformed),
    };
    match count {
        Some(items) if text.is_over() => Ok(Read { link, items }),
        _ => Err(Unread::Malformed),
    }
}

/// A JSON text that comes in parts.
struct Text<'a> {
    /// The parts that are still to come.
    parts: &'a mut dyn Iterator<Item = Vec<u8>>,
    /// What has come, as far as it is text.
    held: String,
    /// What has come after that: the beginning of a character, or what is no text.
    cut: Vec<u8>,
    /// How much of the text has been read, in bytes.
    read: usize,
}

impl Text<'_> {
    /// Reads a list of items, and counts them.
    fn items(&mut self, items: &mut dyn Items) -> Result<usize, Unread> {
        self.expect(b'[')?;
        if self.has(b']') {
            return Ok(0);
        }
        let mut count = 0_usize;
        loop {
            self.item(items)?;
            count = count.saturating_add(1);
            if !self.has(b',') {
                return self.expect(b']').map(|()| count);
            }
        }
    }

    /// Reads an item. It is an object, whose end is certain wherever the text breaks off.
    fn item(&mut self, items: &mut dyn Items) -> Result<(), Unread> {
        loop {
            let mut json = Deserializer::from_str(self.rest());
            match items.take(&mut json) {
                Ok(()) => {
                    let length = json.into_iter::<IgnoredAny>().byte_offset();
                    self.read = self.read.saturating_add(length);
                    return Ok(());
                }
                Err(Untaken::Json(error)) if error.is_eof() && self.more() => {}
                Err(Untaken::Json(_)) => return Err(Unread::Malformed),
                Err(Untaken::Unread(unread)) => return Err(unread),
            }
        }
    }

    /// Reads a whole value. One that reaches to the end of what has come may go on in the
    /// next part.
    fn value(&mut self) -> Result<Value, Unread> {
        loop {
            let rest = self.rest();
            let mut values = Deserializer::from_str(rest).into_iter();
            let value = values.next();
            let length = values.byte_offset();
            let ends_here = matches!(value, Some(Ok(_))) && length < rest.len();
            let is_wrong = matches!(&value, Some(Err(error)) if !error.is_eof());
            if ends_here || is_wrong || !self.more() {
                self.read = self.read.saturating_add(length);
                return value.and_then(Result::ok).ok_or(Unread::Malformed);
            }
        }
    }

    /// Whether `mark` comes next, which then is read.
    fn has(&mut self, mark: u8) -> bool {
        while self.rest().trim_ascii_start().is_empty() && self.more() {}
        let rest = self.rest().as_bytes();
        let read =
            rest.trim_ascii_start().strip_prefix(&[mark]).map(|after| rest.len() - after.len());
        self.read = self.read.saturating_add(read.unwrap_or(0));
        read.is_some()
    }

    /// Reads `mark`.
    fn expect(&mut self, mark: u8) -> Result<(), Unread> {
        if self.has(mark) { Ok(()) } else { Err(Unread::Malformed) }
    }

    /// Whether nothing but blanks is left.
    fn is_over(&mut self) -> bool {
        while self.more() {}
        self.rest().trim_ascii().is_empty() && self.cut.is_empty()
    }

    fn rest(&self) -> &str {
        self.held.get(self.read..).unwrap_or_default()
    }

    /// Lets more of the text come, in the place of what has been read; false at its end.
    fn more(&mut self) -> bool {
        self.held.drain(..self.read.min(self.held.len()));
        self.read = 0;
        let before = self.held.len();
        while self.held.len() < before.saturating_add(AT_ONCE)
            && let Some(part) = self.parts.next()
        {
            self.cut.extend(part);
            let text = beginning(&self.cut);
            self.held.push_str(text);
            self.cut.drain(..text.len());
        }
        self.held.len() > before
    }
}

/// The text with which `bytes` begin.
fn beginning(bytes: &[u8]) -> &str {
    // `utf8_chunks` takes a byte at a time, which was a fifth of a report.
    let valid = match str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => bytes.get(..error.valid_up_to()).unwrap_or_default(),
    };
    str::from_utf8(valid).unwrap_or_default()
}
