//! One page of a collection, from its JSON.
//!
//! A page of a large tenant is some megabytes, so it is not read into one tree: each item
//! is read, taken and dropped before the next.

use serde_json::{Deserializer, Value};

/// Takes an item of a collection; false when it cannot be read, which makes the page
/// unreadable: what it is about would be missing without notice.
pub type Take<'a> = &'a mut dyn FnMut(&Value) -> bool;

/// Reads the page `body` and gives each item to `take`. The result is the link to the next
/// page; none at all when the page cannot be read. Then some items may have been taken.
pub fn read(body: &[u8], take: Take<'_>) -> Option<Option<String>> {
    let mut text = Text(body);
    let (mut link, mut has_items) = (None, false);
    text.expect(b'{')?;
    loop {
        let key = text.value()?;
        text.expect(b':')?;
        match key.as_str()? {
            "value" => {
                text.items(take)?;
                has_items = true;
            }
            "@odata.nextLink" => link = Some(text.value()?),
            _ => _ = text.value()?,
        }
        if !text.has(b',') {
            break;
        }
    }
    text.expect(b'}')?;
    let link = match link {
        Some(Value::String(link)) => Some(link),
        Some(Value::Null) | None => None,
        Some(_) => return None,
    };
    (has_items && text.0.trim_ascii().is_empty()).then_some(link)
}

/// What is left of a JSON text.
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    /// Reads a list of items.
    fn items(&mut self, take: Take<'_>) -> Option<()> {
        self.expect(b'[')?;
        if self.has(b']') {
            return Some(());
        }
        loop {
            let item = self.value()?;
            take(&item).then_some(())?;
            if !self.has(b',') {
                return self.expect(b']');
            }
        }
    }

    /// Reads a whole value.
    fn value(&mut self) -> Option<Value> {
        let mut values = Deserializer::from_slice(self.0).into_iter();
        let value = values.next()?.ok()?;
        self.0 = self.0.get(values.byte_offset()..)?;
        Some(value)
    }

    /// Whether `mark` comes next, which then is read.
    fn has(&mut self, mark: u8) -> bool {
        let rest = self.0.trim_ascii_start().strip_prefix(&[mark]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Reads `mark`.
    fn expect(&mut self, mark: u8) -> Option<()> {
        self.has(mark).then_some(())
    }
}
