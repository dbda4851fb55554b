//! Random values of a random type.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use wasmtime::component::Val;

use crate::shapes::Shape;

/// A value of the type; every value that JSON can say may come.
pub fn value(shape: &Shape) -> BoxedStrategy<Val> {
    match shape {
        Shape::Simple(name) => simple(name),
        Shape::List(item) => vec(value(item), 0..4).prop_map(Val::List).boxed(),
        Shape::Fixed(item, length) => {
            vec(value(item), *length as usize).prop_map(Val::FixedLengthList).boxed()
        }
        Shape::Map(key, item) => vec((simple(key), value(item)), 0..4)
            .prop_map(|mut pairs| {
                let mut seen = Vec::new();
                pairs.retain(|(key, _)| {
                    let first = !seen.contains(key);
                    seen.push(key.clone());
                    first
                });
                Val::Map(pairs)
            })
            .boxed(),
        Shape::Tuple(items) => {
            items.iter().map(value).collect::<Vec<_>>().prop_map(Val::Tuple).boxed()
        }
        Shape::Option(item) => {
            prop::option::of(value(item)).prop_map(|val| Val::Option(val.map(Box::new))).boxed()
        }
        Shape::Result(ok, error) => prop_oneof![
            payload(ok.as_deref()).prop_map(|val| Val::Result(Ok(val))),
            payload(error.as_deref()).prop_map(|val| Val::Result(Err(val))),
        ]
        .boxed(),
        Shape::Enum(names) => select(names.clone()).prop_map(|n| Val::Enum(n.into())).boxed(),
        Shape::Flags(names) => subsequence(names.clone(), 0..=names.len())
            .prop_map(|set| Val::Flags(set.into_iter().map(String::from).collect()))
            .boxed(),
        Shape::Record(fields) => fields
            .iter()
            .map(|(name, ty)| {
                value(ty).prop_map({
                    let name = (*name).to_string();
                    move |val| (name.clone(), val)
                })
            })
            .collect::<Vec<_>>()
            .prop_map(Val::Record)
            .boxed(),
        Shape::Variant(cases) => select(cases.clone())
            .prop_flat_map(|(name, ty)| {
                payload(ty.as_ref()).prop_map(move |val| Val::Variant(name.into(), val))
            })
            .boxed(),
    }
}

fn payload(shape: Option<&Shape>) -> BoxedStrategy<Option<Box<Val>>> {
    match shape {
        Some(shape) => value(shape).prop_map(|val| Some(Box::new(val))).boxed(),
        None => Just(None).boxed(),
    }
}

fn simple(name: &str) -> BoxedStrategy<Val> {
    match name {
        "bool" => any::<bool>().prop_map(Val::Bool).boxed(),
        "u8" => any::<u8>().prop_map(Val::U8).boxed(),
        "s8" => any::<i8>().prop_map(Val::S8).boxed(),
        "u16" => any::<u16>().prop_map(Val::U16).boxed(),
        "s16" => any::<i16>().prop_map(Val::S16).boxed(),
        "u32" => any::<u32>().prop_map(Val::U32).boxed(),
        "s32" => any::<i32>().prop_map(Val::S32).boxed(),
        "u64" => prop_oneof![any::<u64>(), 0..10_u64, around_safe().prop_map(|n| n as u64)]
            .prop_map(Val::U64)
            .boxed(),
        "s64" => prop_oneof![any::<i64>(), around_safe(), around_safe().prop_map(|n| -n)]
            .prop_map(Val::S64)
            .boxed(),
        "f32" => any::<u32>()
            .prop_map(f32::from_bits)
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(Val::Float32)
            .boxed(),
        "f64" => any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(Val::Float64)
            .boxed(),
        "char" => any::<char>().prop_map(Val::Char).boxed(),
        "string" => any::<String>().prop_map(Val::String).boxed(),
        other => panic!("no values for {other}"),
    }
}

/// Where integers turn from numbers into strings.
fn around_safe() -> std::ops::Range<i64> {
    (1 << 53) - 3..(1 << 53) + 3
}
