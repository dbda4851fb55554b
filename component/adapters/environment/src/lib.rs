//! The adapter `environment`: exports `wasi:config/store` from environment variables, for hosts
//! that have no such store.

#![no_std]
extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;

use adapter::settings::{of_variable, variable};
use bindings::exports::wasi::config::store::{Error, Guest};
use bindings::wasi::cli::environment::get_environment;

#[allow(missing_docs, unexpected_cfgs, clippy::all, clippy::restriction, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../wit"],
        world: "connector:adapters/environment",
        generate_all,
        std_feature,
    });
}

struct Environment;

impl Guest for Environment {
    fn get(key: String) -> Result<Option<String>, Error> {
        let variable = variable(&key);
        Ok(get_environment()
            .into_iter()
            .find(|(name, _)| *name == variable)
            .map(|(_, value)| value))
    }

    fn get_all() -> Result<Vec<(String, String)>, Error> {
        let setting = |(name, value): (String, String)| Some((of_variable(&name)?, value));
        Ok(get_environment().into_iter().filter_map(setting).collect())
    }
}

bindings::export!(Environment with_types_in bindings);
