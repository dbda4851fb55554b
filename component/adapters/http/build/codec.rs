//! The source that reads the inputs of the actions from JSON, and writes their results.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;

use values::json_name;
use wit_parser::{Enum, Interface, Record, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner};

use super::actions;

/// The words of Rust that a field or a function can have as its name.
const KEYWORDS: [&str; 8] = ["type", "use", "match", "move", "ref", "in", "where", "for"];

/// Returns the source of the codec.
pub fn source(resolve: &Resolve, interfaces: &[&Interface]) -> Result<String, Box<dyn Error>> {
    let mut writer = Writer { resolve, source: String::new(), done: BTreeSet::new() };
    let mut arms = String::new();
    for (interface, function) in actions(interfaces) {
        let interface = interface.name.as_deref().ok_or("an interface has no name")?;
        let [input] = function.params.as_slice() else {
            return Err(format!("{} does not take one record", function.name).into());
        };
        writer.add(&input.ty, Direction::Input)?;
        if let Some(Type::Id(id)) = function.result {
            writer.add(&Type::Id(id), Direction::Output)?;
        }
        let (name, path) = (&function.name, snake(interface));
        let call = snake(name);
        writeln!(arms, "        {name:?} => run(input, |input| imports::{path}::{call}(&input)),")?;
    }
    writeln!(
        writer.source,
        "/// Calls an action.\n\
         pub fn call(action: &str, input: &Value) -> Called {{\n    match action {{\n{arms}        \
         _ => Called::NoSuchAction,\n    }}\n}}"
    )?;
    Ok(writer.source)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    Input,
    Output,
}

struct Writer<'a> {
    resolve: &'a Resolve,
    source: String,
    done: BTreeSet<(usize, Direction)>,
}

impl Writer<'_> {
    /// Writes what converts a type, and the types in it.
    fn add(&mut self, ty: &Type, direction: Direction) -> Result<(), Box<dyn Error>> {
        let Type::Id(id) = ty else { return Ok(()) };
        let definition = self.definition(*id)?.clone();
        if !self.done.insert((id.index(), direction)) {
            return Ok(());
        }
        match &definition.kind {
            TypeDefKind::Type(ty) | TypeDefKind::List(ty) | TypeDefKind::Option(ty) => {
                self.add(ty, direction)
            }
            TypeDefKind::Result(result) => {
                let parts = [result.ok, result.err];
                parts.iter().flatten().try_for_each(|ty| self.add(ty, direction))
            }
            TypeDefKind::Record(record) => {
                record.fields.iter().try_for_each(|field| self.add(&field.ty, direction))?;
                self.record(&self.path(&definition)?, record, direction)
            }
            TypeDefKind::Enum(cases) => self.cases(&self.path(&definition)?, cases, direction),
            other => Err(format!(
                "component/adapters/http/build/codec.rs has no JSON for a {}",
                other.as_str()
            )
            .into()),
        }
    }

    fn definition(&self, id: TypeId) -> Result<&TypeDef, Box<dyn Error>> {
        Ok(self.resolve.types.get(id).ok_or("a type is missing")?)
    }

    /// Returns the path of a type in the bindings.
    fn path(&self, definition: &TypeDef) -> Result<String, Box<dyn Error>> {
        let TypeOwner::Interface(owner) = definition.owner else {
            return Err("a type is in no interface".into());
        };
        let interface = self.resolve.interfaces.get(owner).and_then(|owner| owner.name.as_deref());
        let name = definition.name.as_deref().ok_or("a type has no name")?;
        Ok(format!("imports::{}::{}", snake(interface.unwrap_or_default()), camel(name)))
    }

    fn record(
        &mut self,
        path: &str,
        record: &Record,
        direction: Direction,
    ) -> Result<(), Box<dyn Error>> {
        let fields = record.fields.iter().map(|field| (snake(&field.name), json_name(&field.name)));
        let fields: Vec<_> = fields.collect();
        let source = &mut self.source;
        if direction == Direction::Output {
            writeln!(source, "impl Output for {path} {{\n    fn write(self) -> Value {{")?;
            writeln!(source, "        let mut object = Map::new();")?;
            for (field, key) in &fields {
                writeln!(source, "        member(&mut object, {key:?}, self.{field});")?;
            }
            writeln!(source, "        Value::Object(object)\n    }}\n}}\n")?;
            return Ok(());
        }
        let keys: Vec<_> = fields.iter().map(|(_, key)| format!("{key:?}")).collect();
        writeln!(source, "impl Input for {path} {{")?;
        writeln!(source, "    fn expected() -> String {{\n        \"an object\".into()\n    }}\n")?;
        writeln!(source, "    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {{")?;
        writeln!(source, "        let object = reader.object::<Self>(value)?;")?;
        for (field, key) in &fields {
            writeln!(source, "        let {field} = reader.member(object, {key:?});")?;
        }
        writeln!(source, "        reader.unknown(object, &[{}]);", keys.join(", "))?;
        let names: Vec<_> = fields.iter().map(|(field, _)| format!("{field}: {field}?")).collect();
        writeln!(source, "        Some(Self {{ {} }})\n    }}\n}}\n", names.join(", "))?;
        Ok(())
    }

    fn cases(
        &mut self,
        path: &str,
        cases: &Enum,
        direction: Direction,
    ) -> Result<(), Box<dyn Error>> {
        let names: Vec<_> = cases.cases.iter().map(|case| case.name.as_str()).collect();
        let source = &mut self.source;
        if direction == Direction::Output {
            writeln!(source, "impl Output for {path} {{\n    fn write(self) -> Value {{")?;
            writeln!(source, "        Value::from(match self {{")?;
            for name in names {
                writeln!(source, "            Self::{} => {name:?},", camel(name))?;
            }
            writeln!(source, "        }})\n    }}\n}}\n")?;
            return Ok(());
        }
        writeln!(source, "impl Input for {path} {{")?;
        writeln!(
            source,
            "    fn expected() -> String {{\n        values::problem::one_of({names:?}.into_iter())\n    }}\n"
        )?;
        writeln!(source, "    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {{")?;
        writeln!(source, "        match reader.name(value, &{names:?})? {{")?;
        for name in &names {
            writeln!(source, "            {name:?} => Some(Self::{}),", camel(name))?;
        }
        writeln!(source, "            _ => None,\n        }}\n    }}\n}}\n")?;
        Ok(())
    }
}

/// Returns the name of a field, a function or a module.
fn snake(wit: &str) -> String {
    let name = wit.replace('-', "_");
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// Returns the name of a type or a case.
fn camel(wit: &str) -> String {
    let mut name = String::new();
    for word in wit.split('-') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}
