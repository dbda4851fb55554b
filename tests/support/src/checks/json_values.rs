//! JSON to component values and back.
//!
//! An input is a JSON text, read as a value of every type that an action takes, gives or fails
//! with, and of a type with everything that WIT has. Its lines are read as `name=value` too.

use std::sync::LazyLock;

use runner::sandbox::{COMPONENT, Guest, Sandbox};
use runner::values::{Problem, arguments, from_json, parse, to_json};
use serde_json::Value;
use wasmtime::component::Type;

use super::meaning::same;
use crate::contract::Contract;

/// The longest text, in bytes.
const MAX_BYTES: usize = 1 << 16;

/// One of each type that has a JSON form, some within others.
const EVERYTHING: &str = "
    flags marks { read, write-all, x }
    enum colour { red, dark-blue }
    record point { x: f32, y: f64 }
    record kinded { kind: string, count: option<u64> }
    variant choice {
        nothing, text(string), beside(point), under(kinded), maybe(option<s32>), bytes(list<u8>),
    }
    record everything {
        yes: option<bool>, tiny: option<s8>, byte: option<u8>, short: option<s16>,
        word: option<u16>, int: option<s32>, wide: option<u32>, long: option<s64>,
        longest: option<u64>, single: option<f32>, double: option<f64>, letter: option<char>,
        text: option<string>, bytes: option<list<u8>>, texts: option<list<string>>,
        rows: option<list<list<s64>>>, pair: option<tuple<u8, string>>, three: option<list<f64, 3>>,
        table: option<map<string, s64>>, wrapped: option<option<bool>>,
        outcome: option<result<u16, string>>, done: option<result>, marks: option<marks>,
        colour: option<colour>, choice: option<choice>, choices: option<list<choice>>,
    }
    f: func(input: everything) -> everything;
";

struct Types {
    /// What `name=value` is read for.
    inputs: Vec<Type>,
    all: Vec<Type>,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let sandbox = Sandbox::new(1).expect("a sandbox");
    let guest = Guest::load(&sandbox, COMPONENT).expect("the component");
    let everything = Contract::new(EVERYTHING).ty();
    let mut inputs = vec![everything];
    inputs.extend(guest.actions().iter().map(|action| action.input.clone()));
    let mut all = Vec::new();
    let others = guest.actions().iter().flat_map(|action| [&action.output, &action.error]);
    for ty in inputs.iter().chain(others.flatten()) {
        if !all.contains(ty) {
            all.push(ty.clone());
        }
    }
    Types { inputs, all }
});

/// No text makes it panic; what is accepted comes back with the same meaning, and what is not
/// is told why.
pub fn check(data: &[u8]) {
    match parse(data, MAX_BYTES) {
        Ok(value) => {
            let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
            let lax: Value = serde_json::from_slice(text).expect("other readers take it, too");
            assert_eq!(value, lax, "read as something else");
            TYPES.all.iter().for_each(|ty| converted(&value, ty));
        }
        Err(problems) => told(&problems),
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let pairs: Vec<&str> = text.lines().take(32).collect();
        for ty in &TYPES.inputs {
            let (object, problems) = arguments(&pairs, ty);
            if pairs.len() != object.len() {
                told(&problems);
            }
            converted(&Value::Object(object), ty);
        }
    }
}

fn converted(value: &Value, ty: &Type) {
    match from_json(value, ty) {
        Ok(val) => {
            let written = to_json(&val, ty).expect("what was read has a JSON form").to_value();
            assert!(same(value, &written), "{value} became {written}");
            let again = from_json(&written, ty).expect("what was written can be read");
            assert_eq!(val, again, "{value} became another value");
            assert_eq!(to_json(&again, ty).map(|text| text.to_value()).as_ref(), Ok(&written));
        }
        Err(problems) => told(&problems),
    }
}

/// There is something to read, and not without end.
fn told(problems: &[Problem]) {
    assert!(!problems.is_empty(), "refused without a reason");
    for Problem { pointer, message } in problems {
        assert!(!message.is_empty() && message.len() < 4096, "{message}");
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
    }
}
