//! Which addresses are nobody's on the public internet, said in another way than the guard
//! does: by the networks' names as IANA's registries write them, and for the forms of IPv6
//! that lead to IPv4 by the place of its bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First and last address of each network; the last three are metadata services.
const IPV4: &[(&str, &str)] = &[
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
    ("100.100.100.200", "100.100.100.200"),
    ("168.63.129.16", "168.63.129.16"),
    ("169.254.169.254", "169.254.169.254"),
];

/// Whether no request may go there, unless the configuration names it.
pub fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) => is_special_v6(address),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    let of = |text: &str| text.parse::<Ipv4Addr>().expect("an address");
    IPV4.iter().any(|(first, last)| (of(first)..=of(last)).contains(&address))
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    let bytes = address.octets();
    let (head, tail) = bytes.split_at(12);
    let v4 = |bytes: &[u8]| Ipv4Addr::from(<[u8; 4]>::try_from(bytes).expect("four bytes"));
    if address.is_loopback() || address.is_unspecified() {
        return true;
    }
    // ::a.b.c.d, ::ffff:a.b.c.d, ::ffff:0:a.b.c.d, and 64:ff9b::a.b.c.d.
    let leads_to_its_tail: [[u8; 12]; 4] = [
        [0; 12],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
        [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0],
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    if leads_to_its_tail.iter().any(|form| form == head) {
        return is_special_v4(v4(tail));
    }
    // Beyond 2000::/3 nothing is public.
    if bytes[0] >> 5 != 1 {
        return true;
    }
    // An interface of ISATAP, below whatever network (RFC 5214) but Teredo's, which ends otherwise.
    let isatap =
        !bytes.starts_with(&[0x20, 1, 0, 0]) && matches!(bytes[8..12], [0 | 2, 0, 0x5e, 0xfe]);
    if isatap && is_special_v4(v4(tail)) {
        return true;
    }
    match bytes {
        // 6to4.
        [0x20, 0x02, ..] => is_special_v4(v4(&bytes[2..6])),
        // Teredo: the server, and the client inverted.
        [0x20, 0x01, 0, 0, ..] => {
            let client: Vec<u8> = tail.iter().map(|byte| !byte).collect();
            is_special_v4(v4(&bytes[4..8])) || is_special_v4(v4(&client))
        }
        // Benchmarks, documentation, ORCHID and its second version.
        [0x20, 0x01, 0, 2, 0, 0, ..] | [0x20, 0x01, 0x0d, 0xb8, ..] => true,
        [0x20, 0x01, 0, third, ..] => matches!(third >> 4, 1 | 2),
        [0x3f, 0xff, second, ..] => second >> 4 == 0,
        _ => false,
    }
}

/// The IPv4 address that a C library reads in a text (`inet_aton`): one to four numbers, each
/// decimal, octal after `0` or hexadecimal after `0x`, the last of which fills the rest.
pub fn as_c_reads(text: &str) -> Option<Ipv4Addr> {
    let numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = numbers.split_last()?;
    if first.len() > 3 || first.iter().any(|number| *number > 255) {
        return None;
    }
    let rest = 32 - 8 * u32::try_from(first.len()).ok()?;
    if u64::from(*last) >= 1 << rest {
        return None;
    }
    let head = first.iter().zip([24, 16, 8]).map(|(number, shift)| number << shift).sum::<u32>();
    Some((head | last).into())
}

fn number(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match (lower.strip_prefix("0x"), lower.strip_prefix('0')) {
        (Some(hex), _) => (hex, 16),
        (None, Some(octal)) if !octal.is_empty() => (octal, 8),
        _ => (lower.as_str(), 10),
    };
    digits.chars().all(|c| c.is_digit(radix)).then_some(())?;
    u32::from_str_radix(digits, radix).ok()
}
