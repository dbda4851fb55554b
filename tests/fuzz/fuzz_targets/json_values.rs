#![no_main]

// The component is loaded before the first input, whose time is measured.
libfuzzer_sys::fuzz_target!(init: support::checks::json_values::check(b""), |data: &[u8]| {
    support::checks::json_values::check(data)
});
