//! Acquiring the next token, from the store or by the connection's grant.
//!
//! A code, and possibly a refresh token, can be redeemed once: this happens under a lock between
//! processes, and the new tokens are stored before anything else happens.

use secrecy::SecretString;

use super::store::{Store, StoreError};
use super::stored::Stored;
use super::{AccessToken, Credentials, Inner};
use crate::connections::config::Configured;
use crate::connections::entra_codes::ends_refresh_token;
use crate::connections::secret_text::Alphabet;
use crate::connections::sign_in::claims::is_jwt;
use crate::connections::sign_in::{Granted, read};
use crate::report::{EntraError, Kind, Report};

/// OAuth's error for an invalid code, token or password.
const INVALID_GRANT: &str = "invalid_grant";

/// The attempts while other processes replace the tokens that were read.
const TRIES: usize = 3;

/// Why no token was acquired.
enum Failure {
    /// The store failed.
    Store(StoreError),
    /// Something else did.
    Other(Report),
}

impl Inner {
    /// Returns a token from the store, if it is fresh and not `refused`, else from a sign-in.
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
        let Some(store) = &self.store else { return self.obtain_without_store().await };
        for _ in 0..TRIES {
            match self.obtain_from(store, refused.as_ref()).await {
                Err(Failure::Store(StoreError::Outdated)) => {}
                // Nothing was redeemed.
                Err(Failure::Store(error @ (StoreError::Shared(_) | StoreError::Entry(_))))
                    if self.is_unattended() =>
                {
                    self.warn(format!("{error}. {}", error.fix()));
                    return self.obtain_without_store().await;
                }
                outcome => return outcome.map_err(Report::from),
            }
        }
        Err(StoreError::Outdated.into())
    }

    async fn obtain_without_store(&self) -> Result<AccessToken, Report> {
        let granted = self.sign_in_anew(&mut Stored::default()).await?;
        self.sign_in.check(&granted).await?;
        Ok(granted.access)
    }

    async fn obtain_from(
        &self,
        store: &Store,
        refused: Option<&AccessToken>,
    ) -> Result<AccessToken, Failure> {
        let _lock = store.lock().await?;
        let (mut stored, warnings) = store.load().await?;
        warnings.into_iter().for_each(|warning| self.warn(warning));
        let code = self.new_code(&stored)?;
        if code.is_none()
            && let Some(token) = stored.access.take().filter(AccessToken::is_fresh)
            && Some(&token) != refused
        {
            return Ok(token);
        }
        // A store that cannot be written must fail before a code or token is redeemed.
        match store {
            Store::Local(_) => self.save(store, &mut stored).await?,
            Store::Shared(store) => store.save(&mut stored).await?,
        }
        let granted = self.spend(store, &mut stored, code).await?;
        self.keep(store, &mut stored, granted).await
    }

    /// Returns a configured code that was not redeemed yet. With a stored refresh token, its source
    /// may be gone.
    fn new_code(&self, stored: &Stored) -> Result<Option<SecretString>, Report> {
        let Some((code, _)) = self.sign_in.configured.grant.code() else { return Ok(None) };
        match read(code, Alphabet::Ascii) {
            Ok(code) => Ok(Some(code).filter(|code| !stored.has_used(code))),
            Err(_) if stored.refresh.is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Redeems a new code, else the refresh token, else signs in without them.
    async fn spend(
        &self,
        store: &Store,
        stored: &mut Stored,
        code: Option<SecretString>,
    ) -> Result<Granted, Failure> {
        let mut failure = None;
        if let Some(code) = code {
            match self.redeem(&code).await {
                Ok(granted) => {
                    stored.use_up(&code);
                    stored.sign_in();
                    return Ok(granted);
                }
                Err(error) if entra(&error).is_some_and(|it| it.error == INVALID_GRANT) => {
                    stored.use_up(&code);
                    self.save(store, stored).await?;
                    failure = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(token) = stored.refresh.clone() {
            match self.sign_in.refresh(&token).await {
                Ok(granted) => {
                    stored.renew();
                    return Ok(granted);
                }
                Err(error) if entra(&error).is_some_and(ends_refresh_token) => {
                    stored.refresh = None;
                    self.save(store, stored).await?;
                    failure = Some(failure.unwrap_or(error));
                }
                // The token is accepted again when the cause is corrected.
                Err(error) if entra(&error).is_some_and(|it| it.error == INVALID_GRANT) => {
                    failure = Some(failure.unwrap_or(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        match failure {
            Some(error) if !self.is_unattended() => Err(error.into()),
            _ => Ok(self.sign_in_anew(stored).await?),
        }
    }

    async fn redeem(&self, code: &SecretString) -> Result<Granted, Report> {
        match self.sign_in.configured.grant.code() {
            Some((_, redirect_url)) => self.sign_in.code(code, redirect_url.as_str(), None).await,
            None => Err(self.sign_in.nobody_signed_in()),
        }
    }

    /// Signs in without a token of an earlier sign-in.
    async fn sign_in_anew(&self, stored: &mut Stored) -> Result<Granted, Report> {
        stored.refresh = None;
        let granted = self.sign_in.anew().await?;
        stored.sign_in();
        Ok(granted)
    }

    /// Stores the refresh token, which cannot be issued again, then the access token once its
    /// tenant is checked.
    async fn keep(
        &self,
        store: &Store,
        stored: &mut Stored,
        granted: Granted,
    ) -> Result<AccessToken, Failure> {
        stored.access = None;
        if let Some(refresh) = &granted.refresh {
            stored.refresh = Some(refresh.clone());
        }
        self.save(store, stored).await?;
        if let Err(error) = self.sign_in.check(&granted).await {
            // A token of another tenant is useless for the next run, too. After a failed look-up
            // it may be valid.
            if error.kind == Kind::Unauthorized {
                stored.refresh = None;
                self.save(store, stored).await?;
            }
            return Err(error.into());
        }
        stored.access = Some(granted.access.clone());
        self.save(store, stored).await?;
        Ok(granted.access)
    }

    /// Stores the tokens; if the next run can sign in without them, a failure is a warning.
    async fn save(&self, store: &Store, stored: &mut Stored) -> Result<(), Failure> {
        match store.save(stored).await {
            Err(error) if self.is_unattended() && !matches!(error, StoreError::Outdated) => {
                self.warn(format!("{error}. {}", error.fix()));
                Ok(())
            }
            saved => Ok(saved?),
        }
    }

    fn is_unattended(&self) -> bool {
        self.sign_in.configured.grant.is_unattended()
    }
}

impl Credentials {
    /// Stores the tokens of a user who has just signed in.
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
                stored.sign_in();
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

/// Returns the error response of Entra, if there was one.
fn entra(error: &Report) -> Option<&EntraError> {
    error.details.entra.as_ref()
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::Other(report)
    }
}

impl From<Failure> for Report {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error.into(),
            Failure::Other(report) => report,
        }
    }
}
