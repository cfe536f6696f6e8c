//! Any bytes as JSON lines or a stream of JSON.

#![no_main]

use crosstie_fuzz::{form, oracle};

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::check(&form("jsonl"), data));
