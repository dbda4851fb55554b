//! Parses JSON text, and refuses duplicate keys and deep nesting.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::MAX_DEPTH;
use super::problem::{Problem, Problems, Step};

/// Parses JSON text of at most `max_bytes` bytes. Refuses text that is too long, that is not JSON
/// or that nests deeper than [`MAX_DEPTH`], and reports every duplicate key.
pub fn parse(text: &[u8], max_bytes: usize) -> Result<Value, Vec<Problem>> {
    let refuse = |message: String| Err(vec![Problem { pointer: String::new(), message }]);
    if text.len() > max_bytes {
        return refuse(format!("the JSON is longer than {max_bytes} bytes, the most that is read"));
    }
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return refuse("is written in UTF-16; save it as UTF-8".to_owned());
    }
    // A byte order mark, which some editors put before UTF-8.
    read(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text))
}

/// Parses text whose size is limited elsewhere.
pub(super) fn read(text: &[u8]) -> Result<Value, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = Reader { problems: &mut problems }.deserialize(&mut deserializer);
    match read.and_then(|value| deserializer.end().map(|()| value)) {
        Ok(value) if problems.is_empty() => return Ok(value),
        Ok(_) => {}
        Err(error) => problems.add(format!("cannot be read as JSON: {error}")),
    }
    Err(problems.finish())
}

/// Reads one value, and reports into `problems` at their current position.
struct Reader<'p> {
    problems: &'p mut Problems,
}

impl Reader<'_> {
    /// Fails at the greatest depth.
    fn check_depth<E: Error>(&self) -> Result<(), E> {
        if self.problems.path.depth() >= MAX_DEPTH {
            return Err(E::custom(format!("nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let mut list = Vec::new();
        loop {
            self.problems.path.enter(Step::Index(list.len()));
            let item = items.next_element_seed(Reader { problems: self.problems })?;
            self.problems.path.leave();
            match item {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let twice = object.contains_key(&key);
            self.problems.path.enter(Step::Key(key.clone()));
            if twice {
                self.problems.add("this key is given twice; keep one");
            }
            let value = entries.next_value_seed(Reader { problems: self.problems })?;
            self.problems.path.leave();
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
