//! One page of a collection, from its JSON.
//!
//! A page of a large tenant is some megabytes, so it is not read into one tree: each item
//! is read, taken and dropped before the next.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Takes an item of a collection; false when it cannot be read, which makes the page
/// unreadable: what it is about would be missing without notice.
pub type Take<'a> = &'a mut dyn FnMut(&Value) -> bool;

/// Reads the page `body` and gives each item to `take`. The result is the link to the next
/// page; none at all when the page cannot be read. Then some items may have been taken.
pub fn read(body: &[u8], take: Take<'_>) -> Option<Option<String>> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let link = Page(take).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(link)
}

/// The object that a page is.
struct Page<'a>(Take<'a>);

/// The page's list of items.
struct Items<'a>(Take<'a>);

impl<'de> DeserializeSeed<'de> for Page<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Page<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a collection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut link, mut has_items) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "value" => {
                    map.next_value_seed(Items(&mut *self.0))?;
                    has_items = true;
                }
                "@odata.nextLink" => link = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        if has_items { Ok(link) } else { Err(serde::de::Error::missing_field("value")) }
    }
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<Value>()? {
            if !(self.0)(&item) {
                return Err(serde::de::Error::custom("an item cannot be read"));
            }
        }
        Ok(())
    }
}
