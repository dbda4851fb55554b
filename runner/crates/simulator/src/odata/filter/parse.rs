//! The parser of `$filter`.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lex::{self, Token, invalid};
use super::{Filter, Literal, Test};
use crate::guid::Guid;
use crate::objects::Type;
use crate::refusal::Refusal;
use crate::relations::Relation;
use graph::properties::{Property, PropertyKind, Support};

/// The maximum depth of nested conditions.
const DEPTH: usize = 20;

/// The properties with `endsWith`. Source: "Advanced query capabilities".
const WITH_ENDINGS: [&str; 4] = ["mail", "otherMails", "userPrincipalName", "proxyAddresses"];

/// The properties that Graph filters by, and the simulator does not.
const UNFILTERED: [&str; 5] = [
    "assignedPlans",
    "identities",
    "hasMembersWithLicenseErrors",
    "provisionedPlans",
    "signInActivity",
];

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    kind: Type,
    advanced: bool,
    depth: usize,
}

/// Parses a filter.
pub fn filter(option: &str, kind: Type, advanced: bool) -> Result<Filter, Refusal> {
    let tokens = lex::tokens(option)?.into_iter().peekable();
    let mut parser = Parser { tokens, kind, advanced, depth: 0 };
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
            "endswith" => self.function(Test::EndsWith),
            _ => match word.rsplit_once('/') {
                Some((name, any)) if any.eq_ignore_ascii_case("any") => self.any_of(name),
                Some((name, count)) if count.eq_ignore_ascii_case("$count") => self.count_of(name),
                _ => self.compared(word),
            },
        }
    }

    /// `startswith(property, 'text')`.
    fn function(&mut self, test: Test) -> Result<Filter, Refusal> {
        self.expect(&Token::Open)?;
        let name = self.word()?;
        let property = self.property_of(&name, false)?;
        self.expect(&Token::Comma)?;
        self.ending(property, test)
    }

    /// `'text')`, which follows the property of a function.
    fn ending(&mut self, property: &'static Property, test: Test) -> Result<Filter, Refusal> {
        self.check_function(property, test)?;
        let value = Literal::Text(self.quoted()?);
        self.expect(&Token::Close)?;
        Ok(Filter::Compare { property: property.name, test, value })
    }

    fn check_function(&self, property: &Property, test: Test) -> Result<(), Refusal> {
        if test == Test::StartsWith {
            return self.check(property.filters.prefix, property.name);
        }
        self.needs_advanced("endsWith")?;
        match WITH_ENDINGS.contains(&property.name) {
            true => Ok(()),
            false => Err(self.unsupported(property.name)),
        }
    }

    /// `(x:x eq 'text')`, `(x:x/skuId eq GUID)` or `(x:startswith(x,'text'))`, which follows
    /// `property/any`.
    fn any_of(&mut self, name: &str) -> Result<Filter, Refusal> {
        let property = self.property_of(name, true)?;
        self.expect(&Token::Open)?;
        let lambda = Lambda::parse(self)?;
        let is_sku = property.name == "assignedLicenses";
        let filter = match lambda {
            Lambda::Function(test) => {
                let filter = self.ending(property, test)?;
                self.expect(&Token::Close)?;
                return Ok(filter);
            }
            Lambda::Item(path) if is_sku == path.eq_ignore_ascii_case("/skuId") => {
                self.check(property.filters.equal, property.name)?;
                let test = self.comparison(property)?;
                let value = self.item(is_sku)?;
                Filter::Compare { property: property.name, test, value }
            }
            Lambda::Item(_) => return Err(self.unsupported(property.name)),
        };
        self.expect(&Token::Close)?;
        Ok(filter)
    }

    /// The value that the items of a list are compared with.
    fn item(&mut self, is_id: bool) -> Result<Literal, Refusal> {
        let text = match self.tokens.next() {
            Some(Token::Quoted(text)) => text,
            Some(Token::Word(text)) if is_id => text,
            _ => return Err(invalid("a text in quotes is missing")),
        };
        if is_id && text.parse::<Guid>().is_err() {
            return Err(invalid("the id of a licence is no GUID"));
        }
        Ok(Literal::Text(text.to_lowercase()))
    }

    /// `eq 0` or `ne 0`, which follows `property/$count`. Other numbers are not supported. Source:
    /// "Advanced query capabilities".
    fn count_of(&mut self, name: &str) -> Result<Filter, Refusal> {
        let property = self.property_of(name, true)?;
        if !self.advanced {
            return Err(Refusal::needs_eventual("$count"));
        }
        let operator = self.word()?;
        let number = self.word()?;
        let empty = Filter::Empty(property.name);
        match (operator.to_ascii_lowercase().as_str(), number.as_str()) {
            ("eq", "0") => Ok(empty),
            ("ne", "0") => Ok(Filter::Not(Box::new(empty))),
            _ => Err(self.unsupported(name)),
        }
    }

    /// `property eq value`, with `ne`, `ge`, `le` or `in` also.
    fn compared(&mut self, name: &str) -> Result<Filter, Refusal> {
        let property = self.property_of(name, false)?;
        if self.keyword("in") {
            self.check(property.filters.equal, property.name)?;
            return self.among(property);
        }
        let negated = self.keyword("ne");
        let test = match negated {
            true => {
                self.needs_advanced("NotEqualsMatch")?;
                Test::Equals
            }
            false => self.comparison(property)?,
        };
        let value = self.value(property)?;
        let support = match value {
            Literal::Null => property.filters.null,
            _ => property.filters.equal,
        };
        if test == Test::Equals {
            self.check(support, property.name)?;
        }
        let compared = Filter::Compare { property: property.name, test, value };
        Ok(if negated { Filter::Not(Box::new(compared)) } else { compared })
    }

    /// Parses `eq`, `ge` or `le`.
    fn comparison(&mut self, property: &Property) -> Result<Test, Refusal> {
        let test = match self.word()?.to_ascii_lowercase().as_str() {
            "eq" => return Ok(Test::Equals),
            "ge" => Test::AtLeast,
            "le" => Test::AtMost,
            _ => return Err(self.unsupported(property.name)),
        };
        self.check(property.filters.range, property.name)?;
        Ok(test)
    }

    fn value(&mut self, property: &Property) -> Result<Literal, Refusal> {
        let invalid = || invalid(&format!("the value of {} is not of its type", property.name));
        let (flags, times) = (
            matches!(property.kind, PropertyKind::Flag | PropertyKind::FixedFlag),
            matches!(property.kind, PropertyKind::Time | PropertyKind::FixedTime),
        );
        match self.tokens.next() {
            Some(Token::Word(word)) if word == "null" => Ok(Literal::Null),
            Some(Token::Quoted(text)) if !flags && !times => Ok(Literal::Text(text.to_lowercase())),
            Some(Token::Word(word)) if times => {
                word.parse().map(Literal::Time).map_err(|_| invalid())
            }
            Some(Token::Word(word)) if flags && word.eq_ignore_ascii_case("true") => {
                Ok(Literal::Flag(true))
            }
            Some(Token::Word(word)) if flags && word.eq_ignore_ascii_case("false") => {
                Ok(Literal::Flag(false))
            }
            _ => Err(invalid()),
        }
    }

    fn among(&mut self, property: &'static Property) -> Result<Filter, Refusal> {
        self.expect(&Token::Open)?;
        let mut of = Vec::new();
        loop {
            let value = self.value(property)?;
            of.push(Filter::Compare { property: property.name, test: Test::Equals, value });
            match self.tokens.next() {
                Some(Token::Comma) => {}
                Some(Token::Close) => return Ok(one_or(of, Filter::Or)),
                _ => return Err(invalid("a list has no end")),
            }
        }
    }

    /// Finds the property of a condition on a list or on a single value.
    fn property_of(&self, name: &str, is_list: bool) -> Result<&'static Property, Refusal> {
        let found = self.property(name)?;
        if found.is_list() == is_list { Ok(found) } else { Err(self.unsupported(found.name)) }
    }

    /// Finds the property of a condition.
    fn property(&self, name: &str) -> Result<&'static Property, Refusal> {
        let own = |name: &str| {
            self.kind.property(name).is_some() || Relation::find(self.kind, name).is_some()
        };
        let found = self.kind.property(name).ok_or_else(|| {
            match name.split('/').next().is_some_and(own) {
                true => Refusal::not_simulated(&format!("$filter on {name}")),
                false => self.unsupported(name),
            }
        })?;
        if found.kind == PropertyKind::Elsewhere || UNFILTERED.contains(&found.name) {
            return Err(Refusal::not_simulated(&format!("$filter on {}", found.name)));
        }
        Ok(found)
    }

    fn check(&self, support: Support, property: &str) -> Result<(), Refusal> {
        match support {
            Support::Always => Ok(()),
            Support::Advanced if self.advanced => Ok(()),
            _ => Err(self.unsupported(property)),
        }
    }

    fn unsupported(&self, property: &str) -> Refusal {
        Refusal::unsupported(format!(
            "Unsupported or invalid query filter clause specified for property '{property}' of resource '{}'.",
            self.kind.resource()
        ))
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

/// What follows the variable of a lambda expression.
enum Lambda {
    /// `x:x` and the path after it.
    Item(String),
    /// `x:startswith(x,`.
    Function(Test),
}

impl Lambda {
    fn parse(parser: &mut Parser) -> Result<Self, Refusal> {
        let mut text = parser.word()?;
        if text.ends_with(':') {
            text.push_str(&parser.word()?);
        }
        let (variable, item) =
            text.split_once(':').ok_or_else(|| invalid("a lambda expression has no variable"))?;
        let test = match item.to_ascii_lowercase().as_str() {
            "startswith" => Test::StartsWith,
            "endswith" => Test::EndsWith,
            _ => {
                let path = item.strip_prefix(variable);
                let path = path.ok_or_else(|| invalid("a lambda expression has two variables"))?;
                return Ok(Self::Item(path.to_owned()));
            }
        };
        parser.expect(&Token::Open)?;
        if parser.word()? != variable {
            return Err(invalid("a lambda expression has two variables"));
        }
        parser.expect(&Token::Comma)?;
        Ok(Self::Function(test))
    }
}
