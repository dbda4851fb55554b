//! Converts a component value to JSON.

use std::io::{self, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use wasmtime::component::{Type, Val};

use super::expected::expected;
use super::form::{Case, CasePayload, Field, Form, Parts};
use super::problem::{Path, Step};
use super::shape;
use super::{JsonText, MAX_SAFE};

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
pub fn to_json(val: &Val, ty: &Type) -> Result<JsonText, Unrepresentable> {
    Form::of(ty).to_json(val, usize::MAX)
}

impl Form {
    /// Converts a value whose JSON text has at most `max` bytes. Fails as [`to_json`] does, and
    /// as soon as the text would be longer.
    pub fn to_json(&self, val: &Val, max: usize) -> Result<JsonText, Unrepresentable> {
        let mut writer = Writer { text: Vec::new(), max };
        writer.value(val, self).map_err(|failed| failed.at_end(max))?;
        Ok(writer.end())
    }
}

struct Writer {
    /// What is written so far, in UTF-8.
    text: Vec<u8>,
    /// The greatest length of the text.
    max: usize,
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

type Written = Result<(), Box<Failed>>;

impl Write for Writer {
    /// Writes all or nothing.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.room_for(bytes.len())?;
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writer {
    fn room_for(&self, length: usize) -> io::Result<()> {
        match length > self.max.saturating_sub(self.text.len()) {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(()),
        }
    }

    fn end(self) -> JsonText {
        // All that is written is UTF-8: the other branch stands in place of a panic.
        let text = String::from_utf8(self.text);
        JsonText::written(
            text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into()),
        )
    }

    /// Writes a character of JSON's grammar.
    fn mark(&mut self, mark: u8) -> Written {
        self.write_all(&[mark]).map_err(too_long)
    }

    /// Writes what has no parts.
    fn plain<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        serde_json::to_writer(self, value).map_err(too_long)
    }

    fn value(&mut self, val: &Val, form: &Form) -> Written {
        match (val, &form.parts) {
            (Val::List(items), Parts::Bytes) => self.bytes(items, form),
            (Val::List(items) | Val::FixedLengthList(items), Parts::Items(of)) => {
                self.items(items.iter().map(|item| (item, &**of)))
            }
            (Val::Tuple(items), Parts::Tuple(forms)) if items.len() == forms.len() => {
                self.items(items.iter().zip(forms))
            }
            (Val::Map(pairs), Parts::Map(forms)) => self.map(pairs, forms),
            (Val::Record(fields), Parts::Record(forms)) => {
                self.mark(b'{')?;
                self.fields(fields, forms, &form.ty, true)?;
                self.mark(b'}')
            }
            (Val::Variant(name, payload), Parts::Variant(cases)) => {
                self.variant(name, payload.as_deref(), cases, &form.ty)
            }
            (Val::Option(None), Parts::Option { .. }) => self.plain(&()),
            (Val::Option(Some(val)), Parts::Option { some, is_wrapped: true }) => {
                self.single(shape::SOME, Some((val, some)))
            }
            (Val::Option(Some(val)), Parts::Option { some, .. }) => self.value(val, some),
            (Val::Result(Ok(val)), Parts::Result { ok, .. }) => {
                self.arm(shape::OK, val.as_deref(), ok.as_deref())
            }
            (Val::Result(Err(val)), Parts::Result { error, .. }) => {
                self.arm(shape::ERROR, val.as_deref(), error.as_deref())
            }
            (val, Parts::Absent) => self.scalar(val, &form.ty),
            _ => mismatch(&form.ty),
        }
    }

    fn key(&mut self, key: &str) -> Written {
        self.plain(key)?;
        self.mark(b':')
    }

    /// Writes a member of an object, after a comma unless it is the first one.
    fn member(&mut self, key: &str, val: &Val, form: &Form, is_first: bool) -> Written {
        if !is_first {
            self.mark(b',')?;
        }
        self.key(key)?;
        self.value(val, form).map_err(|failed| under(failed, Step::Key(key.to_owned())))
    }

    /// Writes an object with one member, which is `null` without a value.
    fn single(&mut self, key: &str, payload: Option<(&Val, &Form)>) -> Written {
        self.mark(b'{')?;
        match payload {
            Some((val, form)) => self.member(key, val, form, true)?,
            None => {
                self.key(key)?;
                self.plain(&())?;
            }
        }
        self.mark(b'}')
    }

    fn bytes(&mut self, items: &[Val], form: &Form) -> Written {
        let length = base64::encoded_len(items.len(), true);
        self.room_for(length.unwrap_or(usize::MAX)).map_err(too_long)?;
        let byte = |item: &Val| if let Val::U8(byte) = item { Some(*byte) } else { None };
        match items.iter().map(byte).collect::<Option<Vec<u8>>>() {
            Some(bytes) => self.plain(&BASE64_STANDARD.encode(bytes)),
            None => mismatch(&form.ty),
        }
    }

    fn items<'a>(&mut self, items: impl Iterator<Item = (&'a Val, &'a Form)>) -> Written {
        self.array(items, |writer, (item, form)| writer.value(item, form))
    }

    fn map(&mut self, pairs: &[(Val, Val)], (key, value): &(Form, Form)) -> Written {
        self.array(pairs.iter(), |writer, (k, v)| writer.items([(k, key), (v, value)].into_iter()))
    }

    fn array<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T) -> Written,
    ) -> Written {
        self.mark(b'[')?;
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.mark(b',')?;
            }
            write(self, item).map_err(|failed| under(failed, Step::Index(index)))?;
        }
        self.mark(b']')
    }

    /// Writes the fields of the record `ty` as members, and omits absent options.
    fn fields(
        &mut self,
        fields: &[(String, Val)],
        forms: &[Field],
        ty: &Type,
        mut is_first: bool,
    ) -> Written {
        if forms.len() != fields.len() {
            return mismatch(ty);
        }
        for (field, (name, val)) in forms.iter().zip(fields) {
            if field.wit != *name {
                return mismatch(ty);
            }
            if !matches!(val, Val::Option(None)) {
                self.member(&field.key, val, &field.form, is_first)?;
                is_first = false;
            }
        }
        Ok(())
    }

    fn variant(&mut self, name: &str, payload: Option<&Val>, cases: &[Case], ty: &Type) -> Written {
        let Some(case) = cases.iter().find(|case| case.name == name) else {
            return mismatch(ty);
        };
        self.mark(b'{')?;
        self.key(shape::KIND)?;
        self.plain(name)?;
        match (&case.payload, payload) {
            (CasePayload::Absent, None) => {}
            (CasePayload::Beside(forms), Some(Val::Record(fields))) => {
                self.fields(fields, forms, ty, false)?;
            }
            (CasePayload::Under(Form { ty: Type::Option(_), .. }), Some(Val::Option(None))) => {}
            (CasePayload::Under(form), Some(val)) => self.member(shape::VALUE, val, form, false)?,
            _ => return mismatch(ty),
        }
        self.mark(b'}')
    }

    fn arm(&mut self, key: &str, val: Option<&Val>, form: Option<&Form>) -> Written {
        match (val, form) {
            (None, None) => self.single(key, None),
            (Some(val), Some(form)) => self.single(key, Some((val, form))),
            _ => {
                let expected = "the payload of its case".to_owned();
                Err(Failed::because(Reason::Mismatch(expected)))
            }
        }
    }

    /// Writes a value without parts.
    fn scalar(&mut self, val: &Val, ty: &Type) -> Written {
        match (val, ty) {
            (Val::Bool(bool), Type::Bool) => self.plain(bool),
            (Val::S8(n), Type::S8) => self.plain(n),
            (Val::U8(n), Type::U8) => self.plain(n),
            (Val::S16(n), Type::S16) => self.plain(n),
            (Val::U16(n), Type::U16) => self.plain(n),
            (Val::S32(n), Type::S32) => self.plain(n),
            (Val::U32(n), Type::U32) => self.plain(n),
            (Val::S64(n), Type::S64) => self.long(*n),
            (Val::U64(n), Type::U64) => self.long(*n),
            // By its shortest digits: the same number in double precision has more.
            (Val::Float32(n), Type::Float32) => self.float(n.to_string().parse().ok()),
            (Val::Float64(n), Type::Float64) => self.float(Some(*n)),
            (Val::Char(char), Type::Char) => self.plain(char),
            (Val::String(text), Type::String) => self.plain(text),
            (Val::Enum(name), Type::Enum(_)) => self.plain(name),
            (Val::Flags(names), Type::Flags(_)) => self.plain(names),
            _ => mismatch(ty),
        }
    }

    fn float(&mut self, float: Option<f64>) -> Written {
        match float.filter(|float| float.is_finite()) {
            Some(float) => self.plain(&float),
            None => Err(Failed::because(Reason::NotFinite)),
        }
    }

    /// Writes a 64-bit integer as a string where a reader might round it.
    fn long<T: Copy + Into<i128> + Serialize>(&mut self, integer: T) -> Written {
        let wide: i128 = integer.into();
        if wide.abs() <= MAX_SAFE { self.plain(&integer) } else { self.plain(&wide.to_string()) }
    }
}

/// Only the length of the text stops the writer.
fn too_long<E>(_: E) -> Box<Failed> {
    Failed::because(Reason::TooLong)
}

fn mismatch(ty: &Type) -> Written {
    Err(Failed::because(Reason::Mismatch(expected(ty))))
}

/// Adds the step above a failure.
fn under(mut failed: Box<Failed>, step: Step) -> Box<Failed> {
    failed.steps.push(step);
    failed
}
