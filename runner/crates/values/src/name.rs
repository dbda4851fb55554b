//! Names, which are kebab-case in WIT and camelCase in JSON.

/// Returns the JSON name of a record field: `service-id` becomes `serviceId`.
///
/// A hyphen between two lower-case words is removed and the next letter is raised, if it is a
/// letter. Every other hyphen stays: `key1` and `key-1` are different names, and so are `user-ID`
/// and `user-i-d`. So two names in WIT never share a JSON name.
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
