//! Lists of choices: what an input is chosen from, as an action returns it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A list of choices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceList {
    /// The action that returns the items.
    pub action: String,
    /// The property of its result that has the items; `None` if the result is a list itself.
    pub items: Option<String>,
    /// The property of an item that the input takes.
    pub value: String,
    /// The property of an item that a person sees.
    pub title: String,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What the input takes.
    pub value: Value,
    /// What a person sees.
    pub title: Value,
}

impl ChoiceList {
    /// Returns the choices in a result of the action; `None` if it has no such list.
    pub fn of(&self, result: &Value) -> Option<Vec<Choice>> {
        let items = match &self.items {
            Some(name) => result.get(name)?,
            None => result,
        };
        let choice = |item: &Value| {
            let value = item.get(&self.value)?.clone();
            let title = item.get(&self.title).unwrap_or(&value).clone();
            Some(Choice { value, title })
        };
        items.as_array()?.iter().map(choice).collect()
    }
}
