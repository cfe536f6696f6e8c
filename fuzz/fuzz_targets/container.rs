//! Any bytes as a stored file: plain, gzip, zstd, zip or tar.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| crosstie_fuzz::container::check(data));
