//! Where the next token comes from: what was kept, else the connection's grant.
//!
//! A refresh token may be good once, and so is a code: both are spent under a lock that
//! other processes respect, and what they bring is kept before anything else happens.

use secrecy::SecretString;

use super::store::Store;
use super::stored::Stored;
use super::{AccessToken, Credentials, Inner};
use crate::connections::config::Configured;
use crate::connections::entra_codes::ends_refresh_token;
use crate::connections::secret_text::Alphabet;
use crate::connections::sign_in::claims::is_jwt;
use crate::connections::sign_in::{Granted, read};
use crate::report::{EntraError, Kind, Report};

/// OAuth's error for a code, token or password that is not good (any more).
const INVALID_GRANT: &str = "invalid_grant";

impl Inner {
    /// A token from the store, if it is fresh and not `refused`; else from a sign-in.
    pub(super) async fn acquire(
        &self,
        refused: Option<AccessToken>,
    ) -> Result<AccessToken, Report> {
        let token = self.obtain(refused).await?;
        if !is_jwt(&token) {
            let Configured { id, tenant, .. } = &self.sign_in.configured;
            self.warn(format!(
                "the token of connection {id} does not show whether it is of {tenant}: o365 connection verify {id} asks Graph"
            ));
        }
        Ok(token)
    }

    async fn obtain(&self, refused: Option<AccessToken>) -> Result<AccessToken, Report> {
        let Some(store) = &self.store else {
            let granted = self.sign_in_anew(&mut Stored::default()).await?;
            self.sign_in.check(&granted).await?;
            return Ok(granted.access);
        };
        let _lock = store.lock().await?;
        let (mut stored, warnings) = store.load().await?;
        warnings.into_iter().for_each(|warning| self.warn(warning));
        let code = self.new_code(&stored)?;
        if code.is_none()
            && let Some(token) = stored.access.take().filter(AccessToken::is_fresh)
            && Some(&token) != refused.as_ref()
        {
            return Ok(token);
        }
        // Once before: a store that cannot be written is found out while whatever is about
        // to be spent is still good.
        self.save(store, &stored).await?;
        let granted = self.spend(store, &mut stored, code).await?;
        self.keep(store, &mut stored, granted).await
    }

    /// A configured code that was not redeemed yet. Where a refresh token is kept, the code
    /// may be gone from its place.
    fn new_code(&self, stored: &Stored) -> Result<Option<SecretString>, Report> {
        let Some((code, _)) = self.sign_in.configured.grant.code() else { return Ok(None) };
        match read(code, Alphabet::Ascii) {
            Ok(code) => Ok(Some(code).filter(|code| !stored.has_used(code))),
            Err(_) if stored.refresh.is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Redeems a new code, else the refresh token, else does without both.
    async fn spend(
        &self,
        store: &Store,
        stored: &mut Stored,
        code: Option<SecretString>,
    ) -> Result<Granted, Report> {
        let mut failure = None;
        if let Some(code) = code {
            match self.redeem(&code).await {
                Ok(granted) => {
                    stored.use_up(&code);
                    return Ok(granted);
                }
                Err(error) if entra(&error).is_some_and(|it| it.error == INVALID_GRANT) => {
                    stored.use_up(&code);
                    self.save(store, stored).await?;
                    failure = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(token) = stored.refresh.clone() {
            match self.sign_in.refresh(&token).await {
                Ok(granted) => return Ok(granted),
                Err(error) if entra(&error).is_some_and(ends_refresh_token) => {
                    stored.refresh = None;
                    self.save(store, stored).await?;
                    failure = Some(failure.unwrap_or(error));
                }
                // It is good again when what keeps the user out is put right.
                Err(error) if entra(&error).is_some_and(|it| it.error == INVALID_GRANT) => {
                    failure = Some(failure.unwrap_or(error));
                }
                Err(error) => return Err(error),
            }
        }
        match failure {
            Some(error) if !self.sign_in.configured.grant.is_unattended() => Err(error),
            _ => self.sign_in_anew(stored).await,
        }
    }

    async fn redeem(&self, code: &SecretString) -> Result<Granted, Report> {
        match self.sign_in.configured.grant.code() {
            Some((_, redirect_url)) => self.sign_in.code(code, redirect_url.as_str(), None).await,
            None => Err(self.sign_in.nobody_signed_in()),
        }
    }

    /// Signs in without anything that an earlier sign-in brought.
    async fn sign_in_anew(&self, stored: &mut Stored) -> Result<Granted, Report> {
        stored.refresh = None;
        self.sign_in.anew().await
    }

    /// Keeps what a sign-in brought: first the refresh token, which exists only once, then
    /// the access token when it is known to be of the right tenant.
    async fn keep(
        &self,
        store: &Store,
        stored: &mut Stored,
        granted: Granted,
    ) -> Result<AccessToken, Report> {
        stored.access = None;
        if let Some(refresh) = &granted.refresh {
            stored.refresh = Some(refresh.clone());
        }
        self.save(store, stored).await?;
        if let Err(error) = self.sign_in.check(&granted).await {
            // What is of another tenant is of no use for the next run either; what could not be
            // looked up this time may be good the next.
            if error.kind == Kind::Unauthorized {
                stored.refresh = None;
                self.save(store, stored).await?;
            }
            return Err(error);
        }
        stored.access = Some(granted.access.clone());
        self.save(store, stored).await?;
        Ok(granted.access)
    }

    /// Keeps `stored`; where the next run can do without it, a failure is a warning.
    async fn save(&self, store: &Store, stored: &Stored) -> Result<(), Report> {
        match store.save(stored).await {
            Err(error) if self.sign_in.configured.grant.is_unattended() => {
                self.warn(format!("{error}. {}", error.fix()));
                Ok(())
            }
            saved => saved.map_err(Report::from),
        }
    }
}

impl Credentials {
    /// Keeps the tokens of a user who has just signed in.
    pub(super) async fn keep_login(&self, granted: Granted) -> Result<AccessToken, Report> {
        let inner = &self.inner;
        let token = match &inner.store {
            Some(store) => {
                let _lock = store.lock().await?;
                let (mut stored, warnings) = store.load().await?;
                warnings.into_iter().for_each(|warning| inner.warn(warning));
                if granted.refresh.is_none() {
                    inner.warn(
                        "the sign-in host gave no refresh token: sign in again when this token ends"
                            .to_owned(),
                    );
                }
                stored.refresh = None;
                inner.keep(store, &mut stored, granted).await?
            }
            None => {
                inner.sign_in.check(&granted).await?;
                granted.access
            }
        };
        self.slot.put(token.clone());
        Ok(token)
    }
}

/// What Entra answered, where it did.
fn entra(error: &Report) -> Option<&EntraError> {
    error.details.entra.as_ref()
}
