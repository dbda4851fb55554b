//! The tools over stdin and stdout.

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use thiserror::Error;

use super::Face;
use super::party::Party;
use crate::api_key::{ApiKey, NoRandomness};
use crate::serve::authentication::PresentedKey;
use crate::serve::service::Service;

/// Why a client cannot be served.
#[derive(Debug, Error)]
pub enum StdioError {
    /// There are no random numbers.
    #[error(transparent)]
    Key(#[from] NoRandomness),
    /// The client did not begin as the protocol asks. What it sent is not told: it may be secret.
    #[error("the client did not begin a session as the protocol asks")]
    Begin,
}

/// Serves the tools of a tenant until the client closes stdin. With `confirms`, a person confirms
/// each change.
///
/// # Errors
/// Fails when the client does not begin a session.
pub async fn serve(service: Service, tenant: &str, confirms: bool) -> Result<(), StdioError> {
    let key = PresentedKey(ApiKey::generate()?.expose().into());
    let party = Party { tenant: tenant.to_owned(), key, facts: None };
    let face = Face::new(service, Some(party), confirms);
    match face.serve(rmcp::transport::stdio()).await {
        Ok(session) => {
            // What ended it is no concern of the runs, which end as they would.
            let _ = session.waiting().await;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(_) => Err(StdioError::Begin),
    }
}
