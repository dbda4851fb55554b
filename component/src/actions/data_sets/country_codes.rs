//! `country-codes`: the countries that a usage location can be, by name.
//!
//! They are those that `create-user` takes. With `search`, only the countries whose code or
//! name contains that text, in any case and with or without accents; blanks around it do not
//! count, and an empty one finds all. Nothing is asked of Graph, and nothing can fail.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bindings::exports::connector::office365::data_sets::{Country, CountryCodesInput};
use crate::country_codes::COUNTRIES;
use crate::search;

/// Runs the action.
pub fn run(input: &CountryCodesInput) -> Vec<Country> {
    let wanted = plain(input.search.as_deref().unwrap_or_default().trim());
    let fits = |text| search::holds(plain(text).as_bytes(), &wanted);
    COUNTRIES
        .iter()
        .filter(|country| fits(country.code) || fits(country.name))
        .map(|country| Country { code: country.code.to_owned(), name: country.name.to_owned() })
        .collect()
}

/// `text` in lower case and without the accents that the countries' names have.
fn plain(text: &str) -> String {
    let letter = |c| match c {
        'Å' | 'å' => 'a',
        'Ç' | 'ç' => 'c',
        'É' | 'é' => 'e',
        'Ô' | 'ô' => 'o',
        'Ü' | 'ü' => 'u',
        other => other.to_ascii_lowercase(),
    };
    text.chars().map(letter).collect()
}
