//! The parser of `$filter`.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lex::{self, Token, invalid};
use super::{Filter, Test, Text};
use crate::refusal::Refusal;

/// The maximum depth of nested conditions.
const DEPTH: usize = 20;

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    advanced: bool,
    depth: usize,
}

/// Parses a filter.
pub fn filter(option: &str, advanced: bool) -> Result<Filter, Refusal> {
    let tokens = lex::tokens(option)?.into_iter().peekable();
    let mut parser = Parser { tokens, advanced, depth: 0 };
    let filter = parser.any()?;
    match parser.tokens.next() {
        None => Ok(filter),
        Some(_) => Err(invalid("something follows its end")),
    }
}

impl Parser {
    fn enter(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > DEPTH { Err(invalid("it is nested too deeply")) } else { Ok(()) }
    }

    /// Parses conditions with `or`.
    fn any(&mut self) -> Result<Filter, Refusal> {
        self.enter()?;
        let mut of = vec![self.all()?];
        while self.keyword("or") {
            of.push(self.all()?);
        }
        self.depth -= 1;
        let licences = of.iter().filter(|one| one.about_licences()).count();
        if licences > 0 && licences < of.len() {
            // Observed.
            return Err(Refusal::unsupported(
                "Complex query on property assignedLicenses is not supported.",
            ));
        }
        Ok(one_or(of, Filter::Or))
    }

    /// Parses conditions with `and`.
    fn all(&mut self) -> Result<Filter, Refusal> {
        let mut of = vec![self.one()?];
        while self.keyword("and") {
            of.push(self.one()?);
        }
        Ok(one_or(of, Filter::And))
    }

    fn one(&mut self) -> Result<Filter, Refusal> {
        if self.keyword("not") {
            self.needs_advanced("Not")?;
            self.enter()?;
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Filter::Not(Box::new(inner)));
        }
        match self.tokens.next() {
            Some(Token::Open) => {
                let inner = self.any()?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Some(Token::Word(word)) => self.named(&word),
            _ => Err(invalid("a condition is missing")),
        }
    }

    fn named(&mut self, word: &str) -> Result<Filter, Refusal> {
        match word.to_ascii_lowercase().as_str() {
            "startswith" => self.function(Test::StartsWith),
            "endswith" => {
                self.needs_advanced("endsWith")?;
                self.function(Test::EndsWith)
            }
            "assignedlicenses/any" => self.license(),
            "proxyaddresses/any" => self.address(),
            "assignedlicenses/$count" => self.license_count(),
            "accountenabled" => self.enabled(),
            _ => self.compared(word),
        }
    }

    /// `startswith(property, 'text')`.
    fn function(&mut self, test: Test) -> Result<Filter, Refusal> {
        self.expect(&Token::Open)?;
        let name = self.word()?;
        let property = Text::named(&name).ok_or_else(|| unsupported(&name))?;
        self.expect(&Token::Comma)?;
        let value = self.quoted()?;
        self.expect(&Token::Close)?;
        Ok(Filter::Text { property, test, value: Some(value) })
    }

    /// `(x:x/skuId eq GUID)`, which follows `assignedLicenses/any`.
    fn license(&mut self) -> Result<Filter, Refusal> {
        self.expect(&Token::Open)?;
        let path = self.lambda()?;
        let is_sku = path.is_some_and(|path| path.eq_ignore_ascii_case("/skuId"));
        if !is_sku || !self.keyword("eq") {
            return Err(unsupported("assignedLicenses"));
        }
        let id = match self.tokens.next() {
            Some(Token::Word(id) | Token::Quoted(id)) => id,
            _ => return Err(invalid("an id is missing")),
        };
        let sku = id.parse().map_err(|_| invalid("the id of a licence is no GUID"))?;
        self.expect(&Token::Close)?;
        Ok(Filter::License(sku))
    }

    /// `(x:x eq 'smtp:...')`, which follows `proxyAddresses/any`.
    fn address(&mut self) -> Result<Filter, Refusal> {
        self.expect(&Token::Open)?;
        if self.lambda()?.as_deref() != Some("") || !self.keyword("eq") {
            return Err(unsupported("proxyAddresses"));
        }
        let address = self.quoted()?;
        self.expect(&Token::Close)?;
        // All addresses are SMTP addresses.
        let smtp = address.strip_prefix("smtp:").unwrap_or_default();
        Ok(Filter::Address(smtp.to_owned()))
    }

    /// Parses `x:x` and returns the path after it; `None` if the variables differ.
    fn lambda(&mut self) -> Result<Option<String>, Refusal> {
        let mut text = self.word()?;
        if text.ends_with(':') {
            text.push_str(&self.word()?);
        }
        let path = text.split_once(':').and_then(|(variable, path)| path.strip_prefix(variable));
        Ok(path.map(ToOwned::to_owned))
    }

    /// `eq 0` or `ne 0`, which follows `assignedLicenses/$count`. Other numbers are not
    /// supported. Source: "Advanced query capabilities".
    fn license_count(&mut self) -> Result<Filter, Refusal> {
        if !self.advanced {
            return Err(Refusal::needs_eventual("$count"));
        }
        let operator = self.word()?;
        let number = self.word()?;
        match (operator.to_ascii_lowercase().as_str(), number.as_str()) {
            ("eq", "0") => Ok(Filter::Unlicensed),
            ("ne", "0") => Ok(Filter::Not(Box::new(Filter::Unlicensed))),
            _ => Err(unsupported("assignedLicenses")),
        }
    }

    fn enabled(&mut self) -> Result<Filter, Refusal> {
        let negated = self.operator("accountEnabled")?;
        match self.word()?.to_ascii_lowercase().as_str() {
            "true" => Ok(Filter::Enabled(!negated)),
            "false" => Ok(Filter::Enabled(negated)),
            _ => Err(invalid("accountEnabled is true or false")),
        }
    }

    /// `property eq 'text'` or `property in ('text', 'text')`.
    fn compared(&mut self, name: &str) -> Result<Filter, Refusal> {
        let property = Text::named(name).ok_or_else(|| unsupported(name))?;
        if self.keyword("in") {
            return self.among(property);
        }
        let negated = self.operator(name)?;
        let value = match self.tokens.next() {
            Some(Token::Quoted(text)) => Some(text.to_lowercase()),
            Some(Token::Word(word)) if word == "null" => None,
            _ => return Err(invalid("a text in quotes is missing")),
        };
        let equals = Filter::Text { property, test: Test::Equals, value };
        Ok(if negated { Filter::Not(Box::new(equals)) } else { equals })
    }

    fn among(&mut self, property: Text) -> Result<Filter, Refusal> {
        self.expect(&Token::Open)?;
        let mut of = Vec::new();
        loop {
            let value = Some(self.quoted()?);
            of.push(Filter::Text { property, test: Test::Equals, value });
            match self.tokens.next() {
                Some(Token::Comma) => {}
                Some(Token::Close) => return Ok(one_or(of, Filter::Or)),
                _ => return Err(invalid("a list has no end")),
            }
        }
    }

    /// Parses `eq` or `ne`. Returns whether it is `ne`.
    fn operator(&mut self, property: &str) -> Result<bool, Refusal> {
        match self.word()?.to_ascii_lowercase().as_str() {
            "eq" => Ok(false),
            "ne" => self.needs_advanced("NotEqualsMatch").map(|()| true),
            _ => Err(unsupported(property)),
        }
    }

    fn needs_advanced(&self, operator: &str) -> Result<(), Refusal> {
        if self.advanced { Ok(()) } else { Err(Refusal::needs_eventual(operator)) }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(keyword));
        self.tokens.next_if(is).is_some()
    }

    fn word(&mut self) -> Result<String, Refusal> {
        match self.tokens.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(invalid("a name or an operator is missing")),
        }
    }

    fn quoted(&mut self) -> Result<String, Refusal> {
        match self.tokens.next() {
            Some(Token::Quoted(text)) => Ok(text.to_lowercase()),
            _ => Err(invalid("a text in quotes is missing")),
        }
    }

    fn expect(&mut self, token: &Token) -> Result<(), Refusal> {
        match self.tokens.next_if_eq(token) {
            Some(_) => Ok(()),
            None => Err(invalid("its brackets or commas do not fit")),
        }
    }
}

fn one_or(mut of: Vec<Filter>, many: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match (of.pop(), of.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            of.extend(last);
            many(of)
        }
    }
}

fn unsupported(property: &str) -> Refusal {
    Refusal::unsupported(format!(
        "Unsupported or invalid query filter clause specified for property '{property}' of resource 'User'."
    ))
}
