//! What ends an ingest: a request that cannot be met. Bad records are no error; they go to the ledger.

use crosstie_model::Diagnostic;
use std::path::PathBuf;

/// Why nothing was ingested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// A path of the plan holds nothing.
    #[error("`{}` is not there", path.display())]
    Missing {
        /// The path as planned.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("`{}` cannot be read", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file changed while it was read.
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// What earlier runs kept is not as they left it: everything has to be read anew.
    #[error("what earlier runs kept is damaged")]
    KeptIsDamaged,
    /// Files that cannot be used as a whole.
    #[error("input that cannot be used")]
    Unusable(Vec<Diagnostic>),
}
