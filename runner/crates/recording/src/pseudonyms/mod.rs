//! Pseudonyms for people and tenants in a recording: the same person has the same ones
//! everywhere in the file, by address, name and id alike, and the run still replays.
//!
//! - `fields`: which fields of Graph, of inputs and of results identify whom
//! - `collect`: finds what identifies somebody, field by field and by its form
//! - `cursor`: cursors of reports by page, which are sealed
//! - `people`: who is the same, and what each is called
//! - `replace`: puts the pseudonyms in place, wherever the originals stand
//!
//! What Microsoft gives everybody stays: the ids of its licences, plans and roles.

mod collect;
mod cursor;
mod fields;
mod people;
mod replace;

use aho_corasick::BuildError;
use serde_json::Value;
use thiserror::Error;

use super::exchange;
use super::har::Har;
use super::texts;
use collect::Collection;
pub use collect::addresses_in;
use replace::Replacement;

/// Why a recording has no pseudonyms.
#[derive(Debug, Error)]
pub enum PseudonymError {
    /// It is no recording any more.
    #[error("the recording cannot be given pseudonyms: {0}")]
    Json(#[from] serde_json::Error),
    /// There is more to replace than can be looked for.
    #[error("the recording cannot be searched for people: {0}")]
    Search(#[from] BuildError),
}

/// The recording with pseudonyms. It should be replayed before it is trusted: a name that is
/// a word of the run's own changes more than the name.
pub fn pseudonymised(har: &Har) -> Result<Har, PseudonymError> {
    let mut document = serde_json::to_value(har)?;
    let collection = Collection::of(&document);
    let replacement =
        Replacement::new(&collection.pseudonyms(), collection.public(), collection.seal())?;
    texts::change_value(&mut document, &|text| replacement.apply(text));
    let mut har: Har = serde_json::from_value(document)?;
    for entry in &mut har.log.entries {
        measure(entry);
    }
    if let Some(run) = &mut har.log.run {
        // How long the component waits depends on a hash of its requests, which are others now.
        run.clock = None;
    }
    Ok(har)
}

/// The sizes are those of what is there now.
fn measure(entry: &mut super::har::Entry) {
    if let Some(body) = &entry.request.post_data {
        entry.request.body_size = exchange::size(body.text.len());
    }
    let content = &mut entry.response.content;
    content.size = exchange::size(content.bytes().map_or(0, |bytes| bytes.len()));
    entry.response.body_size = content.size;
}

/// A text that is JSON as the value that it is.
fn inner(text: &str) -> Option<Value> {
    let begins = text.trim_start().starts_with(['{', '[']);
    if begins { serde_json::from_str(text).ok() } else { None }
}
