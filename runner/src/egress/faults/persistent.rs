//! The effects of a fault on later calls.

use serde_json::Value;

use super::responses::Call;
use crate::contract::call::user_key;
use crate::egress::Response;
use crate::graph::Refusal;

/// An effect that lasts from a fault on.
pub enum PersistentEffect {
    TokenExpired,
    SeatTaken {
        sku_id: String,
    },
    /// A new user is not replicated yet.
    Lag {
        keys: Vec<String>,
        /// The number of calls that still fail.
        left: u32,
    },
}

impl PersistentEffect {
    /// Returns the lag of the user whose creation returned `body`.
    pub fn lag(body: &[u8], left: u32) -> Option<Self> {
        let user: Value = serde_json::from_slice(body).ok()?;
        let keys = ["id", "userPrincipalName"]
            .into_iter()
            .filter_map(|key| Some(user.get(key)?.as_str()?.to_owned()))
            .collect::<Vec<_>>();
        (!keys.is_empty()).then_some(Self::Lag { keys, left })
    }

    /// Returns the response to a later call that the effect changes.
    pub fn response(&mut self, call: &Call<'_>) -> Option<Response> {
        match self {
            Self::TokenExpired => Some(call.token_expired()),
            Self::SeatTaken { sku_id } => {
                let wanted = sku_of(call.request.body())?;
                wanted
                    .eq_ignore_ascii_case(sku_id)
                    .then(|| call.refused(&Refusal::no_seats(&wanted)))
            }
            Self::Lag { keys, left } => {
                let named = user_key(call.path).filter(|_| *left > 0)?;
                let key = keys.iter().find(|key| key.eq_ignore_ascii_case(&named))?;
                *left -= 1;
                Some(call.refused(&match call.path.ends_with("/assignLicense") {
                    true => Refusal::invalid_location(),
                    false => Refusal::absent(key),
                }))
            }
        }
    }
}

/// Returns the licence of an assignment.
pub fn sku_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.pointer("/addLicenses/0/skuId")?.as_str()?.to_owned())
}
