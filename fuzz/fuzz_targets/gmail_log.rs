//! Any bytes as a file of the format `gmail_log`.

#![no_main]

use crosstie_fuzz::{form, oracle};

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::check(&form("gmail_log"), data));
