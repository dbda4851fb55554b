//! The lexer of `$filter`.

use crate::refusal::Refusal;

/// The longest filter, in characters.
const LONGEST: usize = 8_000;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name, a keyword, a number or a GUID.
    Word(String),
    /// A string in quotes.
    Quoted(String),
    Open,
    Close,
    Comma,
}

/// Returns Graph's refusal of an invalid filter.
pub fn invalid(what: &str) -> Refusal {
    Refusal::malformed(format!("Invalid filter clause: {what}."))
}

/// Splits a filter into tokens.
pub fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    if text.chars().nth(LONGEST).is_some() {
        return Err(invalid("it is too long"));
    }
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            '\'' => tokens.push(Token::Quoted(quoted(&mut rest)?)),
            c if c.is_whitespace() => {}
            c => {
                let mut word = String::from(c);
                while let Some(c) =
                    rest.next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ',' | '\''))
                {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

/// Reads a string up to its closing quote; quotes in it are doubled.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, Refusal> {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\'' if rest.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => return Ok(text),
            c => text.push(c),
        }
    }
    Err(invalid("there is an unterminated string literal"))
}
