//! The form of every kind of type: one table, read in both directions.

use runner::values::{JsonText, check_type, from_json, to_json};
use serde_json::{Value, json};
use wasmtime::component::Val;

use support::contract::Contract;

fn some(val: Val) -> Val {
    Val::Option(Some(Box::new(val)))
}

fn string(text: &str) -> Val {
    Val::String(text.into())
}

fn variant(case: &str, payload: Option<Val>) -> Val {
    Val::Variant(case.into(), payload.map(Box::new))
}

fn record(fields: &[(&str, Val)]) -> Val {
    Val::Record(fields.iter().map(|(name, val)| ((*name).to_string(), val.clone())).collect())
}

const TYPES: &str = "
    enum access { delegated, app-only }
    flags days { mon, tue-early }
    record user { user-id: string, key1: option<u8> }
    record kinded { kind: string }
    variant shape {
        nothing, user(user), kinded(kinded), count(u32), maybe(option<string>), access(access),
    }
    type name = option<string>;
";

/// The value is written as the JSON, and the JSON is read as the value.
#[track_caller]
fn both_ways(ty: &str, val: Val, json: Value) {
    let contract = Contract::of(TYPES, ty);
    assert_eq!(to_json(&val, &contract.ty()), Ok(JsonText::of(&json)), "{ty}");
    reads(ty, &json, val);
}

/// The JSON is read as the value, though it is written in another way.
#[track_caller]
fn reads(ty: &str, json: &Value, val: Val) {
    assert_eq!(from_json(json, &Contract::of(TYPES, ty).ty()), Ok(val), "{ty}: {json}");
}

#[test]
fn plain_values() {
    both_ways("bool", Val::Bool(true), json!(true));
    both_ways("string", string("a\"b"), json!("a\"b"));
    both_ways("char", Val::Char('Ա'), json!("Ա"));
    both_ways("s8", Val::S8(-128), json!(-128));
    both_ways("u16", Val::U16(65_535), json!(65_535));
    reads("u16", &json!(2.0), Val::U16(2));
    both_ways("access", Val::Enum("app-only".into()), json!("app-only"));
    both_ways("days", Val::Flags(vec!["tue-early".into()]), json!(["tue-early"]));
}

#[test]
fn long_integers_are_strings_where_a_reader_would_round_them() {
    both_ways("u64", Val::U64(9_007_199_254_740_991), json!(9_007_199_254_740_991_u64));
    both_ways("u64", Val::U64(9_007_199_254_740_992), json!("9007199254740992"));
    both_ways("u64", Val::U64(u64::MAX), json!("18446744073709551615"));
    both_ways("s64", Val::S64(-9_007_199_254_740_991), json!(-9_007_199_254_740_991_i64));
    both_ways("s64", Val::S64(i64::MIN), json!("-9223372036854775808"));
    reads("u64", &json!(u64::MAX), Val::U64(u64::MAX));
    reads("s64", &json!("-7"), Val::S64(-7));
}

#[test]
fn floats_keep_their_shortest_digits() {
    let contract = Contract::of(TYPES, "f32");
    let written = |float| to_json(&Val::Float32(float), &contract.ty()).unwrap().into_string();
    assert_eq!(
        [0.1, 1e13, 1.2e-6].map(written),
        ["0.1", "10000000000000.0", "1.2e-6"],
        "as the same digits in double precision are written"
    );
    both_ways("f64", Val::Float64(0.1), json!(0.1));
    both_ways("f64", Val::Float64(-0.0), json!(-0.0));
    reads("f32", &json!(16_777_216), Val::Float32(16_777_216.0));
}

#[test]
fn lists_and_tuples() {
    both_ways("list<u8>", Val::List(vec![Val::U8(255), Val::U8(0)]), json!("/wA="));
    both_ways("list<u8>", Val::List(vec![]), json!(""));
    both_ways("list<u16>", Val::List(vec![Val::U16(1)]), json!([1]));
    both_ways("list<u8, 2>", Val::FixedLengthList(vec![Val::U8(1), Val::U8(2)]), json!([1, 2]));
    both_ways("tuple<u8, string>", Val::Tuple(vec![Val::U8(1), string("a")]), json!([1, "a"]));
    both_ways(
        "map<string, bool>",
        Val::Map(vec![(string("a"), Val::Bool(true))]),
        json!([["a", true]]),
    );
}

#[test]
fn records_leave_out_what_is_none() {
    let user = |key1| record(&[("user-id", string("u")), ("key1", key1)]);
    both_ways("user", user(Val::Option(None)), json!({"userId": "u"}));
    both_ways("user", user(some(Val::U8(1))), json!({"userId": "u", "key1": 1}));
    reads("user", &json!({"key1": null, "userId": "u"}), user(Val::Option(None)));
}

#[test]
fn options_are_wrapped_only_where_null_would_be_two_things() {
    both_ways("option<u8>", Val::Option(None), json!(null));
    both_ways("option<u8>", some(Val::U8(1)), json!(1));
    both_ways("option<option<u8>>", Val::Option(None), json!(null));
    both_ways("option<option<u8>>", some(Val::Option(None)), json!({"some": null}));
    both_ways("option<option<u8>>", some(some(Val::U8(1))), json!({"some": 1}));
    both_ways("option<name>", some(some(string("a"))), json!({"some": "a"}));
    reads("option<option<u8>>", &json!({"some": 1.0}), some(some(Val::U8(1))));
}

#[test]
fn results_have_one_key() {
    let ok = |val| Val::Result(Ok(val));
    both_ways("result<u8, string>", ok(Some(Box::new(Val::U8(1)))), json!({"ok": 1}));
    both_ways("result", ok(None), json!({"ok": null}));
    let error = Val::Result(Err(Some(Box::new(string("a")))));
    both_ways("result<_, string>", error, json!({"error": "a"}));
}

#[test]
fn variants_name_their_case_under_kind() {
    both_ways("shape", variant("nothing", None), json!({"kind": "nothing"}));
    both_ways("shape", variant("count", Some(Val::U32(3))), json!({"kind": "count", "value": 3}));
    let user = record(&[("user-id", string("u")), ("key1", Val::Option(None))]);
    both_ways("shape", variant("user", Some(user)), json!({"kind": "user", "userId": "u"}));
    let kinded = record(&[("kind", string("k"))]);
    both_ways(
        "shape",
        variant("kinded", Some(kinded)),
        json!({"kind": "kinded", "value": {"kind": "k"}}),
    );
    both_ways("shape", variant("maybe", Some(Val::Option(None))), json!({"kind": "maybe"}));
    both_ways(
        "shape",
        variant("maybe", Some(some(string("a")))),
        json!({"kind": "maybe", "value": "a"}),
    );
}

#[test]
fn what_has_no_form_is_not_written() {
    let f64 = Contract::of(TYPES, "list<f64>").ty();
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error =
            to_json(&Val::List(vec![Val::Float64(0.0), Val::Float64(float)]), &f64).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the value at `/1` is NaN or infinite; the component must give a finite number"
        );
    }
    let deep = Contract::of(TYPES, "result<list<list<f64>>, string>").ty();
    let inner = Val::List(vec![Val::Float64(1.0), Val::Float64(f64::NAN)]);
    let lists = Val::List(vec![Val::List(Vec::new()), Val::List(Vec::new()), inner]);
    let error = to_json(&Val::Result(Ok(Some(Box::new(lists)))), &deep).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value at `/ok/2/1` is NaN or infinite; the component must give a finite number"
    );
    let f32 = Contract::of(TYPES, "f32").ty();
    assert!(to_json(&Val::Float32(f32::INFINITY), &f32).is_err());
    assert_eq!(
        to_json(&Val::U8(1), &Contract::of(TYPES, "option<string>").ty()).unwrap_err().to_string(),
        "the value at `` is not a string or null; convert it with its own type"
    );
}

#[test]
fn handles_are_refused_when_the_component_is_loaded() {
    let contract = Contract::new(
        "resource session; record input { id: string, open-sessions: list<session> }
         f: func(input: input);",
    );
    assert_eq!(
        check_type(&contract.ty()).unwrap_err().to_string(),
        "the type at `/openSessions/*` is a resource; an action takes and returns plain values only"
    );
}

#[test]
fn types_are_refused_below_the_depth_that_is_read() {
    let nested = |depth: usize| format!("{}u16{}", "list<".repeat(depth), ">".repeat(depth));
    let deep = |depth| check_type(&Contract::of("", &nested(depth)).ty());
    assert_eq!(deep(63), Ok(()));
    assert!(deep(64).unwrap_err().to_string().contains("nests more than 64 levels deep"));
}
