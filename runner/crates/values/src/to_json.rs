//! Converts a component value to JSON.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Number, Value};
use wasmtime::component::{Type, Val};

use super::MAX_SAFE;
use super::expected::expected;
use super::form::{Case, CasePayload, Field, Form, Parts};
use super::problem::{Path, Step};
use super::shape;

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
    Form::of(ty).to_json(val.clone(), usize::MAX)
}

impl Form {
    /// Converts a value whose JSON text has at most `max` bytes, without escapes. Fails as
    /// [`to_json`] does, and for longer JSON, which is not built.
    pub fn to_json(&self, val: Val, max: usize) -> Result<Value, Unrepresentable> {
        Writer { left: max }.value(val, self).map_err(|failed| failed.at_end(max))
    }
}

struct Writer {
    /// What is left of the greatest length of the text.
    left: usize,
}

/// Why a value was not written, with the steps to it, the last one first.
struct Failed {
    reason: Reason,
    steps: Vec<Step>,
}

enum Reason {
    NotFinite,
    /// It is not what is expected.
    Mismatch(String),
    TooLong,
}

impl Failed {
    fn because(reason: Reason) -> Box<Self> {
        Box::new(Self { reason, steps: Vec::new() })
    }

    fn at_end(self, max: usize) -> Unrepresentable {
        let mut path = Path::default();
        self.steps.into_iter().rev().for_each(|step| path.enter(step));
        match self.reason {
            Reason::NotFinite => Unrepresentable::NotFinite(path.pointer()),
            Reason::Mismatch(expected) => Unrepresentable::Mismatch(path.pointer(), expected),
            Reason::TooLong => Unrepresentable::TooLong(max),
        }
    }
}

/// The characters around a value: a comma, and brackets or quotes.
const AROUND: usize = 3;

type Written<T = Value> = Result<T, Box<Failed>>;

impl Writer {
    fn value(&mut self, val: Val, form: &Form) -> Written {
        self.spend(AROUND.saturating_add(length(&val)))?;
        Ok(match (val, &form.parts) {
            (Val::List(items), Parts::Bytes) => self.bytes(items, form)?,
            (Val::List(items) | Val::FixedLengthList(items), Parts::Items(of)) => {
                self.items(items.into_iter().map(|item| (item, &**of)))?
            }
            (Val::Tuple(items), Parts::Tuple(forms)) if items.len() == forms.len() => {
                self.items(items.into_iter().zip(forms))?
            }
            (Val::Map(pairs), Parts::Map(forms)) => self.map(pairs, forms)?,
            (Val::Record(fields), Parts::Record(forms)) => {
                let object = Map::with_capacity(fields.len());
                Value::Object(self.record(fields, forms, &form.ty, object)?)
            }
            (Val::Variant(name, payload), Parts::Variant(cases)) => {
                self.variant(name, payload.map(|payload| *payload), cases, &form.ty)?
            }
            (Val::Option(None), Parts::Option { .. }) => Value::Null,
            (Val::Option(Some(val)), Parts::Option { some, is_wrapped: true }) => {
                single(shape::SOME, self.below(shape::SOME, *val, some)?)
            }
            (Val::Option(Some(val)), Parts::Option { some, .. }) => self.value(*val, some)?,
            (Val::Result(Ok(val)), Parts::Result { ok, .. }) => {
                self.arm(shape::OK, val, ok.as_deref())?
            }
            (Val::Result(Err(val)), Parts::Result { error, .. }) => {
                self.arm(shape::ERROR, val, error.as_deref())?
            }
            (val, Parts::Absent) => scalar(val, &form.ty)?,
            _ => return mismatch(&form.ty),
        })
    }

    /// Counts `length` characters.
    fn spend(&mut self, length: usize) -> Written<()> {
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Err(Failed::because(Reason::TooLong)),
        }
        Ok(())
    }

    /// Writes `val` under the key `key`.
    fn below(&mut self, key: &str, val: Val, form: &Form) -> Written {
        self.value(val, form).map_err(|failed| under(failed, Step::Key(key.to_owned())))
    }

    fn bytes(&mut self, items: Vec<Val>, form: &Form) -> Written {
        self.spend(items.len())?;
        let byte = |item| if let Val::U8(byte) = item { Some(byte) } else { None };
        match items.into_iter().map(byte).collect::<Option<Vec<u8>>>() {
            Some(bytes) => Ok(Value::String(BASE64_STANDARD.encode(bytes))),
            None => mismatch(&form.ty),
        }
    }

    fn items<'a>(&mut self, items: impl Iterator<Item = (Val, &'a Form)>) -> Written {
        let written = items.enumerate().map(|(index, (item, form))| {
            self.value(item, form).map_err(|failed| under(failed, Step::Index(index)))
        });
        written.collect()
    }

    fn map(&mut self, pairs: Vec<(Val, Val)>, (key, value): &(Form, Form)) -> Written {
        let written = pairs.into_iter().enumerate().map(|(index, (k, v))| {
            self.items([(k, key), (v, value)].into_iter())
                .map_err(|failed| under(failed, Step::Index(index)))
        });
        written.collect()
    }

    /// Writes the fields of the record `ty` into `object`, and omits absent options.
    fn record(
        &mut self,
        fields: Vec<(String, Val)>,
        forms: &[Field],
        ty: &Type,
        mut object: Map<String, Value>,
    ) -> Written<Map<String, Value>> {
        if forms.len() != fields.len() {
            return mismatch(ty);
        }
        for (field, (mut name, val)) in forms.iter().zip(fields) {
            if field.wit != name {
                return mismatch(ty);
            }
            if !matches!(val, Val::Option(None)) {
                self.spend(field.key.len().saturating_add(AROUND))?;
                let written = self.below(&field.key, val, &field.form)?;
                // The key has the room of the name, which is as long at least.
                name.clear();
                name.push_str(&field.key);
                object.insert(name, written);
            }
        }
        Ok(object)
    }

    fn variant(
        &mut self,
        name: String,
        payload: Option<Val>,
        cases: &[Case],
        ty: &Type,
    ) -> Written {
        let Some(case) = cases.iter().find(|case| case.name == name) else {
            return mismatch(ty);
        };
        let mut object = Map::new();
        object.insert(shape::KIND.into(), name.into());
        match (&case.payload, payload) {
            (CasePayload::Absent, None) => {}
            (CasePayload::Beside(forms), Some(Val::Record(fields))) => {
                object = self.record(fields, forms, ty, object)?;
            }
            (CasePayload::Under(Form { ty: Type::Option(_), .. }), Some(Val::Option(None))) => {}
            (CasePayload::Under(form), Some(val)) => {
                object.insert(shape::VALUE.into(), self.below(shape::VALUE, val, form)?);
            }
            _ => return mismatch(ty),
        }
        Ok(Value::Object(object))
    }

    fn arm(&mut self, key: &str, val: Option<Box<Val>>, form: Option<&Form>) -> Written {
        let payload = match (val, form) {
            (None, None) => Value::Null,
            (Some(val), Some(form)) => self.below(key, *val, form)?,
            _ => {
                let expected = "the payload of its case".to_owned();
                return Err(Failed::because(Reason::Mismatch(expected)));
            }
        };
        Ok(single(key, payload))
    }
}

/// Writes a value without parts.
fn scalar(val: Val, ty: &Type) -> Written {
    Ok(match (val, ty) {
        (Val::Bool(bool), Type::Bool) => Value::Bool(bool),
        (Val::S8(n), Type::S8) => Value::from(n),
        (Val::U8(n), Type::U8) => Value::from(n),
        (Val::S16(n), Type::S16) => Value::from(n),
        (Val::U16(n), Type::U16) => Value::from(n),
        (Val::S32(n), Type::S32) => Value::from(n),
        (Val::U32(n), Type::U32) => Value::from(n),
        (Val::S64(n), Type::S64) => long(n),
        (Val::U64(n), Type::U64) => long(n),
        // The shortest digits, since the same number in double precision has more.
        (Val::Float32(n), Type::Float32) => float(n.to_string().parse().ok())?,
        (Val::Float64(n), Type::Float64) => float(Some(n))?,
        (Val::Char(char), Type::Char) => Value::String(char.to_string()),
        (Val::String(text), Type::String) => Value::String(text),
        (Val::Enum(name), Type::Enum(_)) => Value::String(name),
        (Val::Flags(names), Type::Flags(_)) => names.into_iter().collect(),
        _ => return mismatch(ty),
    })
}

fn float(float: Option<f64>) -> Written {
    let number = float.and_then(Number::from_f64).map(Value::Number);
    number.ok_or_else(|| Failed::because(Reason::NotFinite))
}

fn mismatch<T>(ty: &Type) -> Written<T> {
    Err(Failed::because(Reason::Mismatch(expected(ty))))
}

/// Adds the step above a failure.
fn under(mut failed: Box<Failed>, step: Step) -> Box<Failed> {
    failed.steps.push(step);
    failed
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
