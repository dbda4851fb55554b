//! Schemas of records and of the cases of variants.

use serde_json::{Map, Value, json};
use wit_parser::{Case, Field, Record, Type, TypeDefKind, Variant};

use super::{NoSchema, Writer, Written, docs, kind};
use crate::keys::{KIND, VALUE};
use crate::name::json_name;

impl Writer<'_> {
    pub(super) fn record(&mut self, record: &Record) -> Written {
        let mut object = Object::default();
        self.fields(&record.fields, &mut object)?;
        Ok(object.finish())
    }

    fn fields(&mut self, fields: &[Field], object: &mut Object) -> Result<(), NoSchema> {
        for field in fields {
            let schema = docs::describe(self.schema(&field.ty)?, &field.docs);
            object.property(json_name(&field.name), schema, !self.is_option(&field.ty));
        }
        Ok(())
    }

    pub(super) fn variant(&mut self, variant: &Variant) -> Written {
        let cases: Vec<Value> =
            variant.cases.iter().map(|case| self.case(case)).collect::<Result<_, _>>()?;
        Ok(json!({"oneOf": cases}))
    }

    fn case(&mut self, case: &Case) -> Written {
        let mut object = Object::default();
        object.property(KIND.into(), json!({"const": case.name}), true);
        match case.ty {
            None => {}
            Some(ty) => match self.beside(&ty) {
                Some(record) => self.fields(&record.fields, &mut object)?,
                None => {
                    let schema = self.schema(&ty)?;
                    object.property(VALUE.into(), schema, !self.is_option(&ty));
                }
            },
        }
        Ok(docs::describe(object.finish(), &case.docs))
    }

    /// Returns the record whose fields stand beside `kind`: one without a field of that name.
    fn beside(&self, ty: &Type) -> Option<Record> {
        match kind(self.resolve, ty) {
            Some(TypeDefKind::Record(record)) if record.fields.iter().all(|f| f.name != KIND) => {
                Some(record.clone())
            }
            _ => None,
        }
    }
}

#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Object {
    fn property(&mut self, name: String, schema: Value, required: bool) {
        if required {
            self.required.push(name.clone().into());
        }
        self.properties.insert(name, schema);
    }

    fn finish(self) -> Value {
        json!({
            "type": "object", "properties": self.properties, "required": self.required,
            "additionalProperties": false,
        })
    }
}

/// Returns the schema of an object with exactly the key `name`.
pub(super) fn closed(name: &str, schema: Value) -> Value {
    let mut object = Object::default();
    object.property(name.into(), schema, true);
    object.finish()
}
