//! The media type of a response, by `Accept` (RFC 9110, section 12.5.1), and its encoding, by
//! `Accept-Encoding` (section 12.5.3).

use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderName};

/// The encodings of a response, the best one first.
const ENCODINGS: [&str; 2] = ["zstd", "gzip"];

/// Returns the place of the offer that the request prefers, the first of equals; `None` if it
/// accepts none of them. Offers are media types without parameters, and parameters of the request other than
/// `q` are not compared.
pub(super) fn preferred(headers: &HeaderMap, offers: &[&str]) -> Option<usize> {
    let ranges: Vec<Range<'_>> =
        elements(headers, &ACCEPT).filter(|range| range.name.contains('/')).collect();
    if ranges.is_empty() {
        return (!offers.is_empty()).then_some(0);
    }
    best(&ranges, offers, specificity)
}

/// Returns the encoding that the request prefers; `None` for no encoding, also where the request
/// refuses that.
pub(super) fn encoding(headers: &HeaderMap) -> Option<&'static str> {
    let ranges: Vec<Range<'_>> = elements(headers, &ACCEPT_ENCODING).collect();
    let matches = |range: &str, offer: &str| match range {
        "*" => Some(0),
        _ => range.eq_ignore_ascii_case(offer).then_some(1),
    };
    ENCODINGS.get(best(&ranges, &ENCODINGS, matches)?).copied()
}

/// Returns the place of the offer of the highest quality, the first of equals; `None` if none has
/// any.
fn best(
    ranges: &[Range<'_>],
    offers: &[&str],
    specificity: impl Fn(&str, &str) -> Option<u8>,
) -> Option<usize> {
    let quality = |offer: &str| {
        let of = ranges.iter().filter(|range| specificity(range.name, offer).is_some());
        of.max_by_key(|range| (specificity(range.name, offer), range.quality))
            .map_or(0, |range| range.quality)
    };
    let rated = offers.iter().enumerate().map(|(place, offer)| (quality(offer), place));
    let best = rated.min_by_key(|(quality, place)| (std::cmp::Reverse(*quality), *place));
    best.filter(|(quality, _)| *quality > 0).map(|(_, place)| place)
}

/// An element of `Accept` or `Accept-Encoding`.
struct Range<'a> {
    name: &'a str,
    /// In thousandths.
    quality: u16,
}

fn elements<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = Range<'h>> {
    let values = headers.get_all(name).iter();
    values.flat_map(|value| value.to_str().unwrap_or_default().split(',').filter_map(range))
}

fn range(element: &str) -> Option<Range<'_>> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    let quality = weight.map_or(Some(1_000), thousandths)?;
    Some(Range { name, quality })
}

/// Reads a weight: from 0 to 1, with three decimals at most.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    let whole: u16 = whole.parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(decimals).filter(|weight| *weight <= 1_000)
}

/// Returns how closely a range names a media type; `None` if it does not.
fn specificity(range: &str, offer: &str) -> Option<u8> {
    let (kind, _) = offer.split_once('/')?;
    match range.split_once('/')? {
        ("*", "*") => Some(0),
        (of, "*") => of.eq_ignore_ascii_case(kind).then_some(1),
        _ => range.eq_ignore_ascii_case(offer).then_some(2),
    }
}
