#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::checks::address_guard::check(data));
