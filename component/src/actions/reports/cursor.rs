//! The cursors of report pages.
//!
//! A cursor is base64url, without padding, of
//! - a byte 1, the version of this format;
//! - eight bytes, most significant first: the 64-bit FNV-1a hash of that byte, of the
//!   action's name, the connection's id, its Graph address and its tenant, each with a zero
//!   byte after it, and of the query;
//! - the query of Graph's link to the next page. Not the rest of the link: a cursor cannot
//!   lead elsewhere.
//!
//! The hash finds mistakes, such as another connection's cursor or half of one. It is no
//! signature and need not be: a made-up cursor gives other pages of the users whom
//! the connection may list anyway, with the same properties.

use alloc::borrow::ToOwned;
use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::bindings::connector::office365::connections::Connection;
use crate::hash;

/// The version of the format.
const VERSION: u8 = 1;

/// Makes and reads the cursors of one action and one connection.
pub struct Seal(u64);

impl Seal {
    /// The seal of the action named `action` with `connection`, whose id is `id`.
    pub fn new(action: &str, id: &str, connection: &Connection) -> Self {
        let parts = [action, id, &connection.graph_url, &connection.tenant];
        let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
        Seal(hash::fnv1a([VERSION].into_iter().chain(bytes)))
    }

    /// The cursor for `query`.
    pub fn close(&self, query: &str) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.checksum(query));
        bytes.extend(query.bytes());
        URL_SAFE_NO_PAD.encode(&bytes)
    }

    /// The query of `cursor`; `None` when this seal did not make it.
    pub fn open(&self, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (checksum, query) = rest.split_first_chunk()?;
        let query = core::str::from_utf8(query).ok()?;
        (*version == VERSION && *checksum == self.checksum(query)).then(|| query.to_owned())
    }

    fn checksum(&self, query: &str) -> [u8; 8] {
        hash::continued(self.0, query.bytes()).to_be_bytes()
    }
}
