//! `o365 tenant rotate`: makes a new key, prints it once, and lets the other keys expire.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::shown::{self, Whose};
use super::{LIST, exists};
use crate::api_key::{AcceptedKey, ApiKey};
use crate::cli::failure::Failure;
use crate::cli::{Global, source, times};
use crate::connections::file::change::Locked;

#[derive(Debug, Args)]
pub struct Options {
    /// The tenant's id.
    #[arg(required_unless_present = "operator")]
    id: Option<String>,
    /// How long the other keys are still valid.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = times::duration)]
    grace: SignedDuration,
    /// Remove the other keys.
    #[arg(long, conflicts_with = "grace")]
    now: bool,
    /// When the new key expires: a date or time in UTC, such as 2027-01-31, or a duration, such as
    /// 90d; by default never.
    #[arg(long, value_name = "DATE|DURATION", value_parser = times::expiry)]
    expires: Option<Timestamp>,
    /// Replace the keys that give access to the metrics of all tenants.
    #[arg(long, conflicts_with = "id")]
    operator: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let path = source::connections(global)?.path().to_owned();
    let end = options.end()?;
    let key = ApiKey::generate().map_err(anyhow::Error::from)?;
    let accepted = AcceptedKey { hash: key.hash(), expires: options.expires };
    let file = Locked::open(&path)?;
    let serve = file.connections().serve().clone();
    let whose = match &options.id {
        None => {
            has_operator_keys(&serve.operator_keys)?;
            file.rotate_operator_keys(accepted, end)?;
            Whose::Operator
        }
        Some(id) => {
            exists(file.connections(), id, LIST)?;
            file.rotate_tenant_keys(id, accepted, end)?;
            Whose::Tenant(id)
        }
    };
    shown::key(global, &serve, &key, &whose, Some(("otherKeysExpire", json!(end))))
}

impl Options {
    /// Returns the end of the other keys; `None` to remove them.
    fn end(&self) -> Result<Option<Timestamp>, Failure> {
        if self.now {
            return Ok(None);
        }
        let end = times::after(Timestamp::now(), self.grace);
        end.map(Some).ok_or_else(|| {
            Failure::usage("--grace is too long", "Name a duration such as 24h, or 7d.")
        })
    }
}

fn has_operator_keys(keys: &[AcceptedKey]) -> Result<(), Failure> {
    if keys.is_empty() {
        return Err(Failure::usage(
            "the operators have no key",
            "Make one with o365 tenant add --operator.",
        ));
    }
    Ok(())
}
