//! Tokens: one for each (cloud, tenant, client, user), shared by all runs.
//!
//! - `access_token`: an access token and its lifetime
//! - `cache`: one sign-in at a time for all who wait
//! - `acquire`: from the store or a sign-in to a token
//! - `stored`: the form in which tokens are kept between runs
//! - `store`: where they are kept
//! - `local`: on this machine, in a `directory` or the `keyring`
//! - `shared`: in a store that processes share
//!
//! Tokens are passed only to the layer that attaches them to requests for Graph.

mod access_token;
mod acquire;
mod cache;
mod directory;
#[cfg(feature = "keyring")]
mod keyring;
#[cfg(not(feature = "keyring"))]
#[path = "no_keyring.rs"]
mod keyring;
mod local;
mod shared;
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
use crate::store::Store as SharedStore;
use cache::Slot;
use local::Local;
use shared::Shared;
use store::Store;
use stored::Key;

/// The tokens of this process. Two connections with the same cloud, tenant, client and
/// user share one.
#[derive(Debug, Default)]
pub struct TokenCache {
    /// Where tokens are kept; the default is the user's state directory.
    directory: Option<PathBuf>,
    /// Where the tokens of users are kept, if processes share them.
    shared: Option<Arc<dyn SharedStore>>,
    slots: Mutex<HashMap<Key, Slot>>,
    /// The deadline of this process's only run.
    deadline: Option<Instant>,
}

impl TokenCache {
    /// Creates a cache that keeps tokens in this directory.
    pub fn kept_in(directory: PathBuf) -> Self {
        Self { directory: Some(directory), ..Self::default() }
    }

    /// Shares the tokens of users with other processes, of which one at a time renews them. They
    /// are stored as they are: the store must seal them. A user who signs in on this machine later
    /// takes their place. Those of applications stay in the directory.
    pub fn shared(self, store: Arc<dyn SharedStore>) -> Self {
        Self { shared: Some(store), ..self }
    }

    /// Sets the deadline of the process.
    pub fn until(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// Returns the credentials of a connection, which sign in over `http` if necessary.
    ///
    /// # Errors
    /// Fails when the sign-in host has no valid address, or tokens that must be kept cannot be.
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
        let store = self.store(configured, key, &mut warnings)?;
        let sign_in = SignIn::new(configured.clone(), http, self.deadline)?;
        let warnings = Mutex::new(warnings);
        Ok(Credentials { slot, inner: Arc::new(Inner { sign_in, store, warnings }) })
    }

    /// Opens the store of a connection's tokens; `None` if they cannot be kept, and need not be.
    fn store(
        &self,
        configured: &Configured,
        key: Key,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Store>, StoreError> {
        let is_unattended = configured.grant.is_unattended();
        let mut local = |can_do_without| {
            let directory = self.directory.as_deref();
            match Local::open(configured.token_store, key.clone(), directory) {
                Ok(local) => Ok(Some(local)),
                Err(error) if can_do_without => {
                    warnings.push(format!("{error}. {}", error.fix()));
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        };
        let is_user = matches!(configured.grant.account(), Account::User(_) | Account::SomeUser);
        match self.shared.as_ref().filter(|_| is_user) {
            // A user with a password signs in by it again.
            Some(store) if is_unattended => {
                Ok(Some(Store::Shared(Shared::new(Arc::clone(store), key, None, true))))
            }
            Some(store) => {
                let local = local(true)?;
                Ok(Some(Store::Shared(Shared::new(Arc::clone(store), key, local, false))))
            }
            None => Ok(local(is_unattended)?.map(Store::Local)),
        }
    }
}

/// The credentials of one connection. Clones share them.
#[derive(Clone)]
pub struct Credentials {
    slot: Slot,
    inner: Arc<Inner>,
}

struct Inner {
    sign_in: SignIn,
    /// `None` if tokens cannot be kept, and need not be.
    store: Option<Store>,
    warnings: Mutex<Vec<String>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl Credentials {
    /// Returns a token that is valid for some minutes at least.
    ///
    /// # Errors
    /// Fails when the sign-in fails, for all who waited for it.
    pub async fn token(&self) -> Result<AccessToken, Report> {
        self.slot
            .get(|refused| {
                let inner = Arc::clone(&self.inner);
                async move { inner.acquire(refused).await }
            })
            .await
    }

    /// Forgets a token that Graph refused, if it is still in use.
    pub fn invalidate(&self, token: &AccessToken) {
        self.slot.refuse(token);
    }

    /// Signs a user in on another device; `show` receives the page and the code.
    ///
    /// # Errors
    /// Fails when the sign-in fails or the tokens cannot be kept.
    pub async fn login_by_device_code(
        &self,
        show: impl FnOnce(&DeviceCode) + Send,
    ) -> Result<AccessToken, Report> {
        self.only_for_users()?;
        let granted = self.inner.sign_in.device_code(show).await?;
        self.keep_login(granted).await
    }

    /// Signs a user in with a browser on this machine, within `patience`; `show` receives the
    /// page.
    ///
    /// # Errors
    /// Fails when the sign-in fails or the tokens cannot be kept.
    pub async fn login_by_browser(
        &self,
        show: impl FnOnce(&Url) + Send,
        patience: Duration,
    ) -> Result<AccessToken, Report> {
        self.only_for_users()?;
        let granted = self.inner.sign_in.browser(show, patience).await?;
        self.keep_login(granted).await
    }

    /// Returns whether a token is kept for the connection, valid or not.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
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

    /// Takes the warnings since the last call.
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
    /// Adds a warning once: each step of a sign-in can have the same cause.
    fn warn(&self, warning: String) {
        let mut warnings = self.warnings();
        if !warnings.contains(&warning) {
            // A server has nobody else to tell.
            if let Some(Store::Shared(_)) = self.store {
                tracing::warn!("{warning}");
            }
            warnings.push(warning);
        }
    }

    fn warnings(&self) -> MutexGuard<'_, Vec<String>> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
