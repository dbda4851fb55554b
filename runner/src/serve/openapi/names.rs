//! Names of things as each place needs them, from their names in kebab-case or camelCase.

/// Words that are not written as others are.
const SPELLED: [(&str, &str); 7] = [
    ("aws", "AWS"),
    ("azure", "Azure"),
    ("id", "ID"),
    ("ip", "IP"),
    ("sku", "SKU"),
    ("upn", "UPN"),
    ("url", "URL"),
];

/// Returns `createUser` for `create-user`.
pub fn camel_case(name: &str) -> String {
    let mut pascal = pascal_case(name);
    if let Some(first) = pascal.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    pascal
}

/// Returns `CreateUser` for `create-user`.
pub fn pascal_case(name: &str) -> String {
    words(name).iter().map(|word| capitalized(word)).collect()
}

/// Returns `Connection ID` for `connectionId`.
pub fn title_case(name: &str) -> String {
    let words: Vec<String> =
        words(name).iter().map(|word| spelled(word).unwrap_or_else(|| capitalized(word))).collect();
    words.join(" ")
}

/// Returns `Create user` for `create-user`.
pub fn sentence_case(name: &str) -> String {
    let word = |(index, word): (usize, &String)| match spelled(word) {
        Some(spelled) => spelled,
        None if index == 0 => capitalized(word),
        None => word.clone(),
    };
    words(name).iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

/// Returns the words of a name, in lower case. A number is a word, too.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for letter in name.chars() {
        let is_letter = letter.is_ascii_alphanumeric();
        let starts = match before {
            Some(before) if letter.is_ascii_digit() => !before.is_ascii_digit(),
            Some(before) => !before.is_ascii_alphanumeric() || letter.is_ascii_uppercase(),
            None => true,
        };
        match words.last_mut() {
            Some(word) if is_letter && !starts => word.push(letter.to_ascii_lowercase()),
            _ if is_letter => words.push(letter.to_ascii_lowercase().to_string()),
            _ => {}
        }
        before = Some(letter);
    }
    words
}

fn spelled(word: &str) -> Option<String> {
    SPELLED.iter().find(|(lower, _)| *lower == word).map(|(_, spelled)| (*spelled).to_owned())
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
