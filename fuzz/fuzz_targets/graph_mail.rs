//! Any bytes as a file of the format `graph_mail`.

#![no_main]

use crosstie_fuzz::{form, oracle};

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::check(&form("graph_mail"), data));
