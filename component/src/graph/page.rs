//! One page of a collection, from its JSON.
//!
//! A page of a large tenant is some megabytes, so it is not read into one tree: each item
//! is read, taken and dropped before the next, and so is the text that it was read from.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Deserializer, Value};

use super::json::Unread;
use super::transport::Body;

/// How much text comes at once at least, in bytes. An item that is not whole yet is read
/// anew when more has come, so this should be several items.
const AT_ONCE: usize = 64 * 1024;

/// Takes an item of a collection. One that cannot be read makes the page unreadable: what it
/// is about would be missing without notice.
pub type Take<'a> = &'a mut dyn FnMut(&Value) -> Result<(), Unread>;

/// Reads the page `body` and gives each item to `take`. The result is the link to the next
/// page.
///
/// # Errors
/// The page cannot be read. Then some items may have been taken.
pub fn read(body: Body, take: Take<'_>) -> Result<Option<String>, Unread> {
    let mut text = Text { parts: &mut body.into_parts(), held: Vec::new(), read: 0 };
    let (mut link, mut has_items, mut error) = (None, false, None);
    text.expect(b'{')?;
    loop {
        let key = text.value()?;
        text.expect(b':')?;
        match key.as_str().unwrap_or_default() {
            "value" => {
                text.items(take)?;
                has_items = true;
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
    if has_items && text.is_over() { Ok(link) } else { Err(Unread::Malformed) }
}

/// A JSON text that comes in parts.
struct Text<'a> {
    /// The parts that are still to come.
    parts: &'a mut dyn Iterator<Item = Vec<u8>>,
    /// What has come.
    held: Vec<u8>,
    /// How much of that has been read.
    read: usize,
}

impl Text<'_> {
    /// Reads a list of items.
    fn items(&mut self, take: Take<'_>) -> Result<(), Unread> {
        self.expect(b'[')?;
        if self.has(b']') {
            return Ok(());
        }
        loop {
            let item = self.value()?;
            take(&item)?;
            if !self.has(b',') {
                return self.expect(b']');
            }
        }
    }

    /// Reads a whole value. One that reaches to the end of what has come may go on in the
    /// next part.
    fn value(&mut self) -> Result<Value, Unread> {
        loop {
            let rest = self.rest();
            let mut values = Deserializer::from_slice(rest).into_iter();
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
        let rest = self.rest();
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
        self.rest().trim_ascii().is_empty()
    }

    fn rest(&self) -> &[u8] {
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
            self.held.extend(part);
        }
        self.held.len() > before
    }
}
