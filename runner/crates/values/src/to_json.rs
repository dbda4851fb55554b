//! Converts a component value to JSON.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Number, Value};
use wasmtime::component::types::{Case, Record, Variant};
use wasmtime::component::{Type, Val};

use super::MAX_SAFE;
use super::expected::expected;
use super::problem::{Path, Step};
use super::shape::{self, Payload};

/// A value without a JSON form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrepresentable {
    /// NaN or an infinity at a JSON pointer.
    #[error("the value at `{0}` is NaN or infinite; the component must give a finite number")]
    NotFinite(String),
    /// A value at a JSON pointer of another type than the expected one.
    #[error("the value at `{0}` is not {1}; convert it with its own type")]
    Mismatch(String, String),
    /// A value whose JSON exceeds this length in bytes.
    #[error("the value is longer than {0} bytes of JSON; the component must give less at once")]
    TooLong(usize),
}

/// Converts `val` of the type `ty` to JSON. Fails for NaN and the infinities, and for a value of
/// another type.
pub fn to_json(val: &Val, ty: &Type) -> Result<Value, Unrepresentable> {
    to_json_within(val, ty, usize::MAX)
}

/// Converts a value whose JSON text has at most `max` bytes, without escapes. Fails as
/// [`to_json`] does, and for longer JSON, which is not built.
pub fn to_json_within(val: &Val, ty: &Type, max: usize) -> Result<Value, Unrepresentable> {
    Writer { path: Path::default(), max, left: max }.value(val, ty)
}

struct Writer {
    path: Path,
    /// The greatest length of the text.
    max: usize,
    /// The rest of it.
    left: usize,
}

/// The characters around a value: a comma, and brackets or quotes.
const AROUND: usize = 3;

type Written = Result<Value, Unrepresentable>;

impl Writer {
    fn value(&mut self, val: &Val, ty: &Type) -> Written {
        self.spend(AROUND.saturating_add(length(val)))?;
        Ok(match (val, ty) {
            (Val::Bool(bool), Type::Bool) => Value::Bool(*bool),
            (Val::S8(n), Type::S8) => Value::from(*n),
            (Val::U8(n), Type::U8) => Value::from(*n),
            (Val::S16(n), Type::S16) => Value::from(*n),
            (Val::U16(n), Type::U16) => Value::from(*n),
            (Val::S32(n), Type::S32) => Value::from(*n),
            (Val::U32(n), Type::U32) => Value::from(*n),
            (Val::S64(n), Type::S64) => long(*n),
            (Val::U64(n), Type::U64) => long(*n),
            // The shortest digits, since the same number in double precision has more.
            (Val::Float32(n), Type::Float32) => self.float(n.to_string().parse().ok())?,
            (Val::Float64(n), Type::Float64) => self.float(Some(*n))?,
            (Val::Char(char), Type::Char) => Value::String(char.to_string()),
            (Val::String(text), Type::String) => Value::String(text.clone()),
            (Val::List(items), Type::List(list)) if shape::is_bytes(list) => {
                self.bytes(items, ty)?
            }
            (Val::List(items), Type::List(list)) => {
                let ty = list.ty();
                self.items(items.iter().map(|item| (item, &ty)))?
            }
            (Val::FixedLengthList(items), Type::FixedLengthList(list)) => {
                let ty = list.ty();
                self.items(items.iter().map(|item| (item, &ty)))?
            }
            (Val::Tuple(items), Type::Tuple(tuple)) if items.len() == tuple.types().len() => {
                let types: Vec<Type> = tuple.types().collect();
                self.items(items.iter().zip(&types))?
            }
            (Val::Map(pairs), Type::Map(map)) => self.map(pairs, &map.key(), &map.value())?,
            (Val::Record(fields), Type::Record(record)) => {
                Value::Object(self.record(fields, record, Map::new())?)
            }
            (Val::Variant(name, payload), Type::Variant(variant)) => {
                self.variant(name, payload.as_deref(), variant, ty)?
            }
            (Val::Enum(name), Type::Enum(_)) => Value::String(name.clone()),
            (Val::Flags(names), Type::Flags(_)) => names.iter().cloned().collect(),
            (Val::Option(None), Type::Option(_)) => Value::Null,
            (Val::Option(Some(val)), Type::Option(option)) if shape::is_wrapped(option) => {
                single(shape::SOME, self.below(shape::SOME, val, &option.ty())?)
            }
            (Val::Option(Some(val)), Type::Option(option)) => self.value(val, &option.ty())?,
            (Val::Result(Ok(val)), Type::Result(result)) => {
                self.arm(shape::OK, val.as_deref(), result.ok())?
            }
            (Val::Result(Err(val)), Type::Result(result)) => {
                self.arm(shape::ERROR, val.as_deref(), result.err())?
            }
            _ => return self.mismatch(ty),
        })
    }

    /// Counts `length` characters.
    fn spend(&mut self, length: usize) -> Result<(), Unrepresentable> {
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Err(Unrepresentable::TooLong(self.max)),
        }
        Ok(())
    }

    fn mismatch<T>(&self, ty: &Type) -> Result<T, Unrepresentable> {
        Err(Unrepresentable::Mismatch(self.path.pointer(), expected(ty)))
    }

    /// Writes `val` under the key `key`.
    fn below(&mut self, key: &str, val: &Val, ty: &Type) -> Written {
        self.at(Step::Key(key.into()), val, ty)
    }

    fn at(&mut self, step: Step, val: &Val, ty: &Type) -> Written {
        self.path.enter(step);
        let written = self.value(val, ty);
        self.path.leave();
        written
    }

    fn float(&self, float: Option<f64>) -> Written {
        float
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or_else(|| Unrepresentable::NotFinite(self.path.pointer()))
    }

    fn bytes(&mut self, items: &[Val], ty: &Type) -> Written {
        self.spend(items.len())?;
        let bytes: Option<Vec<u8>> = items
            .iter()
            .map(|item| if let Val::U8(byte) = item { Some(*byte) } else { None })
            .collect();
        match bytes {
            Some(bytes) => Ok(Value::String(BASE64_STANDARD.encode(bytes))),
            None => self.mismatch(ty),
        }
    }

    fn items<'a>(&mut self, items: impl Iterator<Item = (&'a Val, &'a Type)>) -> Written {
        items.enumerate().map(|(index, (item, ty))| self.at(Step::Index(index), item, ty)).collect()
    }

    fn map(&mut self, pairs: &[(Val, Val)], key: &Type, value: &Type) -> Written {
        let mut written = Vec::with_capacity(pairs.len());
        for (index, (k, v)) in pairs.iter().enumerate() {
            self.path.enter(Step::Index(index));
            written.push(self.items([(k, key), (v, value)].into_iter())?);
            self.path.leave();
        }
        Ok(Value::Array(written))
    }

    /// Writes the fields into `object`, and omits absent options.
    fn record(
        &mut self,
        fields: &[(String, Val)],
        record: &Record,
        mut object: Map<String, Value>,
    ) -> Result<Map<String, Value>, Unrepresentable> {
        let members = shape::members(record);
        if members.len() != fields.len() {
            return self.mismatch(&Type::Record(record.clone()));
        }
        for (member, (name, val)) in members.into_iter().zip(fields) {
            if member.wit != *name {
                return self.mismatch(&Type::Record(record.clone()));
            }
            if !matches!(val, Val::Option(None)) {
                self.spend(member.key.len().saturating_add(AROUND))?;
                let written = self.below(&member.key, val, &member.ty)?;
                object.insert(member.key, written);
            }
        }
        Ok(object)
    }

    fn variant(
        &mut self,
        name: &str,
        payload: Option<&Val>,
        variant: &Variant,
        ty: &Type,
    ) -> Written {
        let cases: Vec<Case<'_>> = variant.cases().collect();
        let Some(case) = cases.iter().find(|case| case.name == name) else {
            return self.mismatch(ty);
        };
        let mut object = Map::new();
        object.insert(shape::KIND.into(), name.into());
        match (shape::payload(case), payload) {
            (Payload::Absent, None) => {}
            (Payload::Beside(record), Some(Val::Record(fields))) => {
                object = self.record(fields, &record, object)?;
            }
            (Payload::Under(Type::Option(_)), Some(Val::Option(None))) => {}
            (Payload::Under(ty), Some(val)) => {
                object.insert(shape::VALUE.into(), self.below(shape::VALUE, val, &ty)?);
            }
            _ => return self.mismatch(ty),
        }
        Ok(Value::Object(object))
    }

    fn arm(&mut self, key: &str, val: Option<&Val>, ty: Option<Type>) -> Written {
        let payload = match (val, ty) {
            (None, None) => Value::Null,
            (Some(val), Some(ty)) => self.below(key, val, &ty)?,
            _ => {
                let expected = "the payload of its case".to_owned();
                return Err(Unrepresentable::Mismatch(self.path.pointer(), expected));
            }
        };
        Ok(single(key, payload))
    }
}

/// Returns the length of a value without its parts.
fn length(val: &Val) -> usize {
    match val {
        Val::String(text) | Val::Enum(text) => text.len(),
        _ => 0,
    }
}

fn single(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

/// Writes a 64-bit integer as a string where a reader might round it.
fn long<T: Copy + Into<i128> + Into<Value>>(integer: T) -> Value {
    let wide: i128 = integer.into();
    if wide.abs() <= MAX_SAFE { integer.into() } else { Value::String(wide.to_string()) }
}
