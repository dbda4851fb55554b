//! `$expand` on objects of the directory.

use super::{Query, select};
use crate::objects::Type;
use crate::refusal::Refusal;
use crate::relations::Relation;

/// An expanded relation.
#[derive(Clone, Debug)]
pub struct Expand {
    /// The relation.
    pub relation: Relation,
    /// The selected properties of the related objects; `None` for the default ones.
    pub select: Option<Vec<&'static str>>,
}

impl Expand {
    /// Parses the option of a query on objects of the type `kind`.
    pub fn of(query: &Query, kind: Type) -> Result<Vec<Self>, Refusal> {
        let option = query.get("$expand").unwrap_or_default();
        let items = split(option, ',');
        items.map(str::trim).filter(|item| !item.is_empty()).map(|item| one(item, kind)).collect()
    }
}

/// Parses an item, such as `manager($select=id,displayName)`.
fn one(item: &str, kind: Type) -> Result<Expand, Refusal> {
    let (name, options) = match item.split_once('(') {
        None => (item, ""),
        Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(|| invalid(item))?),
    };
    let name = name.trim();
    let relation = Relation::find(kind, name).ok_or_else(|| unknown(name, kind))?;
    let mut expand = Expand { relation, select: None };
    for option in split(options, ';').map(str::trim).filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').ok_or_else(|| invalid(item))?;
        match name.trim().to_ascii_lowercase().as_str() {
            "$select" => expand.select = select::of_type(value, Type::Any)?,
            // One level is what there is without the option.
            "$levels" if value.trim() == "1" => {}
            other => return Err(Refusal::not_simulated(&format!("{other} in $expand"))),
        }
    }
    Ok(expand)
}

fn unknown(name: &str, kind: Type) -> Refusal {
    let names = match kind {
        Type::User => graph::names::USER,
        Type::Group => graph::names::GROUP,
        Type::Any => graph::names::DIRECTORY_OBJECT,
    };
    if graph::names::has(names, name) {
        return Refusal::not_simulated(&format!("$expand={name}"));
    }
    Refusal::malformed(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
        kind.name()
    ))
}

fn invalid(item: &str) -> Refusal {
    Refusal::malformed(format!("Parsing OData Select and Expand failed: Syntax error in '{item}'."))
}

/// Splits a text at `separator` outside parentheses.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |c| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == separator && depth == 0
    })
}
