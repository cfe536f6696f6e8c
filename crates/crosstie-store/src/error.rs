//! What can go wrong with an output folder.

use std::io;
use std::path::PathBuf;

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
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another run holds the lock.
    #[error("another run holds the lock of `{}`", path.display())]
    Locked {
        /// The output folder.
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
    /// A manifest cannot be parsed.
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
