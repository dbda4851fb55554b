//! `$search` on objects of the directory. Source: "Use the $search query parameter", directory
//! objects.

use std::borrow::Cow;

use super::Query;
use crate::objects::{Field, Object, Type};
use crate::refusal::Refusal;

/// The properties whose words are searched; of the others, the beginning is. Source: as above.
const TOKENIZED: [&str; 2] = ["displayName", "description"];

/// A search: one of the alternatives holds, all of whose clauses hold.
#[derive(Clone, Debug)]
pub struct Search(Vec<Vec<Clause>>);

#[derive(Clone, Debug)]
struct Clause {
    property: &'static str,
    /// In lower case.
    text: String,
}

impl Search {
    /// Parses the option of a query, if it is there. It needs the header
    /// `ConsistencyLevel: eventual`.
    pub fn of(query: &Query, kind: Type, eventual: bool) -> Result<Option<Self>, Refusal> {
        let Some(option) = query.get("$search") else { return Ok(None) };
        if !eventual {
            return Err(Refusal::search_needs_eventual());
        }
        parse(option, kind).map(Some)
    }

    /// Returns whether the search finds `object`.
    pub fn finds(&self, object: Object<'_>) -> bool {
        self.0.iter().any(|all| all.iter().all(|clause| clause.holds(object)))
    }
}

impl Clause {
    /// Parses `property:text`.
    fn parse(text: &str, kind: Type) -> Result<Self, Refusal> {
        let (name, text) = text.split_once(':').ok_or_else(invalid)?;
        let property = kind.property(name.trim()).ok_or_else(|| {
            Refusal::unsupported(format!(
                "Unsupported or invalid search clause specified for property '{name}' of resource '{}'.",
                kind.resource()
            ))
        })?;
        Ok(Self { property: property.name, text: text.trim().to_lowercase() })
    }

    fn holds(&self, object: Object<'_>) -> bool {
        let holds = |own: &str| match TOKENIZED.contains(&self.property) {
            true => has_words(own, &self.text),
            false => own.to_lowercase().starts_with(&self.text),
        };
        match object.field(self.property) {
            Field::Text(own) => holds(&own),
            Field::Texts(list) => list.iter().any(|own: &Cow<'_, str>| holds(own)),
            _ => false,
        }
    }
}

/// Returns whether each word of `sought` begins a word of `own`.
fn has_words(own: &str, sought: &str) -> bool {
    let own = words(own);
    words(sought).iter().all(|word| own.iter().any(|own| own.starts_with(word.as_str())))
}

/// Splits a text at spaces, symbols, numbers and changes of the case.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for c in text.chars() {
        let begins = before.is_none_or(|before: char| {
            c.is_numeric() != before.is_numeric() || (c.is_uppercase() && before.is_lowercase())
        });
        if !c.is_alphanumeric() {
            before = None;
            continue;
        }
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    words
}

/// Parses clauses in double quotes, between which there is `AND` or `OR`.
fn parse(option: &str, kind: Type) -> Result<Search, Refusal> {
    let mut alternatives = vec![Vec::new()];
    let mut rest = option.trim();
    loop {
        let (clause, after) = quoted(rest)?;
        if let Some(all) = alternatives.last_mut() {
            all.push(Clause::parse(&clause, kind)?);
        }
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(Search(alternatives));
        }
        // Without a word between them, clauses are joined by AND.
        match (rest.strip_prefix("AND "), rest.strip_prefix("OR ")) {
            (Some(after), _) => rest = after.trim_start(),
            (_, Some(after)) => {
                alternatives.push(Vec::new());
                rest = after.trim_start();
            }
            _ => {}
        }
    }
}

/// Returns the text in quotes at the beginning, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), Refusal> {
    let mut chars = text.strip_prefix('"').ok_or_else(invalid)?.chars();
    let mut clause = String::new();
    loop {
        match chars.next().ok_or_else(invalid)? {
            '"' => return Ok((clause, chars.as_str())),
            '\\' => clause.push(chars.next().ok_or_else(invalid)?),
            c => clause.push(c),
        }
    }
}

/// Not documented for other forms.
fn invalid() -> Refusal {
    Refusal::malformed(
        "Invalid $search clause: each clause is in double quotes and names a property, such as \"displayName:Anna\".",
    )
}
