//! JSON Schema of functions.

use runner::values::schema::{error, input, output};
use serde_json::{Value, json};
use wit_parser::{Resolve, WorldItem};

use support::contract::Contract;

const ITEMS: &str = "
    /// Who is asked.
    enum access {
        /// A user.
        delegated,
        app-only,
    }
    /// What goes in.
    record input {
        /// The service.
        service-id: string,
        /// How to come in.
        access: option<access>,
        limit: option<u16>,
        total: u64,
        photo: list<byte>,
    }
    type byte = u8;
    record failure { message: string }
    variant problem {
        /// It is gone.
        gone(failure),
        code(u8),
        unknown,
    }
    type outcome = result<u32, problem>;
    run: func(input: input) -> outcome;
    quiet: func(input: input) -> result;
    plain: func(input: input) -> bool;
    two: func(a: bool, b: bool);
    resource session;
    open: func(input: input) -> result<session>;
";

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

#[test]
fn an_input_with_its_documentation() {
    let contract = Contract::new(ITEMS);
    assert_eq!(
        input(contract.resolve(), contract.function("run")),
        Ok(json!({
            "$schema": DRAFT,
            "type": "object",
            "description": "What goes in.",
            "properties": {
                "serviceId": {"type": "string", "description": "The service."},
                "access": {
                    "anyOf": [{"type": "string", "enum": ["delegated", "app-only"]}, {"type": "null"}],
                    "description": "How to come in.\n\nWho is asked.\n\n- `delegated`: A user.",
                },
                "limit": {"type": ["integer", "null"], "minimum": 0, "maximum": 65_535},
                "total": {"anyOf": [
                    {"type": "integer", "minimum": 0, "maximum": u64::MAX},
                    {"type": "string", "pattern": "^(0|[1-9][0-9]{0,19})$"},
                ]},
                "photo": {
                    "type": "string", "contentEncoding": "base64",
                    "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
                },
            },
            "required": ["serviceId", "total", "photo"],
            "additionalProperties": false,
        }))
    );
}

#[test]
fn outputs_and_errors() {
    let contract = Contract::new(ITEMS);
    let schemas = |name| {
        let function = contract.function(name);
        (output(contract.resolve(), function), error(contract.resolve(), function))
    };
    let null = || json!({"$schema": DRAFT, "type": "null"});
    let case = |kind: &str, name: Option<&str>, ty: Value| {
        let mut properties = json!({"kind": {"const": kind}});
        let mut required = vec!["kind"];
        if let Some(name) = name {
            properties[name] = ty;
            required.push(name);
        }
        json!({
            "type": "object", "properties": properties, "required": required,
            "additionalProperties": false,
        })
    };
    let mut gone = case("gone", Some("message"), json!({"type": "string"}));
    gone["description"] = json!("It is gone.");
    let code =
        case("code", Some("value"), json!({"type": "integer", "minimum": 0, "maximum": 255}));
    let unknown = case("unknown", None, json!(null));
    assert_eq!(
        schemas("run"),
        (
            Ok(json!({"$schema": DRAFT, "type": "integer", "minimum": 0, "maximum": u32::MAX})),
            Ok(Some(json!({"$schema": DRAFT, "oneOf": [gone, code, unknown]}))),
        )
    );
    assert_eq!(schemas("quiet"), (Ok(null()), Ok(Some(null()))));
    assert_eq!(schemas("plain"), (Ok(json!({"$schema": DRAFT, "type": "boolean"})), Ok(None)));
}

#[test]
fn functions_without_a_schema_say_why() {
    let contract = Contract::new(ITEMS);
    assert_eq!(
        input(contract.resolve(), contract.function("two")).unwrap_err().to_string(),
        "the function `two` takes 2 parameters; give it one record instead"
    );
    assert_eq!(
        output(contract.resolve(), contract.function("open")).unwrap_err().to_string(),
        "the function `open` uses a resource; use plain values only"
    );
}

/// The project's own contract: every action has its schemas, with every field described.
#[test]
fn the_contract_has_schemas() {
    let mut resolve = Resolve::default();
    let wit = support::root().join("wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = &resolve.worlds[resolve.select_world(&[package], None).unwrap()];
    let mut actions = 0;
    for export in world.exports.values() {
        let WorldItem::Interface { id, .. } = export else {
            continue;
        };
        for function in resolve.interfaces[*id].functions.values() {
            let input = input(&resolve, function).unwrap();
            for (name, property) in input["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{} {name}", function.name);
            }
            let error = error(&resolve, function).unwrap().unwrap();
            for schema in [input, output(&resolve, function).unwrap(), error] {
                assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
            }
            actions += 1;
        }
    }
    assert!(actions > 0);
}

/// Types that share parts are written out in full, so a few lines could fill the memory.
#[test]
fn a_schema_has_a_limit() {
    let mut items = "record t0 { a: u8, b: u8 }".to_string();
    for level in 1..14 {
        let below = level - 1;
        items.push_str(&format!("record t{level} {{ a: t{below}, b: t{below} }}"));
    }
    let contract = Contract::of(&items, "t13");
    let refused = input(contract.resolve(), contract.function("f")).unwrap_err();
    assert!(refused.to_string().contains("make them smaller"), "{refused}");
}
