//! JSON Schema (draft 2020-12) of the input, the result and the error of a function, from its
//! WIT.
//!
//! The schemas accept what the conversions accept, except that a schema states neither the range
//! of a 64-bit integer in a string nor which string is valid base64.

use serde_json::{Map, Value, json};
use wit_parser::{Function, Resolve, Result_, Type, TypeDef, TypeDefKind};

use super::MAX_DEPTH;
use super::keys::{ERROR, OK, SOME};

mod components;
mod docs;
mod object;

pub use components::Components;

/// The draft of the schemas.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The most types in one schema. Each type is written where it is used, so nested ones could grow
/// without bound.
const MAX_TYPES: usize = 10_000;

/// A function or a type without a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSchema {
    /// The function does not take one record.
    #[error("the function `{function}` takes {params} parameters; give it one record instead")]
    Parameters {
        /// The function.
        function: String,
        /// The number of parameters.
        params: usize,
    },
    /// A type has no JSON form.
    #[error("the function `{0}` uses {1}; use plain values only")]
    Handle(String, &'static str),
    /// The types are too deep or too many.
    #[error(
        "the types of the function `{0}` nest deeper than {MAX_DEPTH} levels or have more than \
         {MAX_TYPES} parts; make them smaller"
    )]
    TooLarge(String),
}

/// Returns the schema of the input. Fails for a function of none or several parameters, and for
/// types without a schema.
pub fn input(resolve: &Resolve, function: &Function) -> Result<Value, NoSchema> {
    let ty = parameter(function)?;
    Writer::new(resolve, function).root(Some(&ty))
}

/// Returns the schema of the result, which is null for a function without one. Fails for types
/// without a schema.
pub fn output(resolve: &Resolve, function: &Function) -> Result<Value, NoSchema> {
    Writer::new(resolve, function).root(success(resolve, function).as_ref())
}

/// Returns the schema of the error, or `None` for a function that cannot fail. Fails for types
/// without a schema.
pub fn error(resolve: &Resolve, function: &Function) -> Result<Option<Value>, NoSchema> {
    result(resolve, function)
        .map(|result| Writer::new(resolve, function).root(result.err.as_ref()))
        .transpose()
}

/// Returns the type of the only parameter.
fn parameter(function: &Function) -> Result<Type, NoSchema> {
    match function.params.as_slice() {
        [param] => Ok(param.ty),
        params => {
            Err(NoSchema::Parameters { function: function.name.clone(), params: params.len() })
        }
    }
}

/// Returns the type of the result.
fn success(resolve: &Resolve, function: &Function) -> Option<Type> {
    match result(resolve, function) {
        Some(result) => result.ok,
        None => function.result,
    }
}

/// Returns the `result` type of the function.
fn result<'r>(resolve: &'r Resolve, function: &Function) -> Option<&'r Result_> {
    match kind(resolve, function.result.as_ref()?)? {
        TypeDefKind::Result(result) => Some(result),
        _ => None,
    }
}

/// Resolves aliases.
fn unaliased(resolve: &Resolve, mut ty: Type) -> Type {
    while let Type::Id(id) = ty
        && let Some(TypeDef { kind: TypeDefKind::Type(alias), .. }) = resolve.types.get(id)
    {
        ty = *alias;
    }
    ty
}

/// Returns the definition of a type behind its aliases.
fn kind<'r>(resolve: &'r Resolve, ty: &Type) -> Option<&'r TypeDefKind> {
    match unaliased(resolve, *ty) {
        Type::Id(id) => resolve.types.get(id).map(|def| &def.kind),
        _ => None,
    }
}

/// Writes one schema.
struct Writer<'r> {
    resolve: &'r Resolve,
    function: &'r Function,
    depth: usize,
    types: usize,
    /// The named schemas of a document; `None` where each type is written in its place.
    components: Option<&'r mut Components>,
}

type Written = Result<Value, NoSchema>;

impl<'r> Writer<'r> {
    fn new(resolve: &'r Resolve, function: &'r Function) -> Self {
        Self { resolve, function, depth: 0, types: 0, components: None }
    }

    /// Writes the whole schema, with its draft.
    fn root(mut self, ty: Option<&Type>) -> Written {
        let mut root = Map::from_iter([("$schema".to_owned(), DRAFT.into())]);
        if let Value::Object(schema) = self.payload(ty)? {
            root.extend(schema);
        }
        Ok(Value::Object(root))
    }

    /// Writes the schema of a payload, which is null without a type.
    fn payload(&mut self, ty: Option<&Type>) -> Written {
        ty.map_or_else(|| Ok(json!({"type": "null"})), |ty| self.schema(ty))
    }

    fn schema(&mut self, ty: &Type) -> Written {
        self.types += 1;
        if self.depth >= MAX_DEPTH || self.types > MAX_TYPES {
            return Err(NoSchema::TooLarge(self.function.name.clone()));
        }
        self.depth += 1;
        let schema = self.unbounded(ty);
        self.depth -= 1;
        schema
    }

    /// Writes a schema whose limits were checked.
    fn unbounded(&mut self, ty: &Type) -> Written {
        Ok(match ty {
            Type::Bool => json!({"type": "boolean"}),
            Type::U8 => integer(u8::MIN, u8::MAX),
            Type::U16 => integer(u16::MIN, u16::MAX),
            Type::U32 => integer(u32::MIN, u32::MAX),
            Type::S8 => integer(i8::MIN, i8::MAX),
            Type::S16 => integer(i16::MIN, i16::MAX),
            Type::S32 => integer(i32::MIN, i32::MAX),
            Type::U64 => long(integer(u64::MIN, u64::MAX), "^(0|[1-9][0-9]{0,19})$"),
            Type::S64 => long(integer(i64::MIN, i64::MAX), "^(0|-?[1-9][0-9]{0,18})$"),
            Type::F32 => json!({
                "type": "number", "minimum": f64::from(f32::MIN), "maximum": f64::from(f32::MAX),
            }),
            Type::F64 => json!({"type": "number"}),
            Type::Char => json!({"type": "string", "minLength": 1, "maxLength": 1}),
            Type::String => json!({"type": "string"}),
            Type::ErrorContext => return self.handle("an error-context"),
            Type::Id(id) => match self.resolve.types.get(*id) {
                Some(def) => match self.reference(*id, def)? {
                    Some(reference) => reference,
                    None => docs::describe(self.defined(def)?, &def.docs),
                },
                None => return self.handle("a type of another package"),
            },
        })
    }

    fn defined(&mut self, def: &TypeDef) -> Written {
        Ok(match &def.kind {
            TypeDefKind::Type(ty) => self.schema(ty)?,
            TypeDefKind::List(item) if unaliased(self.resolve, *item) == Type::U8 => bytes(),
            TypeDefKind::List(item) => json!({"type": "array", "items": self.schema(item)?}),
            TypeDefKind::FixedLengthList(item, length) => json!({
                "type": "array", "items": self.schema(item)?, "minItems": length, "maxItems": length,
            }),
            TypeDefKind::Tuple(tuple) => self.tuple(&tuple.types)?,
            TypeDefKind::Map(key, value) => {
                json!({"type": "array", "items": self.tuple(&[*key, *value])?})
            }
            TypeDefKind::Record(record) => self.record(record)?,
            TypeDefKind::Variant(variant) => self.variant(variant)?,
            TypeDefKind::Enum(cases) => docs::named(
                json!({"type": "string", "enum": names(cases.cases.iter().map(|c| &c.name))}),
                cases.cases.iter().map(|case| (case.name.as_str(), &case.docs)),
            ),
            TypeDefKind::Flags(flags) => docs::named(
                json!({
                    "type": "array", "uniqueItems": true,
                    "items": {"type": "string", "enum": names(flags.flags.iter().map(|f| &f.name))},
                }),
                flags.flags.iter().map(|flag| (flag.name.as_str(), &flag.docs)),
            ),
            TypeDefKind::Option(payload) => self.option(payload)?,
            TypeDefKind::Result(result) => json!({"oneOf": [
                object::closed(OK, self.payload(result.ok.as_ref())?),
                object::closed(ERROR, self.payload(result.err.as_ref())?),
            ]}),
            TypeDefKind::Resource | TypeDefKind::Handle(_) => return self.handle("a resource"),
            TypeDefKind::Future(_) => return self.handle("a future"),
            TypeDefKind::Stream(_) => return self.handle("a stream"),
            TypeDefKind::Unknown => return self.handle("a type of another package"),
        })
    }

    fn handle(&self, kind: &'static str) -> Written {
        Err(NoSchema::Handle(self.function.name.clone(), kind))
    }

    fn tuple(&mut self, types: &[Type]) -> Written {
        let items: Vec<Value> = types.iter().map(|ty| self.schema(ty)).collect::<Result<_, _>>()?;
        Ok(json!({
            "type": "array", "prefixItems": items, "items": false,
            "minItems": types.len(), "maxItems": types.len(),
        }))
    }

    fn option(&mut self, payload: &Type) -> Written {
        let schema = self.schema(payload)?;
        if self.is_option(payload) {
            return Ok(json!({"anyOf": [object::closed(SOME, schema), {"type": "null"}]}));
        }
        Ok(nullable(schema))
    }

    fn is_option(&self, ty: &Type) -> bool {
        matches!(kind(self.resolve, ty), Some(TypeDefKind::Option(_)))
    }
}

fn integer<T: Into<Value>>(min: T, max: T) -> Value {
    let (min, max): (Value, Value) = (min.into(), max.into());
    json!({"type": "integer", "minimum": min, "maximum": max})
}

fn long(integer: Value, pattern: &str) -> Value {
    json!({"anyOf": [integer, {"type": "string", "pattern": pattern}]})
}

fn bytes() -> Value {
    json!({
        "type": "string", "contentEncoding": "base64",
        "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    })
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Value {
    names.cloned().collect()
}

/// Allows null beside a schema, and keeps the description at its top.
fn nullable(mut schema: Value) -> Value {
    if schema.get("enum").is_none()
        && let Some(ty @ Value::String(_)) = schema.get_mut("type")
    {
        let name = ty.take();
        *ty = json!([name, "null"]);
        return schema;
    }
    let description = schema.as_object_mut().and_then(|object| object.shift_remove("description"));
    let mut either = json!({"anyOf": [schema, {"type": "null"}]});
    if let (Some(object), Some(description)) = (either.as_object_mut(), description) {
        object.insert("description".into(), description);
    }
    either
}
