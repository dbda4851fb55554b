//! `o365 tenant rotate`: makes a new key, prints it once, lets the other keys expire, and removes
//! those that have expired.

use clap::{ArgGroup, Args};
use jiff::{SignedDuration, Timestamp};

use super::shown::{self, Further, Whose};
use super::{LIST, exists};
use crate::api_key::{AcceptedKey, ApiKey};
use crate::cli::failure::Failure;
use crate::cli::{Global, source, times};
use crate::connections::file::change::{Locked, Rotation};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").args(["id", "operator"]).required(true))]
pub struct Options {
    /// The tenant's id.
    id: Option<String>,
    /// How long the other keys are still valid.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = times::grace)]
    grace: SignedDuration,
    /// Remove the other keys.
    #[arg(long, conflicts_with = "grace")]
    now: bool,
    /// When the new key expires: a date or time in UTC, such as 2027-01-31, or a duration, such as
    /// 90d; by default never.
    #[arg(long, value_name = "DATE|DURATION", value_parser = times::expiry)]
    expires: Option<Timestamp>,
    /// Replace the keys that give access to the metrics of all tenants.
    #[arg(long)]
    operator: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let path = source::connections(global)?.path().to_owned();
    let now = Timestamp::now();
    let end = options.end(now)?;
    let key = ApiKey::generate().map_err(anyhow::Error::from)?;
    let accepted = AcceptedKey { hash: key.hash(), expires: options.expires };
    let rotation = Rotation { key: accepted, now, end };
    let file = Locked::open(&path)?;
    let serve = file.connections().serve().clone();
    let (whose, others) = match &options.id {
        None => {
            has_operator_keys(&serve.operator_keys)?;
            (Whose::Operator, file.rotate_operator_keys(&rotation)?)
        }
        Some(id) => {
            exists(file.connections(), id, LIST)?;
            (Whose::Tenant(id), file.rotate_tenant_keys(id, &rotation)?)
        }
    };
    shown::key(global, &serve, &key, &whose, Further::OtherKeys(others))
}

impl Options {
    /// Returns the end of the other keys after a rotation at `now`; `None` to remove them.
    fn end(&self, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        if self.now {
            return Ok(None);
        }
        let end = times::after(now, self.grace);
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
