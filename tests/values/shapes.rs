//! Random WIT types of every kind that has a JSON form, some levels deep.

use proptest::prelude::*;
use proptest::sample::subsequence;

/// A WIT type, by its structure.
#[derive(Clone, Debug)]
pub enum Shape {
    Simple(&'static str),
    List(Box<Shape>),
    Fixed(Box<Shape>, u32),
    Map(&'static str, Box<Shape>),
    Tuple(Vec<Shape>),
    Option(Box<Shape>),
    Result(Option<Box<Shape>>, Option<Box<Shape>>),
    Enum(Vec<&'static str>),
    Flags(Vec<&'static str>),
    Record(Vec<(&'static str, Shape)>),
    Variant(Vec<(&'static str, Option<Shape>)>),
}

const SIMPLE: [&str; 13] =
    ["bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string"];

/// Names that tempt: digits, capitals, keywords of WIT, and the keys that the forms use.
const NAMES: [&str; 14] = [
    "service-id",
    "key1",
    "key-1",
    "user-ID",
    "user-i-d",
    "a-1b-c",
    "kind",
    "value",
    "some",
    "ok",
    "record",
    "URL",
    "x",
    "very-long-name-2-x",
];

/// A type.
pub fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        4 => proptest::sample::select(&SIMPLE[..]).prop_map(Shape::Simple),
        1 => Just(Shape::List(Box::new(Shape::Simple("u8")))),
        1 => names().prop_map(Shape::Enum),
        1 => names().prop_map(Shape::Flags),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            1 => boxed.clone().prop_map(Shape::List),
            1 => (boxed.clone(), 1..4_u32).prop_map(|(item, length)| Shape::Fixed(item, length)),
            1 => (proptest::sample::select(vec!["string", "u64", "bool", "char"]), boxed.clone())
                .prop_map(|(key, value)| Shape::Map(key, value)),
            1 => prop::collection::vec(inner.clone(), 1..4).prop_map(Shape::Tuple),
            2 => boxed.clone().prop_map(Shape::Option),
            1 => boxed.clone().prop_map(|it| Shape::Option(Box::new(Shape::Option(it)))),
            1 => (prop::option::of(boxed.clone()), prop::option::of(boxed))
                .prop_map(|(ok, error)| Shape::Result(ok, error)),
            3 => (names(), prop::collection::vec(inner.clone(), 14))
                .prop_map(|(names, types)| Shape::Record(names.into_iter().zip(types).collect())),
            3 => (names(), prop::collection::vec(prop::option::of(inner), 14))
                .prop_map(|(names, types)| Shape::Variant(names.into_iter().zip(types).collect())),
        ]
    })
}

/// Some names; no two that a component would take for one.
fn names() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(&NAMES[..], 1..5).prop_shuffle()
}

/// The declarations that the type needs, and the type itself, as WIT.
pub fn to_wit(shape: &Shape) -> (String, String) {
    let mut writer = Writer::default();
    let ty = writer.ty(shape);
    (writer.declared, ty)
}

#[derive(Default)]
struct Writer {
    declared: String,
    count: usize,
}

impl Writer {
    fn ty(&mut self, shape: &Shape) -> String {
        match shape {
            Shape::Simple(name) => (*name).into(),
            Shape::List(item) => format!("list<{}>", self.ty(item)),
            Shape::Fixed(item, length) => format!("list<{}, {length}>", self.ty(item)),
            Shape::Map(key, value) => format!("map<{key}, {}>", self.ty(value)),
            Shape::Option(item) => format!("option<{}>", self.ty(item)),
            Shape::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| self.ty(item)).collect();
                format!("tuple<{}>", items.join(", "))
            }
            Shape::Result(ok, error) => {
                let ok = ok.as_ref().map_or("_".into(), |ok| self.ty(ok));
                match error {
                    Some(error) => format!("result<{ok}, {}>", self.ty(error)),
                    None if ok == "_" => "result".into(),
                    None => format!("result<{ok}>"),
                }
            }
            Shape::Enum(names) => self.declare("enum", names.iter().map(|n| format!("%{n}"))),
            Shape::Flags(names) => self.declare("flags", names.iter().map(|n| format!("%{n}"))),
            Shape::Record(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(n, ty)| format!("%{n}: {}", self.ty(ty))).collect();
                self.declare("record", fields.into_iter())
            }
            Shape::Variant(cases) => {
                let cases: Vec<String> = cases
                    .iter()
                    .map(|(n, ty)| match ty {
                        Some(ty) => format!("%{n}({})", self.ty(ty)),
                        None => format!("%{n}"),
                    })
                    .collect();
                self.declare("variant", cases.into_iter())
            }
        }
    }

    fn declare(&mut self, kind: &str, parts: impl Iterator<Item = String>) -> String {
        self.count += 1;
        let name = format!("t{}", self.count);
        let parts: Vec<String> = parts.collect();
        self.declared.push_str(&format!("{kind} {name} {{ {} }}\n", parts.join(", ")));
        name
    }
}
