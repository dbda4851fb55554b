//! The settings of the adapters, and how they are read.

use alloc::string::String;

/// A setting: `name` in `wasi:config/store`, and in the environment the variable that
/// [`variable`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name.
    pub name: &'static str,
    /// The expected value, as it stands in a sentence after "set it to".
    pub expected: &'static str,
}

/// Defines the settings and the list of all of them.
macro_rules! settings {
    ($($(#[$doc:meta])+ $constant:ident = $name:literal, $expected:literal;)+) => {
        $($(#[$doc])+ pub const $constant: Setting = Setting { name: $name, expected: $expected };)+

        /// All settings.
        pub const ALL: &[Setting] = &[$($constant),+];
    };
}

settings! {
    /// A domain of the Entra directory, or its id.
    TENANT = "tenant", "the tenant's domain, such as contoso.onmicrosoft.com, or its id";
    /// The id of the app registration.
    CLIENT_ID = "client-id", "the application (client) id that Entra shows";
    /// The secret of the app registration.
    CLIENT_SECRET = "client-secret", "a client secret of the app registration";
    /// The token of a federated credential of the app registration.
    CLIENT_ASSERTION = "client-assertion", "the token of a federated credential of the app registration";
    /// The refresh token of the user that the connection acts for.
    REFRESH_TOKEN = "refresh-token", "a refresh token of the user that the connection acts for";
    /// An access token for Graph.
    ACCESS_TOKEN = "access-token", "an access token for Graph, without the word Bearer";
    /// Whom the access token is for.
    ACCESS = "access", "app-only or delegated";
    /// Microsoft's cloud.
    CLOUD = "cloud", "global, us-gov, us-dod or china";
    /// Graph's version root.
    GRAPH_URL = "graph-url", "an address such as https://proxy.contoso.com/graph: https (or http on loopback), a host, and no slash at its end";
    /// The sign-in host.
    LOGIN_URL = "login-url", "an address such as https://login.contoso.com: https (or http on loopback), a host, and no slash at its end";
    /// The mailbox that notifications are sent from.
    SENDER = "sender", "the mail address of a mailbox";
    /// The time limit of a run in seconds.
    TIME_LIMIT = "time-limit", "a number of seconds from 1 to 3600";
    /// The id of the connection.
    CONNECTION_ID = "connection-id", "the id by which callers name the connection";
    /// The key of the callers of the adapter `http`.
    API_KEY = "api-key", "a key of at least 16 printable ASCII characters without blanks";
    /// Whether calls without a key are served.
    ALLOW_UNAUTHENTICATED = "allow-unauthenticated", "true, or remove it";
}

/// The prefix of the variables.
pub const PREFIX: &str = "O365_";

/// Returns the environment variable of a setting.
pub fn variable(name: &str) -> String {
    let upper = name.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_uppercase() });
    PREFIX.chars().chain(upper).collect()
}

/// Returns the setting of an environment variable.
pub fn of_variable(variable: &str) -> Option<String> {
    let lower = |c: char| if c == '_' { '-' } else { c.to_ascii_lowercase() };
    variable.strip_prefix(PREFIX).map(|rest| rest.chars().map(lower).collect())
}

/// The settings of a host. An error is a sentence for the caller, and contains no value.
pub struct Settings<'a> {
    read: &'a dyn Fn(&str) -> Result<Option<String>, String>,
}

impl<'a> Settings<'a> {
    /// Reads settings by `read`, whose error is the reason of the host.
    pub fn new(read: &'a dyn Fn(&str) -> Result<Option<String>, String>) -> Self {
        Self { read }
    }

    /// Returns the value of a setting. An empty one counts as missing: that is how an
    /// environment variable is unset where it cannot be removed.
    ///
    /// # Errors
    /// Fails if the host cannot read its settings, or if the value has control characters, such
    /// as the line break at the end of a file.
    pub fn value(&self, setting: Setting) -> Result<Option<String>, String> {
        let value = (self.read)(setting.name).map_err(|reason| {
            format!("the host cannot read the setting {}: {reason}", named(setting))
        })?;
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
        if value.chars().any(|c| c.is_control() || c == '\u{feff}') {
            return Err(invalid(setting, "has a control character or a line break in it"));
        }
        Ok(Some(value))
    }

    /// Returns the value of a setting that must be set.
    ///
    /// # Errors
    /// Fails if it is not set.
    pub fn required(&self, setting: Setting) -> Result<String, String> {
        self.value(setting)?.ok_or_else(|| missing(setting))
    }

    /// Returns the value of a setting in another form.
    ///
    /// # Errors
    /// Fails if `parse` returns none.
    pub fn parsed<T>(
        &self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.value(setting)? else { return Ok(None) };
        parse(&value).map(Some).ok_or_else(|| invalid(setting, "cannot be used"))
    }

    /// Returns a secret of printable ASCII, which no header and no form changes.
    ///
    /// # Errors
    /// Fails for other characters, such as a blank.
    pub fn secret(&self, setting: Setting) -> Result<Option<String>, String> {
        let value = self.value(setting)?;
        match value {
            Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(invalid(setting, "has a blank or a character that is not ASCII in it"))
            }
            value => Ok(value),
        }
    }
}

/// Returns the sentence for a setting that is not set.
pub fn missing(setting: Setting) -> String {
    format!("the setting {} is missing; set it to {}", named(setting), setting.expected)
}

/// Returns the sentence for a setting whose value `problem`.
pub fn invalid(setting: Setting, problem: &str) -> String {
    format!("the setting {} {problem}; set it to {}", named(setting), setting.expected)
}

/// Names a setting as both of its sources do.
fn named(setting: Setting) -> String {
    format!("{} (in the environment {})", setting.name, variable(setting.name))
}
