//! Cursors of report pages, which hold Graph's position in the list and a seal.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::texts;

/// What a cursor is sealed with. The seal binds it to a connection, and pseudonyms change the
/// connection. The format is that of `component/src/actions/reports/cursor.rs`.
#[derive(Clone)]
pub struct Seal {
    parts: Vec<String>,
}

/// The version of the format.
const VERSION: u8 = 1;

impl Seal {
    pub fn of(run: &Value) -> Option<Self> {
        let places =
            ["/action", "/input/connectionId", "/connection/graphUrl", "/connection/tenant"];
        let parts = places.map(|place| run.pointer(place).and_then(Value::as_str));
        Some(Self {
            parts: parts.into_iter().map(|p| p.map(str::to_owned)).collect::<Option<_>>()?,
        })
    }

    pub fn changed(&self, change: texts::Change<'_>) -> Self {
        let changed =
            |part: &String| texts::change_text(part, change).unwrap_or_else(|| part.clone());
        Self { parts: self.parts.iter().map(changed).collect() }
    }

    fn hash(&self, query: &str) -> u64 {
        let parts = self.parts.iter().flat_map(|part| part.bytes().chain([0]));
        let bytes = [VERSION].into_iter().chain(parts).chain(query.bytes());
        // FNV-1a.
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

pub struct Cursor {
    hash: u64,
    query: String,
}

impl Cursor {
    /// Decodes a cursor, or returns `None`.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (hash, query) = rest.split_first_chunk()?;
        let query = String::from_utf8(query.to_vec()).ok()?;
        (*version == VERSION && !query.is_empty())
            .then(|| Self { hash: u64::from_be_bytes(*hash), query })
    }

    /// Returns the cursor with pseudonyms and a new seal.
    pub fn changed(&self, old: &Seal, new: &Seal, change: texts::Change<'_>) -> Option<String> {
        // The query of a URL, so that its encoding is handled.
        const BEFORE: &str = "https://graph/?";
        let address = format!("{BEFORE}{}", self.query);
        let query = texts::change_text(&address, change);
        let query = query.as_deref().and_then(|address| address.strip_prefix(BEFORE));
        let query = query.unwrap_or(&self.query);
        // An invalid cursor stays invalid.
        let hash = if self.hash == old.hash(&self.query) { new.hash(query) } else { self.hash };
        let bytes = [&[VERSION], hash.to_be_bytes().as_slice(), query.as_bytes()].concat();
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }
}
