//! Texts from others, as people see them.

/// Returns a text without what would control a terminal or mislead its reader.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if misleads(c) { '\u{fffd}' } else { c }).collect()
}

/// Returns whether a character controls a terminal or misrepresents the text: line breaks, changes
/// of the writing direction (Unicode Annex 9), and invisible characters. The joiners U+200C and
/// U+200D belong to words of some languages.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
