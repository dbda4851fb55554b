//! What holds for every type and every value of it.

use proptest::prelude::*;
use runner::values::{Form, Unrepresentable, check_type, from_json, parse, schema, to_json};
use serde_json::Value;
use wasmtime::component::Val;

use crate::mutations::mutations;
use crate::shapes::{Shape, shape, to_wit};
use crate::values::value;
use support::contract::Contract;

/// How many mutants of one value are tried.
const MUTANTS: usize = 40;

fn shape_and_values() -> impl Strategy<Value = (Shape, Vec<Val>)> {
    shape().prop_flat_map(|shape| {
        let values = prop::collection::vec(value(&shape), 1..6);
        (Just(shape), values)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 768, failure_persistence: None, ..ProptestConfig::default() })]

    /// A value comes back the same, and its JSON is what the schema says; JSON that is
    /// wrong in one place is refused, there, by both.
    #[test]
    fn conversions_and_schema_agree((shape, values) in shape_and_values(), from in 0_usize..1000) {
        let (types, ty) = to_wit(&shape);
        let contract = Contract::of(&types, &ty);
        let ty = contract.ty();
        check_type(&ty).unwrap();
        let schema = schema::input(contract.resolve(), contract.function("f")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for val in values {
            let text = to_json(&val, &ty).unwrap();
            let length = text.as_str().len();
            prop_assert_eq!(&Form::of(&ty).to_json(&val, length), &Ok(text.clone()));
            let shorter = Form::of(&ty).to_json(&val, length - 1);
            prop_assert_eq!(shorter, Err(Unrepresentable::TooLong(length - 1)));
            let json = parse(text.as_str().as_bytes(), length).unwrap();
            prop_assert_eq!(&json, &text.to_value());
            let back = from_json(&json, &ty);
            prop_assert_eq!(back.as_ref(), Ok(&val), "{}", json);
            prop_assert!(validator.is_valid(&json), "{json}\n{schema:#}");

            let all = mutations(&shape, &json);
            for mutation in all.iter().cycle().skip(from % all.len()).take(MUTANTS.min(all.len())) {
                let mutant = mutation.apply(&json);
                prop_assert!(!validator.is_valid(&mutant), "{mutation:?} of {json}\n{schema:#}");
                let problems = from_json(&mutant, &ty).expect_err(&format!("{mutation:?} of {json}"));
                prop_assert!(
                    problems.iter().all(|problem| problem.pointer.starts_with(&mutation.pointer)),
                    "{mutation:?} of {json}: {problems:?}"
                );
            }
        }
    }

    /// JSON that has nothing to do with the type is accepted exactly when the schema
    /// accepts it, and what is accepted has one written form.
    #[test]
    fn any_json_is_judged_as_by_the_schema(shape in shape(), all in prop::collection::vec(json(), 50)) {
        let (types, ty) = to_wit(&shape);
        let contract = Contract::of(&types, &ty);
        let ty = contract.ty();
        let schema = schema::input(contract.resolve(), contract.function("f")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for json in all {
            match from_json(&json, &ty) {
                Ok(val) => {
                    prop_assert!(validator.is_valid(&json), "{json}\n{schema:#}");
                    let written = to_json(&val, &ty).unwrap().to_value();
                    prop_assert_eq!(from_json(&written, &ty), Ok(val));
                }
                // A schema cannot say that the keys of a map are distinct.
                Err(problems) if problems.iter().all(|p| p.message.contains("key is given twice")) => {
                    prop_assert!(!problems.is_empty());
                }
                Err(_) => prop_assert!(!validator.is_valid(&json), "{json}\n{schema:#}"),
            }
        }
    }
}

/// Small JSON, with the keys and names that the types use.
fn json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "kind", "value", "some", "ok", "error", "x", "key1", "key-1"
        ]),
        proptest::sample::select(vec!["serviceId", "service-id", "a", "", "12", "AAAA", "URL"]),
    ]
    .prop_map(String::from);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-300..300_i64).prop_map(Value::from),
        proptest::sample::select(vec![1.0, -1.0, 1.5, 70_000.0]).prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}
