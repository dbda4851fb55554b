//! Reading the keys of a TOML table. Keys that are never read are reported as unknown.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::connections::secret::{SecretSource, is_variable};
use crate::report::ConfigProblem;
use crate::values::problem::nearest;

/// The most problems that are listed. A file with more is not a configuration.
pub const MAX_PROBLEMS: usize = 100;

/// The longest list, since all pairs of items are compared.
const MAX_ITEMS: usize = 1000;

/// The form of a list, for messages.
pub struct Form {
    /// What the items are, such as `texts`.
    pub items: &'static str,
    /// An item in TOML.
    pub example: &'static str,
}

/// The form of a list of texts.
const TEXTS: Form = Form { items: "texts", example: "\"...\"" };

/// Collects the problems of one text.
pub struct Problems<'t> {
    text: &'t str,
    list: Vec<ConfigProblem>,
}

impl<'t> Problems<'t> {
    /// Creates an empty list for `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, list: Vec::new() }
    }

    /// Returns whether the list is full.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_PROBLEMS
    }

    /// Adds a problem, unless the list is full. `span` is its place in the text, in bytes.
    pub fn add(
        &mut self,
        span: &Range<usize>,
        key: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if self.is_full() {
            return;
        }
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        self.list.push(ConfigProblem {
            line,
            key: key.into(),
            message: message.into(),
            fix: fix.into(),
        });
    }

    /// Returns all problems, by line.
    pub fn finish(mut self) -> Vec<ConfigProblem> {
        self.list.sort_by_key(|problem| problem.line);
        self.list
    }
}

/// A table whose keys are read.
pub struct Keys<'a, 't> {
    /// What the table describes, such as `a connection`.
    what: &'static str,
    /// The table's own key, such as `connections.contoso`.
    name: String,
    /// Where the table begins.
    span: Range<usize>,
    table: &'a DeTable<'a>,
    /// The directory that relative paths start from.
    directory: &'a Path,
    known: Vec<&'static str>,
    problems: &'a mut Problems<'t>,
}

impl<'a, 't> Keys<'a, 't> {
    /// Starts reading a table.
    pub fn new(
        what: &'static str,
        name: String,
        span: Range<usize>,
        table: &'a DeTable<'a>,
        directory: &'a Path,
        problems: &'a mut Problems<'t>,
    ) -> Self {
        Self { what, name, span, table, directory, known: Vec::new(), problems }
    }

    /// Reads a text that is not blank.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let (message, fix) = match self.take(key)?.as_str() {
            Some(text) if !text.trim().is_empty() => return Some(text.to_owned()),
            Some(_) => ("is empty", format!("Give {key} a value, or leave it out.")),
            None => ("is not a text", format!("Write {key} = \"...\".")),
        };
        self.problem(key, message, fix);
        None
    }

    /// Reads a text that `read` accepts; `expected` describes the accepted texts, of which
    /// `example` is one.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        example: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let read = read(&self.text(key)?);
        if read.is_none() {
            let fix = format!("Write it as in {key} = \"{example}\".");
            self.problem(key, format!("is not {expected}"), fix);
        }
        read
    }

    /// Reads a Boolean; the default is `false`.
    pub fn flag(&mut self, key: &'static str) -> bool {
        let Some(value) = self.take(key) else { return false };
        value.as_bool().unwrap_or_else(|| {
            let fix = format!("Write {key} = true or {key} = false.");
            self.problem(key, "is neither true nor false", fix);
            false
        })
    }

    /// Reads a list of paths.
    pub fn files(&mut self, key: &'static str) -> Vec<PathBuf> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let names: Option<Vec<&str>> = value.as_array().and_then(|list| {
            let name = |item: &'a Spanned<DeValue<'a>>| item.get_ref().as_str();
            list.iter().map(|item| name(item).filter(|name| !name.is_empty())).collect()
        });
        let Some(names) = names else {
            let fix = format!("Write {key} = [\"FILE\", ...].");
            self.problem(key, "is not a list of files", fix);
            return Vec::new();
        };
        names.into_iter().map(|name| self.directory.join(name)).collect()
    }

    /// Reads a path.
    pub fn file(&mut self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(|name| self.directory.join(name))
    }

    /// Reads a whole number of `unit` in a range.
    pub fn number<T: TryFrom<u64>>(
        &mut self,
        key: &'static str,
        possible: RangeInclusive<u64>,
        unit: &str,
    ) -> Option<T> {
        let value = self.take(key)?;
        let (least, most) = (possible.start(), possible.end());
        let fix = format!("Set {key} to a number of {unit} from {least} to {most}.");
        let Some(number) = value.as_integer() else {
            self.problem(key, "is not a whole number", fix);
            return None;
        };
        // A number that overflows the type is out of every range.
        let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let number = number.filter(|number| possible.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.problem(key, format!("is not from {least} to {most}"), fix);
        }
        number
    }

    /// Reads a list of different texts. `read` accepts each, or returns a message and a fix.
    /// Returns `None` if one of them has a problem.
    pub fn list<T: PartialEq>(
        &mut self,
        key: &'static str,
        read: impl FnMut(&str) -> Result<T, (String, String)>,
    ) -> Option<Vec<T>> {
        self.items(key, &TEXTS, DeValue::as_str, read)
    }

    /// Reads a list of different items, which `item` takes from values of the right type and
    /// `read` accepts, or returns a message and a fix. Returns `None` if one of them has a problem.
    pub fn items<I, T: PartialEq>(
        &mut self,
        key: &'static str,
        form: &Form,
        item: impl Fn(&'a DeValue<'a>) -> Option<I>,
        mut read: impl FnMut(I) -> Result<T, (String, String)>,
    ) -> Option<Vec<T>> {
        let typed = |value: &'a Spanned<DeValue<'a>>| Some((value.span(), item(value.get_ref())?));
        let items = self.take(key)?.as_array().and_then(|list| list.iter().map(typed).collect());
        let Some(items): Option<Vec<(Range<usize>, I)>> = items else {
            let fix = format!("Write {key} = [{}].", form.example);
            self.problem(key, format!("is not a list of {}", form.items), fix);
            return None;
        };
        if items.len() > MAX_ITEMS {
            let fix = format!("Keep at most {MAX_ITEMS}.");
            self.problem(key, format!("has more than {MAX_ITEMS} items"), fix);
            return None;
        }
        let name = format!("{}.{key}", self.name);
        let length = items.len();
        let mut list = Vec::new();
        for (place, (span, item)) in (1..).zip(items) {
            if self.problems.is_full() {
                break;
            }
            let taken = read(item).and_then(|item| match list.contains(&item) {
                true => Err(("has the same twice".to_owned(), "Remove one of them.".to_owned())),
                false => Ok(item),
            });
            match taken {
                Ok(item) => list.push(item),
                Err((message, fix)) => {
                    self.problems.add(
                        &span,
                        name.clone(),
                        format!("{message} (item {place})"),
                        fix,
                    );
                }
            }
        }
        (list.len() == length).then_some(list)
    }

    /// Reads the source of a secret, and refuses the secret itself.
    pub fn secret(&mut self, key: &'static str) -> Option<SecretSource> {
        let form =
            || format!("Write {key} = {{ env = \"NAME\" }} or {key} = {{ file = \"FILE\" }}.");
        let Some(table) = self.take(key)?.as_table() else {
            let fix = format!(
                "{} Then replace the secret in the tenant if others have seen the file.",
                form()
            );
            self.problem(key, "holds the secret itself, which has no place in this file", fix);
            return None;
        };
        let mut entries =
            table.iter().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()));
        let entry = (entries.next(), entries.next());
        let source = match entry {
            (Some(("env", DeValue::String(name))), None) if is_variable(name) => {
                Some(SecretSource::Env(name.to_string()))
            }
            (Some(("file", DeValue::String(name))), None) if !name.is_empty() => {
                Some(SecretSource::File(self.directory.join(name.as_ref())))
            }
            _ => None,
        };
        if source.is_none() {
            self.problem(key, "names neither one environment variable nor one file", form());
        }
        source
    }

    /// Returns whether the table has a key.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Adds a problem of a key, at the table itself if the key is missing.
    pub fn problem(&mut self, key: &str, message: impl Into<String>, fix: impl Into<String>) {
        let span = self.find(key).map_or_else(|| self.span.clone(), |(key, _)| key.span());
        self.problems.add(&span, format!("{}.{key}", self.name), message, fix);
    }

    /// Reports the keys that were not read as unknown.
    pub fn finish(self) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if self.known.contains(&name) {
                continue;
            }
            if self.problems.is_full() {
                break;
            }
            let fix = match nearest(name, self.known.iter().copied()) {
                Some(nearest) => format!("Did you mean {nearest}?"),
                None => format!("The keys are {}.", self.known.join(", ")),
            };
            let key_name = format!("{}.{}", self.name, shown(name));
            let message = format!("is not a key of {}", self.what);
            self.problems.add(&key.span(), key_name, message, fix);
        }
    }

    fn take(&mut self, key: &'static str) -> Option<&'a DeValue<'a>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.find(key).map(|(_, value)| value.get_ref())
    }

    fn find(&self, key: &str) -> Option<(&'a Spanned<Cow<'a, str>>, &'a Spanned<DeValue<'a>>)> {
        self.table.iter().find(|(name, _)| name.get_ref() == key)
    }
}

/// Returns a key for a message: quoted and escaped if it is not a bare key, so that it cannot
/// control a terminal.
pub fn shown(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { format!("{key:?}") }
}
