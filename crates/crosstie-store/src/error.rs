//! What can go wrong with an output folder.

use crate::lock::Holder;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why nothing was written, or why what is there cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A folder or file cannot be made.
    #[error("`{}` cannot be created", path.display())]
    Create {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file cannot be written, synced or renamed.
    #[error("`{}` cannot be written", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The disk, the quota or the largest size of a file is used up.
    #[error("there is no room for `{}`{}", path.display(), needed(*bytes))]
    Full {
        /// Which.
        path: PathBuf,
        /// Bytes that it needs, where they are known.
        bytes: Option<u64>,
        /// The system's reason.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another run holds the lock.
    #[error("another run{} holds the lock of `{}`", by(holder.as_ref()), path.display())]
    Locked {
        /// The output folder.
        path: PathBuf,
        /// Who holds it, where the system says so.
        holder: Option<Holder>,
    },
    /// Somebody who does not heed the lock committed under the same number.
    #[error("`{}` was committed by somebody else meanwhile", path.display())]
    Taken {
        /// The manifest.
        path: PathBuf,
    },
    /// The folder is not safe to write people's data into.
    #[error("`{}` {why}", path.display())]
    Unsafe {
        /// The output folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The key file can be read by others, or is none.
    #[error("key file `{}` {why}", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A manifest cannot be parsed, or is not as it was written.
    #[error("manifest `{}` cannot be read", path.display())]
    Manifest {
        /// Which.
        path: PathBuf,
    },
    /// A committed file is missing or has another hash than its manifest says.
    #[error("`{}` is not what its manifest says", path.display())]
    Changed {
        /// Which.
        path: PathBuf,
    },
    /// Rows do not fit their table: a bug.
    #[error("table `{table}` cannot be encoded")]
    Encode {
        /// Which table.
        table: &'static str,
    },
}

impl StoreError {
    /// Making `path` failed.
    pub(crate) fn creating(path: &Path, source: io::Error) -> StoreError {
        let path = path.to_path_buf();
        if is_full(&source) {
            StoreError::Full { path, bytes: None, source }
        } else {
            StoreError::Create { path, source }
        }
    }

    /// Writing, syncing, renaming or removing `path` failed.
    pub(crate) fn writing(path: &Path, source: io::Error) -> StoreError {
        StoreError::writing_bytes(path, None, source)
    }

    /// Writing `bytes` bytes to `path` failed.
    pub(crate) fn writing_bytes(path: &Path, bytes: Option<u64>, source: io::Error) -> StoreError {
        let path = path.to_path_buf();
        if is_full(&source) { StoreError::Full { path, bytes, source } } else { StoreError::Write { path, source } }
    }

    /// Reading `path` failed.
    pub(crate) fn reading(path: &Path, source: io::Error) -> StoreError {
        StoreError::Read { path: path.to_path_buf(), source }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

fn needed(bytes: Option<u64>) -> String {
    bytes.map(|bytes| format!(", which needs {bytes} bytes")).unwrap_or_default()
}

fn by(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!(" ({holder})")).unwrap_or_default()
}
