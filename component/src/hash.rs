//! The 64-bit FNV-1a hash: small, and the same on every machine and in every run. It keeps
//! nobody out.

/// The hash of no bytes.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// The hash of `bytes`.
pub fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    continued(OFFSET, bytes)
}

/// The hash of what `hash` is the hash of and of `bytes` after it.
pub fn continued(hash: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// A hash for tables in memory: quick, eight bytes at a time, and weak.
pub fn quick(bytes: &[u8]) -> u64 {
    let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
    let last = match bytes.last_chunk() {
        // It overlaps the word before, unless that ends the bytes, too.
        Some(last) => u64::from_le_bytes(*last),
        None => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    mixed(bytes.len(), words.chain([last]))
}

/// The same of `numbers`.
pub fn quick_of(numbers: impl Iterator<Item = usize>) -> u64 {
    mixed(0, numbers.filter_map(|number| u64::try_from(number).ok()))
}

/// Each bit of the words changes the high bits, which the last step brings down.
fn mixed(length: usize, words: impl Iterator<Item = u64>) -> u64 {
    /// The golden ratio, of which each multiple is far from the others.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let begun = u64::try_from(length).unwrap_or(u64::MAX);
    let hash = words.fold(begun, |hash, word| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR));
    hash ^ hash >> 32
}
