//! What breaks a stream, carried through `std::io::Read` as an error with a code.

use crate::IngestError;
use crosstie_model::{Code, Diagnostic, Place, code};
use std::fmt;
use std::io;
use std::path::Path;

/// A fault of the data itself, not of the system that reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamFault(pub(crate) Code);

impl fmt::Display for StreamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.what)
    }
}

impl std::error::Error for StreamFault {}

impl From<StreamFault> for io::Error {
    fn from(fault: StreamFault) -> io::Error {
        io::Error::other(fault)
    }
}

/// What a failed read of `path` means. A read that fails is never a shorter file.
pub(crate) fn stream_error(path: &Path, error: io::Error) -> IngestError {
    let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
    let unusable =
        |code: Code| IngestError::Unusable(vec![Diagnostic::new(code, code.what).at(place.clone()).hint(code.remedy)]);
    if let Some(StreamFault(code)) = error.get_ref().and_then(|inner| inner.downcast_ref::<StreamFault>()) {
        return unusable(*code);
    }
    match error.kind() {
        io::ErrorKind::NotFound => IngestError::Missing { path: path.into() },
        _ if error.raw_os_error().is_some() => IngestError::Io { path: path.into(), source: error },
        io::ErrorKind::UnexpectedEof => unusable(code::I201),
        _ => unusable(code::I212),
    }
}
