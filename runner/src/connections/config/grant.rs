//! How a connection signs in, and what follows from that.
//!
//! Every question about a grant is answered here, by a match that names each of them: the
//! compiler asks all of them of a new one. Beside this file a new grant is in `file/connection`,
//! which reads its keys, and in `sign_in/grant`, which sends its request.

#![deny(clippy::wildcard_enum_match_arm)]

use url::Url;

use crate::connections::Access;
use crate::connections::secret::SecretSource;
use crate::connections::secret_text::Alphabet;

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
        /// The application's secret; none for a public client, which must not send one.
        client_secret: Option<SecretSource>,
    },
    /// A user who has signed in elsewhere, by the code that came back; afterwards by the
    /// refresh token that the code brought.
    AuthorizationCode {
        /// The code, good once.
        code: SecretSource,
        /// Where the code came back to; the same string as then.
        redirect_url: Url,
        /// The application's secret; none for a public client.
        client_secret: Option<SecretSource>,
    },
    /// A user who signs in with `o365 connection login`; afterwards by refresh token.
    Login {
        /// Where the browser comes back to; a free loopback port if not configured.
        redirect_url: Option<Url>,
        /// The application's secret; none for a public client.
        client_secret: Option<SecretSource>,
    },
}

/// Who a connection acts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// The application itself.
    Application {
        /// The key of the configuration that makes it so.
        key: &'static str,
    },
    /// The user with this name.
    User(&'a str),
    /// A user whose name is not configured.
    SomeUser,
}

impl Grant {
    /// Its name in lists and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client-credentials",
            Self::Password { .. } => "password",
            Self::AuthorizationCode { .. } => "authorization-code",
            Self::Login { .. } => "login",
        }
    }

    /// Who signs in.
    pub fn account(&self) -> Account<'_> {
        match self {
            Self::ClientCredentials { .. } => Account::Application { key: "client-secret" },
            Self::Password { username, .. } => Account::User(username),
            Self::AuthorizationCode { .. } | Self::Login { .. } => Account::SomeUser,
        }
    }

    /// Which of Graph's two kinds of access it brings.
    pub fn access(&self) -> Access {
        match self.account() {
            Account::Application { .. } => Access::AppOnly,
            Account::User(_) | Account::SomeUser => Access::Delegated,
        }
    }

    /// Whether it needs nothing that an earlier sign-in brought.
    pub fn is_unattended(&self) -> bool {
        match self {
            Self::ClientCredentials { .. } | Self::Password { .. } => true,
            Self::AuthorizationCode { .. } | Self::Login { .. } => false,
        }
    }

    /// The application's secret; none for a public client.
    pub fn client_secret(&self) -> Option<&SecretSource> {
        match self {
            Self::ClientCredentials { client_secret } => Some(client_secret),
            Self::Password { client_secret, .. }
            | Self::AuthorizationCode { client_secret, .. }
            | Self::Login { client_secret, .. } => client_secret.as_ref(),
        }
    }

    /// The secret that is its own, under its key in the configuration, and what it is made of.
    fn own_secret(&self) -> Option<(&'static str, &SecretSource, Alphabet)> {
        match self {
            Self::Password { password, .. } => Some(("password", password, Alphabet::Text)),
            Self::AuthorizationCode { code, .. } => {
                Some(("authentication-code", code, Alphabet::Ascii))
            }
            Self::ClientCredentials { .. } | Self::Login { .. } => None,
        }
    }

    /// All its secrets, each under its key in the configuration, and what it is made of.
    pub fn secrets(&self) -> Vec<(&'static str, &SecretSource, Alphabet)> {
        let client_secret = self.client_secret().map(|it| ("client-secret", it, Alphabet::Ascii));
        self.own_secret().into_iter().chain(client_secret).collect()
    }

    /// The code of a sign-in elsewhere, and where it came back to.
    pub fn code(&self) -> Option<(&SecretSource, &Url)> {
        match self {
            Self::AuthorizationCode { code, redirect_url, .. } => Some((code, redirect_url)),
            Self::ClientCredentials { .. } | Self::Password { .. } | Self::Login { .. } => None,
        }
    }

    /// Where a browser comes back to, if that is configured.
    pub fn redirect_url(&self) -> Option<&Url> {
        match self {
            Self::AuthorizationCode { redirect_url, .. } => Some(redirect_url),
            Self::Login { redirect_url, .. } => redirect_url.as_ref(),
            Self::ClientCredentials { .. } | Self::Password { .. } => None,
        }
    }
}
