//! Any bytes as the date and the addresses of a mail whose other headers are good.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| crosstie_fuzz::mail_headers::check(data));
