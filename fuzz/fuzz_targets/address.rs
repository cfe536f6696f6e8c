//! Two spellings of addresses.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| crosstie_fuzz::address::check(data));
