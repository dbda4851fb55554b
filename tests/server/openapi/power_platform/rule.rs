//! A rule, and the changes that must break it.

use serde_json::Value;

/// What Power Platform expects of a document.
pub struct Rule {
    /// What holds of the document.
    pub holds: &'static str,
    /// What Power Platform does otherwise.
    pub otherwise: &'static str,
    /// Where a document breaks the rule.
    pub broken_at: fn(&Value) -> Vec<String>,
    /// Changes of the document, each of which breaks the rule.
    pub changes: &'static [fn(&mut Value)],
}

/// The operation of an action.
pub const CREATE: &str = "/paths/~1v1~1actions~1create-user/post";
/// The operation of a list.
pub const LICENSES: &str = "/paths/~1v1~1choices~1licenses/get";
/// The list of actions.
pub const ACTIONS: &str = "/paths/~1v1~1actions/get";
/// The properties of the input of [`CREATE`].
pub const INPUTS: &str = "/definitions/CreateUserInput/properties";

/// A place in a document that a change is made at.
pub fn at<'a>(document: &'a mut Value, place: &str) -> &'a mut Value {
    document.pointer_mut(place).unwrap_or_else(|| panic!("no {place}"))
}

/// Sets a member of the object at a place.
pub fn set(document: &mut Value, place: &str, name: &str, value: impl Into<Value>) {
    let members = at(document, place).as_object_mut().unwrap();
    members.insert(name.to_owned(), value.into());
}

/// Removes a member of the object at a place.
pub fn remove(document: &mut Value, place: &str, name: &str) {
    let removed = at(document, place).as_object_mut().unwrap().remove(name);
    assert!(removed.is_some(), "no {name} at {place}");
}

/// Adds an item to the array at a place.
pub fn push(document: &mut Value, place: &str, item: impl Into<Value>) {
    at(document, place).as_array_mut().unwrap().push(item.into());
}

/// Moves an operation to another path.
pub fn move_path(document: &mut Value, from: &str, to: &str) {
    let paths = document["paths"].as_object_mut().unwrap();
    let item = paths.remove(from).unwrap();
    paths.insert(to.to_owned(), item);
}

/// The places of those that are so.
pub fn places<T>(
    all: impl IntoIterator<Item = (String, T)>,
    is_so: impl Fn(&T) -> bool,
) -> Vec<String> {
    all.into_iter().filter(|(_, one)| is_so(one)).map(|(place, _)| place).collect()
}

/// The name of what is wrong, if it is.
pub fn unless(holds: bool, what: &str) -> Vec<String> {
    if holds { Vec::new() } else { vec![what.to_owned()] }
}
