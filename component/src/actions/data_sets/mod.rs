//! Data sets for selection menus.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `country_codes` | the countries that a usage location can be |

pub mod country_codes;

use alloc::vec::Vec;

use crate::Component;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::data_sets::{
    Country, CountryCodesInput, Guest,
};

impl Guest for Component {
    fn country_codes(input: CountryCodesInput) -> Result<Vec<Country>, Error> {
        Ok(country_codes::run(&input))
    }
}
