//! Any bytes as a directory.

#![no_main]

use crosstie_fuzz::{directories, words};
use crosstie_ingest::DirectoryFormat;

libfuzzer_sys::fuzz_target!(|data: &[u8]| directories::check(DirectoryFormat::Ldif, words::LDIF, data));
