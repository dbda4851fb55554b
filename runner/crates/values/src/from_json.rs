//! Converts JSON to a component value, and finds every problem.

use std::collections::HashSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use wasmtime::component::types::{Case, Flags, OptionType, ResultType, Variant};
use wasmtime::component::{Type, Val};

use super::expected::{expected, handle};
use super::problem::{Problem, Problems, Step, given, one_of, suggestion};
use super::shape::{self, Member, Payload};

mod number;

/// Converts `value` to the type `ty`. Returns every problem: a missing or unknown field, a value
/// of the wrong type, an integer out of range, an unknown name. No message repeats a given value.
pub fn from_json(value: &Value, ty: &Type) -> Result<Val, Vec<Problem>> {
    let mut reader = Reader { problems: Problems::default() };
    match reader.value(value, ty) {
        Some(val) if reader.problems.is_empty() => Ok(val),
        _ => Err(reader.problems.finish()),
    }
}

/// Each method returns `None` after it has reported a problem.
struct Reader {
    problems: Problems,
}

impl Reader {
    fn value(&mut self, value: &Value, ty: &Type) -> Option<Val> {
        match (ty, value) {
            (Type::Bool, Value::Bool(bool)) => Some(Val::Bool(*bool)),
            (Type::String, Value::String(text)) => Some(Val::String(text.clone())),
            (Type::Char, Value::String(text)) => self.char(text, ty),
            (Type::List(list), Value::String(text)) if shape::is_bytes(list) => self.bytes(text),
            (Type::List(list), _) if shape::is_bytes(list) => self.wrong(ty, value),
            (Type::List(list), Value::Array(items)) => {
                let ty = list.ty();
                self.items(items.iter().map(|item| (item, &ty))).map(Val::List)
            }
            (Type::FixedLengthList(list), Value::Array(items)) => {
                self.length(items, usize::try_from(list.len()).ok(), ty)?;
                let ty = list.ty();
                self.items(items.iter().map(|item| (item, &ty))).map(Val::FixedLengthList)
            }
            (Type::Tuple(tuple), Value::Array(items)) => {
                let types: Vec<Type> = tuple.types().collect();
                self.length(items, Some(types.len()), ty)?;
                self.items(items.iter().zip(&types)).map(Val::Tuple)
            }
            (Type::Map(map), Value::Array(items)) => self.map(items, &map.key(), &map.value()),
            (Type::Record(record), Value::Object(object)) => {
                self.object(object, shape::members(record), &[]).map(Val::Record)
            }
            (Type::Variant(variant), Value::Object(object)) => self.variant(object, variant),
            (Type::Enum(cases), Value::String(name)) => {
                self.name(name, &cases.names().collect::<Vec<_>>()).map(Val::Enum)
            }
            (Type::Flags(flags), Value::Array(names)) => self.flags(names, flags),
            (Type::Option(_), Value::Null) => Some(Val::Option(None)),
            (Type::Option(option), _) => self.some(value, option, ty),
            (Type::Result(result), Value::Object(object)) => self.result(object, result, ty),
            (Type::Own(_) | Type::Borrow(_) | Type::Future(_), _)
            | (Type::Stream(_) | Type::ErrorContext, _) => {
                self.refuse(format!("{} cannot be given as JSON", handle(ty)))
            }
            _ => self.number(value, ty),
        }
    }

    /// Reports `message` at the current place.
    fn refuse<T>(&mut self, message: impl Into<String>) -> Option<T> {
        self.problems.add(message);
        None
    }

    /// Reports that `value` is not of the type `ty`.
    fn wrong<T>(&mut self, ty: &Type, value: &Value) -> Option<T> {
        self.refuse(format!("expected {}, got {}", expected(ty), given(value)))
    }

    /// Reads `value` under `step`.
    fn below(&mut self, step: Step, value: &Value, ty: &Type) -> Option<Val> {
        self.within(step, |reader| reader.value(value, ty))
    }

    /// Runs `work` under `step`.
    fn within<T>(&mut self, step: Step, work: impl FnOnce(&mut Self) -> T) -> T {
        self.problems.path.enter(step);
        let result = work(self);
        self.problems.path.leave();
        result
    }

    fn char(&mut self, text: &str, ty: &Type) -> Option<Val> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => Some(Val::Char(char)),
            _ => self.refuse(format!("expected {}, got another length", expected(ty))),
        }
    }

    fn bytes(&mut self, text: &str) -> Option<Val> {
        match BASE64_STANDARD.decode(text) {
            Ok(bytes) => Some(Val::List(bytes.into_iter().map(Val::U8).collect())),
            Err(_) => self
                .refuse("expected a base64 string: the letters A-Z a-z 0-9 + / and padding with ="),
        }
    }

    fn length(&mut self, items: &[Value], length: Option<usize>, ty: &Type) -> Option<()> {
        if length == Some(items.len()) {
            return Some(());
        }
        self.refuse(format!("expected {}, got {}", expected(ty), items.len()))
    }

    fn items<'a>(
        &mut self,
        items: impl Iterator<Item = (&'a Value, &'a Type)>,
    ) -> Option<Vec<Val>> {
        let read: Vec<Option<Val>> = items
            .enumerate()
            .map(|(index, (item, ty))| self.below(Step::Index(index), item, ty))
            .collect();
        read.into_iter().collect()
    }

    fn map(&mut self, items: &[Value], key: &Type, value: &Type) -> Option<Val> {
        let mut seen = HashSet::new();
        let mut pairs = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let pair = self.within(Step::Index(index), |reader| {
                let Value::Array(pair) = item else {
                    return reader.refuse(format!("expected [key, value], got {}", given(item)));
                };
                let [k, v] = pair.as_slice() else {
                    return reader.refuse(format!("expected [key, value], got {}", pair.len()));
                };
                let k = reader.below(Step::Index(0), k, key);
                let v = reader.below(Step::Index(1), v, value);
                // Compares parsed values: `1` and `1.0` are one key.
                if let Some(k) = &k
                    && !seen.insert(format!("{k:?}"))
                {
                    return reader.refuse("this key is given twice; keep one");
                }
                k.zip(v)
            });
            pairs.push(pair);
        }
        pairs.into_iter().collect::<Option<_>>().map(Val::Map)
    }

    /// Reads the members of an object. `besides` are keys that are read elsewhere.
    fn object(
        &mut self,
        object: &Map<String, Value>,
        members: Vec<Member>,
        besides: &[&str],
    ) -> Option<Vec<(String, Val)>> {
        let read: Vec<Option<(String, Val)>> = members
            .iter()
            .map(|member| self.member(object, member).map(|val| (member.wit.clone(), val)))
            .collect();
        // Last, since the number of reported problems is limited.
        self.unknown(object, &members, besides);
        read.into_iter().collect()
    }

    /// Reports every unknown key.
    fn unknown(&mut self, object: &Map<String, Value>, members: &[Member], besides: &[&str]) {
        let known: Vec<&str> =
            besides.iter().copied().chain(members.iter().map(|m| m.key.as_str())).collect();
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let hint = suggestion(key, known.iter().copied());
            self.within(Step::Key(key.clone()), |reader| {
                reader.problems.add(format!("there is no such field{hint}"));
            });
        }
    }

    fn member(&mut self, object: &Map<String, Value>, member: &Member) -> Option<Val> {
        match (object.get(&member.key), &member.ty) {
            (Some(value), ty) => self.below(Step::Key(member.key.clone()), value, ty),
            (None, Type::Option(_)) => Some(Val::Option(None)),
            (None, ty) => self.within(Step::Key(member.key.clone()), |reader| {
                reader.refuse(format!("is missing: expected {}", expected(ty)))
            }),
        }
    }

    fn variant(&mut self, object: &Map<String, Value>, variant: &Variant) -> Option<Val> {
        let cases: Vec<Case<'_>> = variant.cases().collect();
        let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
        let kind =
            self.within(Step::Key(shape::KIND.into()), |reader| match object.get(shape::KIND) {
                Some(Value::String(name)) => reader.name(name, &names),
                Some(other) => reader.no_name(&names, other),
                None => {
                    reader.refuse(format!("is missing: expected {}", one_of(names.iter().copied())))
                }
            })?;
        let case = cases.iter().find(|case| case.name == kind)?;
        let payload = match shape::payload(case) {
            Payload::Absent => {
                self.unknown(object, &[], &[shape::KIND]);
                None
            }
            Payload::Beside(record) => {
                let fields = self.object(object, shape::members(&record), &[shape::KIND])?;
                Some(Box::new(Val::Record(fields)))
            }
            Payload::Under(ty) => {
                let member = Member { key: shape::VALUE.into(), wit: shape::VALUE.into(), ty };
                let mut fields = self.object(object, vec![member], &[shape::KIND])?;
                fields.pop().map(|(_, val)| Box::new(val))
            }
        };
        Some(Val::Variant(kind, payload))
    }

    /// Reads one of `names`.
    fn name(&mut self, given: &str, names: &[&str]) -> Option<String> {
        if names.contains(&given) {
            return Some(given.into());
        }
        let hint = suggestion(given, names.iter().copied());
        self.refuse(format!("expected {}{hint}", one_of(names.iter().copied())))
    }

    fn no_name<T>(&mut self, names: &[&str], value: &Value) -> Option<T> {
        self.refuse(format!("expected {}, got {}", one_of(names.iter().copied()), given(value)))
    }

    fn flags(&mut self, items: &[Value], flags: &Flags) -> Option<Val> {
        let names: Vec<&str> = flags.names().collect();
        let mut set: Vec<Option<String>> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let name = self.within(Step::Index(index), |reader| match item {
                Value::String(name) if set.iter().flatten().any(|known| known == name) => {
                    reader.refuse("this flag is given twice; keep one")
                }
                Value::String(name) => reader.name(name, &names),
                other => reader.no_name(&names, other),
            });
            set.push(name);
        }
        set.into_iter().collect::<Option<_>>().map(Val::Flags)
    }

    fn some(&mut self, value: &Value, option: &OptionType, ty: &Type) -> Option<Val> {
        let payload = if shape::is_wrapped(option) {
            let object = value.as_object().filter(|object| object.contains_key(shape::SOME));
            let Some(object) = object else {
                return self.wrong(ty, value);
            };
            let wit = shape::SOME.to_owned();
            let member = Member { key: wit.clone(), wit, ty: option.ty() };
            self.object(object, vec![member], &[])?.pop().map(|(_, val)| val)?
        } else {
            self.value(value, &option.ty())?
        };
        Some(Val::Option(Some(Box::new(payload))))
    }

    fn result(
        &mut self,
        object: &Map<String, Value>,
        result: &ResultType,
        ty: &Type,
    ) -> Option<Val> {
        let mut entries = object.iter();
        let (Some((key, value)), None) = (entries.next(), entries.next()) else {
            return self.refuse(format!("expected {}, exactly one of them", expected(ty)));
        };
        match key.as_str() {
            shape::OK => self.arm(key, value, result.ok()).map(|val| Val::Result(Ok(val))),
            shape::ERROR => self.arm(key, value, result.err()).map(|val| Val::Result(Err(val))),
            _ => self.refuse(format!("expected {}", expected(ty))),
        }
    }

    /// Reads the payload under `key`, which is null without a type.
    fn arm(&mut self, key: &str, value: &Value, ty: Option<Type>) -> Option<Option<Box<Val>>> {
        let step = Step::Key(key.into());
        match (ty, value) {
            (Some(ty), _) => self.below(step, value, &ty).map(|val| Some(Box::new(val))),
            (None, Value::Null) => Some(None),
            (None, other) => self.within(step, |reader| {
                reader.refuse(format!("expected null, got {}", given(other)))
            }),
        }
    }
}
