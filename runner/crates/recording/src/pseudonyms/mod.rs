//! Pseudonyms for people and tenants in a recording. A person has one pseudonym in the whole
//! file, by address, name and id, and the recording still replays. The ids of Microsoft's
//! licences, plans and roles stay.
//!
//! - `fields`: the fields of Graph, inputs and results that identify somebody
//! - `collect`: finds what identifies somebody
//! - `cursor`: the sealed cursors of report pages
//! - `people`: who is the same person, and each one's pseudonyms
//! - `replace`: replaces the originals

mod collect;
mod cursor;
mod fields;
mod people;
mod replace;

use aho_corasick::BuildError;
use serde_json::Value;
use thiserror::Error;

use super::har::Har;
use super::texts;
use collect::Collection;
pub use collect::addresses_in;
use replace::Replacement;

/// Why a recording cannot be given pseudonyms.
#[derive(Debug, Error)]
pub enum PseudonymError {
    /// The result is not a recording.
    #[error("the recording cannot be given pseudonyms: {0}")]
    Json(#[from] serde_json::Error),
    /// The originals are too many to search for.
    #[error("the recording cannot be searched for people: {0}")]
    Search(#[from] BuildError),
}

/// Returns the recording with pseudonyms. Replay it before you trust it: a name that is also a
/// word of the run changes more than the name.
pub fn pseudonymised(har: &Har) -> Result<Har, PseudonymError> {
    let mut document = serde_json::to_value(har)?;
    let collection = Collection::of(&document);
    let replacement =
        Replacement::new(&collection.pseudonyms(), &collection.public, collection.seal.as_ref())?;
    texts::change_value(&mut document, &|text| replacement.apply(text));
    let mut har: Har = serde_json::from_value(document)?;
    for entry in &mut har.log.entries {
        entry.measure();
    }
    if let Some(run) = &mut har.log.run {
        // The waits of the component depend on a hash of its requests, which have changed.
        run.clock = None;
    }
    Ok(har)
}

/// Parses a text that is JSON.
fn inner(text: &str) -> Option<Value> {
    let begins = text.trim_start().starts_with(['{', '[']);
    if begins { serde_json::from_str(text).ok() } else { None }
}
