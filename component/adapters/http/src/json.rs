//! The JSON of inputs and results. The forms and the messages are those of the crate `values`,
//! which converts by the types of a component at run time; here, the build generates the
//! conversions of the contract's types.

use serde_json::{Map, Number, Value};
use values::MAX_SAFE;
use values::problem::{Problem, Problems, Step, given, one_of, suggestion};

use crate::bindings::connector::office365 as imports;
use imports::types::Error;

/// The end of a call.
pub enum Called {
    /// The result, or the error of the action.
    Done(Result<Value, Value>),
    /// The input is wrong; nothing was called.
    Input(Vec<Problem>),
    /// No action has the name.
    NoSuchAction,
}

/// A value that is read from JSON.
pub trait Input: Sized {
    /// Describes the value, such as `a string`.
    fn expected() -> String;

    /// Reads the value. Returns `None` after it has reported a problem.
    fn read(value: &Value, reader: &mut Reader) -> Option<Self>;

    /// Returns the value of an absent member.
    fn absent() -> Option<Self> {
        None
    }
}

/// A value that is written as JSON.
pub trait Output: Sized {
    /// Writes the value.
    fn write(self) -> Value;

    /// Writes the value of a member, which may be left out.
    fn member(self) -> Option<Value> {
        Some(self.write())
    }
}

/// Reads the input, calls the action, and writes its result.
fn run<I: Input, O: Output>(input: &Value, action: impl FnOnce(I) -> Result<O, Error>) -> Called {
    let mut reader = Reader::default();
    match I::read(input, &mut reader) {
        Some(input) if reader.problems.is_empty() => {
            Called::Done(action(input).map(Output::write).map_err(Output::write))
        }
        _ => Called::Input(reader.problems.finish()),
    }
}

/// Collects the problems of an input.
#[derive(Default)]
pub struct Reader {
    problems: Problems,
}

impl Reader {
    fn refuse<T>(&mut self, message: impl Into<String>) -> Option<T> {
        self.problems.add(message);
        None
    }

    fn wrong<I: Input, T>(&mut self, value: &Value) -> Option<T> {
        self.refuse(format!("expected {}, got {}", I::expected(), given(value)))
    }

    fn below<T>(&mut self, step: Step, work: impl FnOnce(&mut Self) -> T) -> T {
        self.problems.path.enter(step);
        let result = work(self);
        self.problems.path.leave();
        result
    }

    fn object<'v, I: Input>(&mut self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        match value {
            Value::Object(object) => Some(object),
            other => self.wrong::<I, _>(other),
        }
    }

    fn member<I: Input>(&mut self, object: &Map<String, Value>, key: &str) -> Option<I> {
        self.below(Step::Key(key.to_owned()), |reader| match object.get(key) {
            Some(value) => I::read(value, reader),
            None => I::absent()
                .or_else(|| reader.refuse(format!("is missing: expected {}", I::expected()))),
        })
    }

    fn unknown(&mut self, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let hint = suggestion(key, known.iter().copied());
            self.below(Step::Key(key.clone()), |reader| {
                reader.problems.add(format!("there is no such field{hint}"));
            });
        }
    }

    /// Reads one of `names`.
    #[allow(dead_code, reason = "no input has an enum yet")]
    fn name<'n>(&mut self, value: &Value, names: &[&'n str]) -> Option<&'n str> {
        let Value::String(text) = value else {
            let names = one_of(names.iter().copied());
            return self.refuse(format!("expected {names}, got {}", given(value)));
        };
        names.iter().copied().find(|name| name == text).or_else(|| {
            let hint = suggestion(text, names.iter().copied());
            self.refuse(format!("expected {}{hint}", one_of(names.iter().copied())))
        })
    }

    fn integer<I: Input + TryFrom<i128>>(&mut self, value: &Value) -> Option<I> {
        let Value::Number(number) = value else { return self.wrong::<I, _>(value) };
        let integer = self.whole::<I>(number)?;
        I::try_from(integer)
            .ok()
            .or_else(|| self.refuse(format!("out of range: expected {}", I::expected())))
    }

    fn whole<I: Input>(&mut self, number: &Number) -> Option<i128> {
        let exact = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        if exact.is_some() {
            return exact;
        }
        if number.as_f64().is_none_or(|float| float.fract() != 0.0) {
            return self.refuse(format!("expected {}, got a fraction", I::expected()));
        }
        // The shortest form of a number up to 2^53 has all digits.
        let text = number.to_string();
        match text.strip_suffix(".0").unwrap_or(&text).parse::<i128>() {
            Ok(integer) if integer.abs() <= MAX_SAFE => Some(integer),
            _ => self.refuse(format!(
                "out of range, or not exact in this form: expected {}, written with digits only",
                I::expected()
            )),
        }
    }
}

impl Input for String {
    fn expected() -> String {
        "a string".to_owned()
    }

    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) => Some(text.clone()),
            other => reader.wrong::<Self, _>(other),
        }
    }
}

impl Input for bool {
    fn expected() -> String {
        "true or false".to_owned()
    }

    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        value.as_bool().or_else(|| reader.wrong::<Self, _>(value))
    }
}

impl<I: Input> Input for Option<I> {
    fn expected() -> String {
        format!("{} or null", I::expected())
    }

    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => I::read(value, reader).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<I: Input> Input for Vec<I> {
    fn expected() -> String {
        "a list".to_owned()
    }

    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let Value::Array(items) = value else { return reader.wrong::<Self, _>(value) };
        let read = |(index, item)| reader.below(Step::Index(index), |reader| I::read(item, reader));
        // All items are read before the first problem ends it.
        items.iter().enumerate().map(read).collect::<Vec<_>>().into_iter().collect()
    }
}

/// Integers whose JSON is a number in both directions.
macro_rules! integers {
    ($($ty:ty)+) => {$(
        impl Input for $ty {
            fn expected() -> String {
                format!("an integer from {} to {}", <$ty>::MIN, <$ty>::MAX)
            }

            fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
                reader.integer(value)
            }
        }

        impl Output for $ty {
            fn write(self) -> Value {
                self.into()
            }
        }
    )+};
}

integers!(i8 i16 i32 u16 u32);

impl Output for () {
    fn write(self) -> Value {
        Value::Null
    }
}

impl Output for bool {
    fn write(self) -> Value {
        self.into()
    }
}

impl Output for String {
    fn write(self) -> Value {
        self.into()
    }
}

impl<O: Output> Output for Vec<O> {
    fn write(self) -> Value {
        self.into_iter().map(Output::write).collect()
    }
}

impl<O: Output> Output for Option<O> {
    fn write(self) -> Value {
        self.map_or(Value::Null, Output::write)
    }

    fn member(self) -> Option<Value> {
        self.map(Output::write)
    }
}

/// Writes a member of an object. One that is none is left out.
fn member(object: &mut Map<String, Value>, key: &str, value: impl Output) {
    if let Some(value) = value.member() {
        object.insert(key.to_owned(), value);
    }
}

pub use generated::call;

/// What the build makes of the types in `wit/`.
mod generated {
    #![allow(unused_qualifications, reason = "generated code names every type in the same way")]
    use super::{Called, Input, Output, Reader, imports, member, run};
    use serde_json::{Map, Value};

    include!(concat!(env!("OUT_DIR"), "/codec.rs"));
}
