//! The tables of the file, in one transaction.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use redb::{ReadableTable, StorageError, Table, TableDefinition, WriteTransaction};
use uuid::Uuid;

use super::super::digest::Digest;
use super::super::response::size;
use super::super::{IdempotencyKey, Options, StoredResponse};
use super::command::TenantKey;
use super::in_flight::{Claim, InFlight};

type Result<T> = std::result::Result<T, redb::Error>;

/// A tenant and one of its keys.
type Key = (&'static str, &'static str);

/// A tenant and the sequence number of a response.
type ResponseId = (&'static str, u64);

/// The digests of a request, its caller and its secrets.
type Digests = (&'static [u8; 32], &'static [u8; 32], &'static [u8; 32]);

/// The digests, the run, the Unix time in milliseconds, and the sequence number and the status of
/// the response.
type Entry = (Digests, u128, u64, Option<(u64, u16)>);

/// The headers and the body of a response.
type Stored = (Vec<(&'static str, &'static [u8])>, &'static [u8]);

/// All keys.
const ENTRIES: TableDefinition<'_, Key, Entry> = TableDefinition::new("entries");
/// All keys, oldest first.
const AGES: TableDefinition<'_, (u64, &str, &str), ()> = TableDefinition::new("ages");
/// The keys with a response, in the order of the responses.
const ANSWERED: TableDefinition<'_, ResponseId, &str> = TableDefinition::new("answered");
/// The stored responses, in the same order.
const ANSWERS: TableDefinition<'_, ResponseId, Stored> = TableDefinition::new("answers");
/// The number of a tenant's keys, and the bytes of their responses.
const USAGE: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("usage");

pub struct Tables<'t> {
    entries: Table<'t, Key, Entry>,
    ages: Table<'t, (u64, &'static str, &'static str), ()>,
    finished: Table<'t, ResponseId, &'static str>,
    responses: Table<'t, ResponseId, Stored>,
    usage: Table<'t, &'static str, (u64, u64)>,
    changed: bool,
    dropped: u64,
}

/// The entry of a key.
pub struct Known {
    pub digest: Digest,
    pub run: Uuid,
    /// The Unix time of the entry, in milliseconds.
    pub since: u64,
    /// The sequence number and the status of the response, if there is one.
    pub finished: Option<(u64, u16)>,
}

impl Known {
    fn of(
        ((request, caller, secrets), run, since, finished): <Entry as redb::Value>::SelfType<'_>,
    ) -> Self {
        let digest = Digest { request: *request, caller: *caller, secrets: *secrets };
        Self { digest, run: Uuid::from_u128(run), since, finished }
    }
}

impl<'t> Tables<'t> {
    pub fn open(transaction: &'t WriteTransaction) -> Result<Self> {
        Ok(Self {
            entries: transaction.open_table(ENTRIES)?,
            ages: transaction.open_table(AGES)?,
            finished: transaction.open_table(ANSWERED)?,
            responses: transaction.open_table(ANSWERS)?,
            usage: transaction.open_table(USAGE)?,
            changed: false,
            dropped: 0,
        })
    }

    /// Returns whether there are changes to commit.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Returns the number of responses that were dropped to keep to the limits.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Makes a change that leaves nothing, so that the transaction writes to the disk.
    pub fn probe(&mut self) -> Result<()> {
        self.changed = true;
        self.usage.insert("", (0, 0))?;
        self.usage.remove("")?;
        Ok(())
    }

    /// Returns the entry of a key.
    pub fn find(&self, name: &TenantKey) -> Result<Option<Known>> {
        let entry = self.entries.get((&*name.tenant, name.key.as_str()))?;
        Ok(entry.map(|entry| Known::of(entry.value())))
    }

    /// Returns the keys of the runs without a response.
    pub fn interrupted(&self) -> Result<Vec<(TenantKey, Known)>> {
        let mut interrupted = Vec::new();
        for entry in self.entries.iter()? {
            let (name, entry) = entry?;
            let known = Known::of(entry.value());
            if known.finished.is_none() {
                let (tenant, key) = name.value();
                interrupted.push((stored_name(tenant, key)?, known));
            }
        }
        Ok(interrupted)
    }

    /// Returns the response with a sequence number, if it is stored.
    pub fn response(
        &self,
        name: &TenantKey,
        sequence: u64,
        status: StatusCode,
    ) -> Result<Option<StoredResponse>> {
        let Some(stored) = self.responses.get((&*name.tenant, sequence))? else { return Ok(None) };
        let (pairs, body) = stored.value();
        let mut headers = HeaderMap::with_capacity(pairs.len());
        for (name, value) in pairs {
            let name = HeaderName::try_from(name).map_err(|_| damaged("a header's name"))?;
            let value = HeaderValue::try_from(value).map_err(|_| damaged("a header"))?;
            headers.append(name, value);
        }
        Ok(Some(StoredResponse { status, headers, body: Bytes::copy_from_slice(body) }))
    }

    /// Writes the start of a call, in place of the key's entry.
    pub fn begin(&mut self, name: &TenantKey, digest: Digest, run: Uuid, now: u64) -> Result<()> {
        self.remove(name)?;
        self.put(name, digest, run, now, None)
    }

    /// Returns whether a tenant has no room for another key.
    pub fn is_full(&self, name: &TenantKey, options: &Options) -> Result<bool> {
        Ok(self.usage(&name.tenant)?.0 >= options.tenant_keys)
    }

    /// Writes the response to a claim, and evicts older ones beyond the limit.
    pub fn finish(
        &mut self,
        name: &TenantKey,
        claim: &Claim,
        response: &StoredResponse,
        now: u64,
        options: &Options,
    ) -> Result<()> {
        self.remove(name)?;
        let tenant = &*name.tenant;
        let last = self.finished.range((tenant, 0)..=(tenant, u64::MAX))?.next_back();
        let sequence =
            last.transpose()?.map_or(0, |(sequence, _)| sequence.value().1.saturating_add(1));
        let finished = Some((sequence, response.status.as_u16()));
        self.put(name, claim.digest, claim.run, now, finished)?;
        self.finished.insert((tenant, sequence), name.key.as_str())?;
        let kept = Some(response.size()).filter(|size| *size <= options.response_bytes);
        if kept.is_some() {
            let headers = response.headers.iter();
            let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
            self.responses.insert((tenant, sequence), (headers, &*response.body))?;
        } else {
            self.dropped += 1;
        }
        let kept = kept.unwrap_or(0);
        self.account(tenant, |(keys, bytes)| (keys, bytes.saturating_add(kept)))?;
        self.evict(tenant, options)
    }

    /// Removes a key.
    pub fn remove(&mut self, name: &TenantKey) -> Result<()> {
        let Some(known) = self.find(name)? else { return Ok(()) };
        self.changed = true;
        let (tenant, key) = (&*name.tenant, name.key.as_str());
        self.entries.remove((tenant, key))?;
        self.ages.remove((known.since, tenant, key))?;
        if let Some((sequence, _)) = known.finished {
            self.drop_response(tenant, sequence)?;
            self.finished.remove((tenant, sequence))?;
        }
        self.account(tenant, |(keys, bytes)| (keys.saturating_sub(1), bytes))
    }

    /// Removes at most `most` keys from before a time, except held ones. Returns their number.
    pub fn sweep(&mut self, before: u64, most: usize, in_flight: &InFlight) -> Result<usize> {
        let mut old = Vec::new();
        for entry in self.ages.range(..(before, "", ""))? {
            if old.len() == most {
                break;
            }
            let (age, ()) = entry.map(|(age, unit)| (age, unit.value()))?;
            let (_, tenant, key) = age.value();
            let name = stored_name(tenant, key)?;
            if in_flight.get(&name).is_none() {
                old.push(name);
            }
        }
        old.iter().try_for_each(|name| self.remove(name))?;
        Ok(old.len())
    }

    fn put(
        &mut self,
        name: &TenantKey,
        digest: Digest,
        run: Uuid,
        now: u64,
        finished: Option<(u64, u16)>,
    ) -> Result<()> {
        self.changed = true;
        let (tenant, key) = (&*name.tenant, name.key.as_str());
        let Digest { request, caller, secrets } = &digest;
        let digests = (request, caller, secrets);
        self.entries.insert((tenant, key), (digests, run.as_u128(), now, finished))?;
        self.ages.insert((now, tenant, key), ())?;
        self.account(tenant, |(keys, bytes)| (keys.saturating_add(1), bytes))
    }

    /// Evicts the oldest responses beyond the limit. Their keys stay: a key without its response
    /// still prevents a repeated run.
    fn evict(&mut self, tenant: &str, options: &Options) -> Result<()> {
        let all = (tenant, 0)..=(tenant, u64::MAX);
        while self.usage(tenant)?.1 > options.tenant_bytes {
            let first = self.responses.range(all.clone())?.next().transpose()?;
            let Some(sequence) = first.map(|(sequence, _)| sequence.value().1) else { break };
            self.drop_response(tenant, sequence)?;
            self.dropped += 1;
        }
        Ok(())
    }

    fn drop_response(&mut self, tenant: &str, sequence: u64) -> Result<()> {
        let Some(stored) = self.responses.remove((tenant, sequence))? else { return Ok(()) };
        let (headers, body) = stored.value();
        let gone = size(headers.into_iter(), body);
        drop(stored);
        self.account(tenant, |(keys, bytes)| (keys, bytes.saturating_sub(gone)))
    }

    fn usage(&self, tenant: &str) -> Result<(u64, u64)> {
        Ok(self.usage.get(tenant)?.map_or((0, 0), |usage| usage.value()))
    }

    fn account(&mut self, tenant: &str, change: impl Fn((u64, u64)) -> (u64, u64)) -> Result<()> {
        match change(self.usage(tenant)?) {
            (0, _) => drop(self.usage.remove(tenant)?),
            usage => drop(self.usage.insert(tenant, usage)?),
        }
        Ok(())
    }
}

fn stored_name(tenant: &str, key: &str) -> Result<TenantKey> {
    let key = IdempotencyKey::stored(key).map_err(|_| damaged("a key"))?;
    Ok(TenantKey { tenant: tenant.into(), key })
}

/// Returns the error of an invalid value.
pub fn damaged(what: &str) -> redb::Error {
    StorageError::Corrupted(format!("{what} in it is invalid")).into()
}
