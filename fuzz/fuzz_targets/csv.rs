//! Any bytes as a table.

#![no_main]

use crosstie_fuzz::{form, oracle};

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::check(&form("csv"), data));
