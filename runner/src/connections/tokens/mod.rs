//! Tokens: one for each (cloud, tenant, client, user), shared by all runs.
//!
//! - `access_token`: an access token and how long it is good
//! - `cache`: one sign-in at a time, however many wait for it
//! - `acquire`: where the next token comes from
//! - `stored`: what is kept of a sign-in between runs
//! - `store`: where it is kept; `directory` and `keyring` are the two kinds
//!
//! A token is only ever handed to the layer that attaches it to requests for Graph.

mod access_token;
mod acquire;
mod cache;
mod directory;
mod keyring;
mod store;
mod stored;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

pub use access_token::AccessToken;
pub use store::StoreError;

use super::config::{Account, Configured};
use super::sign_in::SignIn;
use super::sign_in::device_code::DeviceCode;
use crate::network::Client;
use crate::report::Report;
use cache::Slot;
use store::Store;
use stored::Key;

/// The tokens of this process. Two connections with the same cloud, tenant, client and
/// user share one.
#[derive(Debug, Default)]
pub struct TokenCache {
    /// Where tokens are kept between runs; none for the user's own place.
    directory: Option<PathBuf>,
    slots: Mutex<HashMap<Key, Slot>>,
    /// When the one run of this process ends.
    deadline: Option<Instant>,
}

impl TokenCache {
    /// A cache whose tokens are kept in this state directory.
    pub fn kept_in(directory: PathBuf) -> Self {
        Self { directory: Some(directory), ..Self::default() }
    }

    /// The same for a process that waits for nothing after `deadline`.
    pub fn until(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// The way to a connection's token; it signs in over `http` when it has to.
    ///
    /// # Errors
    /// When there is no such sign-in host, or tokens cannot be kept that must be.
    pub fn credentials(
        &self,
        configured: &Configured,
        http: Client,
    ) -> Result<Credentials, Report> {
        let key = Key::of(configured);
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.entry(key.clone()).or_default().clone()
        };
        let mut warnings = Vec::new();
        let store = match Store::open(configured.token_store, key, self.directory.as_deref()) {
            Ok(store) => Some(store),
            // The next run can do without what this one has learned.
            Err(error) if configured.grant.is_unattended() => {
                warnings.push(format!("{error}. {}", error.fix()));
                None
            }
            Err(error) => return Err(error.into()),
        };
        let sign_in = SignIn::new(configured.clone(), http, self.deadline)?;
        let warnings = Mutex::new(warnings);
        Ok(Credentials { slot, inner: Arc::new(Inner { sign_in, store, warnings }) })
    }
}

/// The way to one connection's token. Clones share it.
#[derive(Clone)]
pub struct Credentials {
    slot: Slot,
    inner: Arc<Inner>,
}

struct Inner {
    sign_in: SignIn,
    /// None where tokens cannot be kept and need not be.
    store: Option<Store>,
    warnings: Mutex<Vec<String>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl Credentials {
    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    /// When the sign-in fails; it is not tried again for those who were waiting for it.
    pub async fn token(&self) -> Result<AccessToken, Report> {
        self.slot
            .get(|refused| {
                let inner = Arc::clone(&self.inner);
                async move { inner.acquire(refused).await }
            })
            .await
    }

    /// Forgets a token that Graph refused, if it is still the one in use.
    pub fn invalidate(&self, token: &AccessToken) {
        self.slot.refuse(token);
    }

    /// Signs a user in on another device; `show` is told the page and the code.
    ///
    /// # Errors
    /// When the sign-in fails or the tokens cannot be kept.
    pub async fn login_by_device_code(
        &self,
        show: impl FnOnce(&DeviceCode) + Send,
    ) -> Result<AccessToken, Report> {
        self.only_for_users()?;
        let granted = self.inner.sign_in.device_code(show).await?;
        self.keep_login(granted).await
    }

    /// Signs a user in with a browser on this machine; `show` is told the page to open, and
    /// the browser has to come back within `patience`.
    ///
    /// # Errors
    /// When the sign-in fails or the tokens cannot be kept.
    pub async fn login_by_browser(
        &self,
        show: impl FnOnce(&Url) + Send,
        patience: Duration,
    ) -> Result<AccessToken, Report> {
        self.only_for_users()?;
        let granted = self.inner.sign_in.browser(show, patience).await?;
        self.keep_login(granted).await
    }

    /// Whether a token is kept for the connection, in whatever state.
    ///
    /// # Errors
    /// When the place where it is kept cannot be read.
    pub async fn has_stored(&self) -> Result<bool, StoreError> {
        match &self.inner.store {
            Some(store) => {
                let (stored, warnings) = store.load().await?;
                warnings.into_iter().for_each(|warning| self.inner.warn(warning));
                Ok(stored.access.is_some() || stored.refresh.is_some())
            }
            None => Ok(false),
        }
    }

    /// What there was to warn of since the last question.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.inner.warnings())
    }

    fn only_for_users(&self) -> Result<(), Report> {
        let configured = &self.inner.sign_in.configured;
        match configured.grant.account() {
            Account::Application { key } => Err(Report::unauthorized(
                format!("connection {} signs in as the application itself", configured.id),
                format!(
                    "There is no user to sign in: run an action, or remove `{key}` to sign in as a user."
                ),
            )),
            Account::User(_) | Account::SomeUser => Ok(()),
        }
    }
}

impl Inner {
    /// Adds a warning, unless it is there: one cause may be met at each step of a sign-in.
    fn warn(&self, warning: String) {
        let mut warnings = self.warnings();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    fn warnings(&self) -> MutexGuard<'_, Vec<String>> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
