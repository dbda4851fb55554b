//! The configuration file, `o365.toml`.
//!
//! - `keys`: reading the keys of a table
//! - `connection`: one `[connections.ID]`
//! - `tenant`: one `[tenants.ID]`
//! - `table`: tables that have an id
//! - `serve`: `[serve]`
//! - `hashes`: lists of key hashes
//! - [`change`]: adding, changing and removing tenants and keys
//! - `insert`, `remove`, `rotate`: the places of these changes in the text
//! - `error`: why a file cannot be used

pub mod change;
mod connection;
mod error;
mod hashes;
mod insert;
mod keys;
mod remove;
mod rotate;
mod serve;
mod table;
mod tenant;

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use disk::regular;
use etcetera::{BaseStrategy, choose_base_strategy};
use toml::de::{DeTable, Error as TomlError};

pub use error::ConfigError;

pub use crate::report::ConfigProblem;
pub use table::{ID, is_id};

use super::config::{Configured, ServeConfig, TenantConfig};
use crate::values::problem::nearest;
use hashes::Owners;
use keys::{Problems, shown};
use tenant::Named;

/// The environment variable that names the file.
pub const VARIABLE: &str = "O365_CONFIG";

/// The default name of the file.
const NAME: &str = "o365.toml";

/// The key of the table of all connections.
const TABLE: &str = "connections";

/// The fix for a connection outside its table.
const ONE_EACH: &str = "Put every connection into a table of its own: [connections.ID].";

/// The parser's message for a duplicate key or table. The parser has no error codes.
const DUPLICATE: &str = "duplicate key";

/// The largest file, in bytes: some thousand connections.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration: the connections, the tenants of the server, and the server.
#[derive(Clone, Debug)]
pub struct Connections {
    path: PathBuf,
    content: Content,
}

/// The content of the file.
#[derive(Clone, Debug, Default)]
struct Content {
    connections: Vec<Configured>,
    tenants: Vec<TenantConfig>,
    serve: ServeConfig,
}

impl Connections {
    /// Finds and reads the configuration of this process: the `named` file, the one in
    /// `O365_CONFIG`, `o365.toml` in the working directory, or the one in the user's
    /// configuration directory.
    ///
    /// # Errors
    /// Fails when a named file is missing, or the file cannot be used.
    pub fn find(named: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        Self::find_with(named, None)
    }

    /// Finds and reads the configuration of a server, whose tenants may run only these actions.
    ///
    /// # Errors
    /// Fails as [`Connections::find`] does, and when a tenant names another action.
    pub fn find_served(
        named: Option<&Path>,
        actions: &BTreeSet<&str>,
    ) -> Result<Option<Self>, ConfigError> {
        Self::find_with(named, Some(actions))
    }

    fn find_with(
        named: Option<&Path>,
        actions: Option<&BTreeSet<&str>>,
    ) -> Result<Option<Self>, ConfigError> {
        let read = |path: &Path| Self::parse_with(path, &text(path)?, actions);
        let variable = env::var_os(VARIABLE).filter(|path| !path.is_empty());
        if let Some(path) = named.or(variable.as_deref().map(Path::new)) {
            return read(path).map(Some);
        }
        places().iter().find(|path| path.exists()).map(|path| read(path)).transpose()
    }

    /// Reads the configuration in a file.
    ///
    /// # Errors
    /// Fails with all problems of the file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(path, &text(path)?)
    }

    /// Parses the text of the file `path`. Relative paths in it start at the file's directory.
    ///
    /// # Errors
    /// Fails with all problems of the text.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        Self::parse_with(path, text, None)
    }

    fn parse_with(
        path: &Path,
        text: &str,
        actions: Option<&BTreeSet<&str>>,
    ) -> Result<Self, ConfigError> {
        let directory = path.parent().unwrap_or_else(|| Path::new(""));
        let content = parse(text, directory, actions)
            .map_err(|problems| ConfigError::Invalid(path.to_owned(), problems))?;
        Ok(Self { path: path.to_owned(), content })
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a connection by its id.
    pub fn get(&self, id: &str) -> Option<&Configured> {
        self.iter().find(|connection| connection.id == id)
    }

    /// Returns all connections, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Configured> {
        self.content.connections.iter()
    }

    /// Returns all tenants, by id.
    pub fn tenants(&self) -> impl Iterator<Item = &TenantConfig> {
        self.content.tenants.iter()
    }

    /// Returns the server.
    pub fn serve(&self) -> &ServeConfig {
        &self.content.serve
    }
}

/// Returns the paths at which an unnamed configuration is searched, in order.
pub fn places() -> Vec<PathBuf> {
    let own = choose_base_strategy().ok().map(|base| base.config_dir().join("o365").join(NAME));
    [Some(PathBuf::from(NAME)), own].into_iter().flatten().collect()
}

fn text(path: &Path) -> Result<String, ConfigError> {
    let failed = |reason| ConfigError::Unreadable(path.to_owned(), reason);
    let bytes = regular::read_start(path, MAX_BYTES + 1).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(ConfigError::TooLarge(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| ConfigError::NotText(path.to_owned()))
}

/// Parses the text. Tenants may name only `actions`, or any without them.
fn parse(
    text: &str,
    directory: &Path,
    actions: Option<&BTreeSet<&str>>,
) -> Result<Content, Vec<ConfigProblem>> {
    let mut problems = Problems::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    // Further errors are often consequences of the first.
    if let Some(error) = errors.first() {
        not_toml(&mut problems, text, error);
        return Err(problems.finish());
    }
    let content = content(document.get_ref(), directory, actions, &mut problems);
    let problems = problems.finish();
    if problems.is_empty() { Ok(content) } else { Err(problems) }
}

/// Adds the problem for a syntax error. It does not show the line, which may contain a secret.
fn not_toml(problems: &mut Problems<'_>, text: &str, error: &TomlError) {
    let span = error.span().unwrap_or_default();
    if error.message() == DUPLICATE {
        let key = text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
        let fix = "Remove one of them, or give one another name.";
        return problems.add(&span, shown(key), "is there twice", fix);
    }
    let fix = "Write the line as TOML: a table's name in brackets, or a key, = and a value.";
    problems.add(&span, "", format!("it is not TOML: {}", error.message()), fix);
}

fn content(
    document: &DeTable<'_>,
    directory: &Path,
    actions: Option<&BTreeSet<&str>>,
    problems: &mut Problems<'_>,
) -> Content {
    let mut content = Content::default();
    let mut owners = Owners::default();
    let named = Named { connections: &ids(document, TABLE), actions };
    for (key, value) in document {
        let name: &str = key.get_ref();
        match (name, value.get_ref().as_table()) {
            (TABLE, Some(table)) => {
                for (id, value) in table {
                    content.connections.extend(connection::read(id, value, directory, problems));
                }
            }
            (tenant::TABLE, Some(table)) => {
                for (id, value) in table {
                    content.tenants.extend(tenant::read(
                        id,
                        value,
                        directory,
                        &named,
                        &mut owners,
                        problems,
                    ));
                }
            }
            (serve::TABLE, _) => {
                content.serve = serve::read(key, value, directory, &mut owners, problems);
            }
            (TABLE, None) => problems.add(&key.span(), name, "is not a table", ONE_EACH),
            (tenant::TABLE, None) => {
                let fix = "Put every tenant into a table of its own: [tenants.ID].";
                problems.add(&key.span(), name, "is not a table", fix);
            }
            _ => {
                let fix = match nearest(name, [serve::TABLE, tenant::TABLE].into_iter()) {
                    Some(nearest) => format!("Did you mean {nearest}?"),
                    None => ONE_EACH.to_owned(),
                };
                problems.add(&key.span(), shown(name), "is not a part of this file", fix);
            }
        }
    }
    content
}

/// Returns the ids in the table `name`, valid or not.
fn ids<'a>(document: &'a DeTable<'_>, name: &str) -> BTreeSet<&'a str> {
    let table = document.iter().find(|(key, _)| key.get_ref() == name);
    let table = table.and_then(|(_, value)| value.get_ref().as_table());
    table.into_iter().flatten().map(|(id, _)| id.get_ref().as_ref()).collect()
}
