//! How a connection signs in.
//!
//! No match on a grant has a wildcard, so that the compiler finds every place for a new one.

#![deny(clippy::wildcard_enum_match_arm)]

use url::Url;

use crate::connections::secret::SecretSource;
use crate::connections::secret_text::Alphabet;
use crate::contract::Access;

/// How a connection signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The application itself.
    ClientCredentials {
        /// The application's secret.
        client_secret: SecretSource,
    },
    /// A user, by name and password.
    Password {
        /// The user.
        username: String,
        /// The user's password.
        password: SecretSource,
        /// The application's secret; `None` for a public client.
        client_secret: Option<SecretSource>,
    },
    /// A user who has signed in elsewhere, by the code of that sign-in, then by refresh token.
    AuthorizationCode {
        /// The code, which can be redeemed once.
        code: SecretSource,
        /// The redirect URL of that sign-in.
        redirect_url: Url,
        /// The application's secret; `None` for a public client.
        client_secret: Option<SecretSource>,
    },
    /// A user who signs in with `o365 connection login`, then by refresh token.
    Login {
        /// The redirect URL; the default is a free port on loopback.
        redirect_url: Option<Url>,
        /// The application's secret; `None` for a public client.
        client_secret: Option<SecretSource>,
    },
}

/// The account that a connection signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// The application itself.
    Application {
        /// The configuration key that selects the application.
        key: &'static str,
    },
    /// The user with this name.
    User(&'a str),
    /// A user without a configured name.
    SomeUser,
}

impl Grant {
    /// Returns the name for lists and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client-credentials",
            Self::Password { .. } => "password",
            Self::AuthorizationCode { .. } => "authorization-code",
            Self::Login { .. } => "login",
        }
    }

    /// Returns the account.
    pub fn account(&self) -> Account<'_> {
        match self {
            Self::ClientCredentials { .. } => Account::Application { key: "client-secret" },
            Self::Password { username, .. } => Account::User(username),
            Self::AuthorizationCode { .. } | Self::Login { .. } => Account::SomeUser,
        }
    }

    /// Returns the kind of access to Graph.
    pub fn access(&self) -> Access {
        match self.account() {
            Account::Application { .. } => Access::AppOnly,
            Account::User(_) | Account::SomeUser => Access::Delegated,
        }
    }

    /// Returns whether it can sign in without a user.
    pub fn is_unattended(&self) -> bool {
        match self {
            Self::ClientCredentials { .. } | Self::Password { .. } => true,
            Self::AuthorizationCode { .. } | Self::Login { .. } => false,
        }
    }

    /// Returns the application's secret; `None` for a public client.
    pub fn client_secret(&self) -> Option<&SecretSource> {
        match self {
            Self::ClientCredentials { client_secret } => Some(client_secret),
            Self::Password { client_secret, .. }
            | Self::AuthorizationCode { client_secret, .. }
            | Self::Login { client_secret, .. } => client_secret.as_ref(),
        }
    }

    /// Returns the secret of the grant itself, with its configuration key and its alphabet.
    fn own_secret(&self) -> Option<(&'static str, &SecretSource, Alphabet)> {
        match self {
            Self::Password { password, .. } => Some(("password", password, Alphabet::Text)),
            Self::AuthorizationCode { code, .. } => {
                Some(("authentication-code", code, Alphabet::Ascii))
            }
            Self::ClientCredentials { .. } | Self::Login { .. } => None,
        }
    }

    /// Returns all secrets, each with its configuration key and its alphabet.
    pub fn secrets(&self) -> Vec<(&'static str, &SecretSource, Alphabet)> {
        let client_secret = self.client_secret().map(|it| ("client-secret", it, Alphabet::Ascii));
        self.own_secret().into_iter().chain(client_secret).collect()
    }

    /// Returns the code of a sign-in elsewhere and its redirect URL.
    pub fn code(&self) -> Option<(&SecretSource, &Url)> {
        match self {
            Self::AuthorizationCode { code, redirect_url, .. } => Some((code, redirect_url)),
            Self::ClientCredentials { .. } | Self::Password { .. } | Self::Login { .. } => None,
        }
    }

    /// Returns the configured redirect URL.
    pub fn redirect_url(&self) -> Option<&Url> {
        match self {
            Self::AuthorizationCode { redirect_url, .. } => Some(redirect_url),
            Self::Login { redirect_url, .. } => redirect_url.as_ref(),
            Self::ClientCredentials { .. } | Self::Password { .. } => None,
        }
    }
}
