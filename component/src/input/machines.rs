//! The subjects of notifications: storage accounts and virtual machines.

use core::net::IpAddr;

use super::Problems;

/// The length of a storage account's name. Source: Azure's naming rules for
/// `Microsoft.Storage/storageAccounts`.
const STORAGE_ACCOUNT: core::ops::RangeInclusive<usize> = 3..=24;

/// Checks the name of a storage account.
pub fn storage_account(problems: &mut Problems, value: &str) {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !STORAGE_ACCOUNT.contains(&value.len()) || !value.bytes().all(fits) {
        problems.add(
            "/storageAccount",
            "it is no name of a storage account; expected 3 to 24 lower-case letters and digits",
        );
    }
}

/// Checks an IP address.
pub fn ip(problems: &mut Problems, value: &str) {
    if value.parse::<IpAddr>().is_err() {
        problems.add(
            "/ip",
            "it is no IP address; expected an IPv4 address such as 10.1.2.3 or an IPv6 address such as fd00::1:2",
        );
    }
}
