//! From paths to streams of bytes: unchanged files, decompressed under limits, archives read entry by entry.

mod container;
mod encoding;
mod fault;
mod gzip;
mod limits;
mod stream;
mod zip_entries;

pub(crate) use container::{Container, EntryBody, hidden};
pub use encoding::TextEncoding;
pub(crate) use encoding::decode;
pub(crate) use fault::{StreamFault, stream_error};
pub(crate) use stream::{Steady, open_stream, state_of};
