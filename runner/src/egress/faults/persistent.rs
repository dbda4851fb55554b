//! What a fault leaves behind for later calls.

use serde_json::Value;

use super::answers::Asked;
use crate::contract::call::user_key;
use crate::egress::Response;

/// Something that holds from a fault on.
pub enum PersistentEffect {
    /// No call is accepted any more.
    TokenExpired,
    /// No seat of this licence is left.
    SeatTaken {
        /// The licence's id.
        sku_id: String,
    },
    /// A new user is not known everywhere yet.
    Lag {
        /// The user's object id and name.
        keys: Vec<String>,
        /// How many more calls do not know it.
        left: u32,
    },
}

impl PersistentEffect {
    /// The new user whose creation was answered with `body`.
    pub fn lag(body: &[u8], left: u32) -> Option<Self> {
        let user: Value = serde_json::from_slice(body).ok()?;
        let keys = ["id", "userPrincipalName"]
            .into_iter()
            .filter_map(|key| Some(user.get(key)?.as_str()?.to_owned()))
            .collect::<Vec<_>>();
        (!keys.is_empty()).then_some(Self::Lag { keys, left })
    }

    /// What a later call is answered because of it, if it is.
    pub fn answer(&mut self, asked: &Asked<'_>) -> Option<Response> {
        match self {
            Self::TokenExpired => Some(asked.token_expired()),
            Self::SeatTaken { sku_id } => {
                let wanted = sku_of(asked.request.body())?;
                wanted.eq_ignore_ascii_case(sku_id).then(|| asked.no_seats(&wanted))
            }
            Self::Lag { keys, left } => {
                let named = user_key(asked.path).filter(|_| *left > 0)?;
                let key = keys.iter().find(|key| key.eq_ignore_ascii_case(&named))?;
                *left -= 1;
                Some(if asked.path.ends_with("/assignLicense") {
                    asked.no_usage_location()
                } else {
                    asked.not_found(key)
                })
            }
        }
    }
}

/// The licence that an assignment asks for.
pub fn sku_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.pointer("/addLicenses/0/skuId")?.as_str()?.to_owned())
}
