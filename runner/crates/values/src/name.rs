//! Names: kebab-case in WIT, camelCase in JSON.

/// The JSON name of a record field with the WIT name `wit`: `service-id` becomes `serviceId`.
///
/// A hyphen goes, and the letter after it is raised, between two lower-case words
/// of which the second begins with a letter. Every other hyphen stays: `key1` and
/// `key-1` are different names, and so are `user-ID` and `user-i-d`. That keeps the
/// mapping exact: two WIT names never share a JSON name.
pub fn json_name(wit: &str) -> String {
    let mut name = String::with_capacity(wit.len());
    let mut after_lower = false;
    for (position, word) in wit.split('-').enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if after_lower && first.is_ascii_lowercase() => {
                name.push(first.to_ascii_uppercase());
                name.push_str(letters.as_str());
            }
            _ => {
                if position > 0 {
                    name.push('-');
                }
                name.push_str(word);
            }
        }
        after_lower = word.contains(|c: char| c.is_ascii_lowercase());
    }
    name
}
