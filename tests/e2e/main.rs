//! The program as its users meet it: the binary, real files, exit codes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at anything unexpected, and says when it is skipped"
)]

mod audit;
mod backfill;
mod bad_input;
mod bulk;
mod canary;
mod commands;
mod commits;
mod crash;
mod create;
mod determinism;
mod export;
mod faults;
mod files;
mod forget;
mod freedoms;
mod graph;
mod guard;
mod my_data;
mod nights;
mod notebooks;
mod observe;
mod planted;
mod policy;
mod power_cut;
mod privacy;
mod quickstart;
mod readers;
mod readme;
mod report;
mod reveal;
mod round_trip;
mod schedule;
mod support;
mod tables;
mod thousand_canaries;
mod trends;
mod twenty_nights;
