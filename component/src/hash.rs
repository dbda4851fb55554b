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
