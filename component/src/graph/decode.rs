//! Reading JSON without a tree between: what is wanted goes where it is kept, and the rest is
//! passed over.
//!
//! What is passed over is checked all the same: a text is JSON here exactly when it is one for
//! `serde_json::Value`. As there, the last of several members with the same name counts.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::iter::repeat_n;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::de::StrRead;

use super::texts::{Text, Texts, is_same};

/// JSON that is read.
pub type Json<'a> = serde_json::Deserializer<StrRead<'a>>;

/// Takes a value. Each method is about one type, and passes over what it does not take.
pub trait Reader: Sized {
    /// Takes null.
    fn null(self) {}

    /// Takes a text.
    fn text(self, _: &str) {}

    /// Takes a list.
    ///
    /// # Errors
    /// It is no JSON.
    fn list<'de, A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Read(Nothing))?.is_some() {}
        Ok(())
    }

    /// Takes an object.
    ///
    /// # Errors
    /// It is no JSON.
    fn object<'de, A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key_seed(Read(Nothing))?.is_some() {
            members.next_value_seed(Read(Nothing))?;
        }
        Ok(())
    }
}

/// Reads a value for a reader.
pub struct Read<R>(pub R);

impl<'de, R: Reader> DeserializeSeed<'de> for Read<R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, R: Reader> Visitor<'de> for Read<R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.null();
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.text(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        self.0.list(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        self.0.object(members)
    }
}

/// Passes over a value.
pub struct Nothing;

impl Reader for Nothing {}

/// The place of a text that is of one item alone. It is used again for the next item.
#[derive(Default)]
pub struct Place {
    text: String,
    is_taken: bool,
}

impl Place {
    /// The text, if there is one.
    pub fn get(&self) -> Option<&str> {
        self.is_taken.then_some(&self.text)
    }

    /// Makes room for another text, which it is to read.
    pub fn emptied(&mut self) -> &mut Self {
        self.is_taken = false;
        self
    }
}

impl Reader for &mut Place {
    fn text(self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.is_taken = true;
    }
}

/// What is at the place of a list.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, or null.
    #[default]
    Missing,
    /// A list.
    List,
    /// Something else.
    Other,
}

/// Objects in a list: of each, the texts of a few members, the same ones and in the same order.
/// A member that is missing or no text is none, and an object that is no object has none.
pub struct Objects {
    /// The members.
    names: &'static [&'static str],
    /// The texts of one object after the other.
    texts: Vec<Option<Text>>,
    /// What is there.
    kind: Kind,
}

impl Objects {
    /// None yet, of whose members those called `names` are wanted.
    pub fn new(names: &'static [&'static str]) -> Self {
        Objects { names, texts: Vec::new(), kind: Kind::Missing }
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.kind = Kind::Missing;
    }

    /// What is there.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The texts of one object after the other.
    pub fn texts(&self) -> &[Option<Text>] {
        &self.texts
    }

    /// Reads others in their place; equal texts are kept once, in `all`.
    pub fn reader<'a>(&'a mut self, all: &'a mut Texts) -> impl Reader {
        self.clear();
        self.kind = Kind::Other;
        ListOfObjects { objects: self, all }
    }
}

struct ListOfObjects<'a> {
    objects: &'a mut Objects,
    all: &'a mut Texts,
}

impl Reader for ListOfObjects<'_> {
    fn null(self) {
        self.objects.kind = Kind::Missing;
    }

    fn list<'de, A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Objects { names, texts, kind } = self.objects;
        *kind = Kind::List;
        loop {
            let before = texts.len();
            texts.extend(repeat_n(None, names.len()));
            let object = texts.get_mut(before..).unwrap_or_default();
            let members = Members { names, texts: object, all: self.all };
            if items.next_element_seed(Read(members))?.is_none() {
                texts.truncate(before);
                return Ok(());
            }
        }
    }
}

/// The wanted members of one object.
struct Members<'a> {
    names: &'static [&'static str],
    texts: &'a mut [Option<Text>],
    all: &'a mut Texts,
}

impl Reader for Members<'_> {
    fn object<'de, A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        loop {
            let mut member = None;
            let name = Name { names: self.names, found: &mut member };
            if members.next_key_seed(Read(name))?.is_none() {
                return Ok(());
            }
            match member.and_then(|member| self.texts.get_mut(member)) {
                Some(text) => {
                    *text = None;
                    members.next_value_seed(Read(Once { text, all: self.all }))?;
                }
                None => members.next_value_seed(Read(Nothing))?,
            }
        }
    }
}

/// Finds a member's name among those that are wanted.
pub struct Name<'a> {
    /// The wanted ones.
    pub names: &'static [&'static str],
    /// Which of them it is.
    pub found: &'a mut Option<usize>,
}

impl Reader for Name<'_> {
    fn text(self, text: &str) {
        *self.found = self.names.iter().position(|name| is_same(name, text));
    }
}

/// A text of which equal ones are kept once.
struct Once<'a> {
    text: &'a mut Option<Text>,
    all: &'a mut Texts,
}

impl Reader for Once<'_> {
    fn text(self, text: &str) {
        *self.text = Some(self.all.keep(text));
    }
}
