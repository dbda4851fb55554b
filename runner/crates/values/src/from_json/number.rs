//! Converts JSON to integers and floating-point numbers without losing a digit.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::{Number, Value};
use wasmtime::component::{Type, Val};

use super::Reader;
use crate::MAX_SAFE;
use crate::expected::expected;

impl Reader {
    /// Reads a number. Every other type here was given the wrong JSON.
    pub(super) fn number(&mut self, value: &Value, ty: &Type) -> Option<Val> {
        match ty {
            Type::S8 => self.integer(value, ty).map(Val::S8),
            Type::U8 => self.integer(value, ty).map(Val::U8),
            Type::S16 => self.integer(value, ty).map(Val::S16),
            Type::U16 => self.integer(value, ty).map(Val::U16),
            Type::S32 => self.integer(value, ty).map(Val::S32),
            Type::U32 => self.integer(value, ty).map(Val::U32),
            Type::S64 => self.integer(value, ty).map(Val::S64),
            Type::U64 => self.integer(value, ty).map(Val::U64),
            Type::Float32 => self.float(value, ty, f32::is_finite).map(Val::Float32),
            Type::Float64 => self.float(value, ty, f64::is_finite).map(Val::Float64),
            _ => self.wrong(ty, value),
        }
    }

    fn integer<T: TryFrom<i128>>(&mut self, value: &Value, ty: &Type) -> Option<T> {
        let integer = match (value, ty) {
            (Value::Number(number), _) => self.whole(number, ty)?,
            (Value::String(text), Type::S64 | Type::U64) => match digits(text) {
                Some(integer) => integer,
                None => {
                    return self.refuse(format!(
                        "expected {}, as a number or a string of decimal digits",
                        expected(ty)
                    ));
                }
            },
            _ => return self.wrong(ty, value),
        };
        match T::try_from(integer) {
            Ok(integer) => Some(integer),
            Err(_) => self.refuse(format!("out of range: expected {}", expected(ty))),
        }
    }

    /// Returns the integer that `number` is.
    fn whole(&mut self, number: &Number, ty: &Type) -> Option<i128> {
        if let Some(integer) = exact(number) {
            return Some(integer);
        }
        let float = number.as_f64().filter(|float| float.fract() == 0.0);
        let Some(float) = float else {
            return self.refuse(format!("expected {}, got a fraction", expected(ty)));
        };
        // Parsing the digits is the only conversion that cannot round.
        match format!("{float:.0}").parse::<i128>() {
            Ok(integer) if integer.abs() <= MAX_SAFE => Some(integer),
            _ => self.refuse(format!(
                "out of range, or not exact in this form: expected {}, written with digits only",
                expected(ty)
            )),
        }
    }

    /// Parses the digits, so that a single-precision number is rounded once.
    fn float<T: Copy + Display + FromStr>(
        &mut self,
        value: &Value,
        ty: &Type,
        is_finite: fn(T) -> bool,
    ) -> Option<T> {
        let Value::Number(number) = value else {
            return self.wrong(ty, value);
        };
        let Some(float) = number.to_string().parse::<T>().ok().filter(|float| is_finite(*float))
        else {
            return self.refuse("out of range for a number of this precision");
        };
        let is_exact =
            exact(number).is_none_or(|integer| format!("{float:.0}") == integer.to_string());
        if !is_exact {
            return self.refuse("this integer has too many digits for a number of this precision");
        }
        Some(float)
    }
}

/// Returns the integer of a JSON text of at most 64 bits.
fn exact(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Returns the integer of a string in the form of the schema's pattern.
fn digits(text: &str) -> Option<i128> {
    // 20 digits hold every 64-bit integer.
    let integer = text.parse::<i128>().ok().filter(|_| text.len() <= 20)?;
    // Refuses `+1`, `-0` and `01`, which would be written differently.
    (integer.to_string() == text).then_some(integer)
}
