//! What ends a command, with its exit code.

use crosstie_ingest::IngestError;
use crosstie_model::{Diagnostic, Place, code};
use crosstie_store::StoreError;

/// Exit codes that schedulers rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command was called wrongly.
    Usage = 2,
    /// Input data over the failure threshold, or committed data that does not verify.
    Data = 65,
    /// Input missing.
    NoInput = 66,
    /// A bug here.
    Bug = 70,
    /// Cannot create.
    Create = 73,
    /// Cannot write.
    Write = 74,
    /// Try again later.
    TryAgain = 75,
    /// Not allowed.
    NotAllowed = 77,
    /// The pipeline file is wrong.
    Config = 78,
    /// Asked to stop by SIGINT.
    Interrupted = 130,
    /// Asked to stop by SIGTERM.
    Terminated = 143,
}

/// Why a command ended without doing what was asked: everything that is wrong, not only the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// One thing is wrong.
    #[must_use]
    pub fn new(exit: Exit, diagnostic: Diagnostic) -> Failure {
        Failure { exit, diagnostics: vec![diagnostic] }
    }
}

pub(crate) fn place(path: &std::path::Path) -> Place {
    Place { path: path.display().to_string(), line: None, byte: None, column: None }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Failure {
        match error {
            IngestError::Missing { path } => {
                let missing =
                    Diagnostic::new(code::C104, "no such file or folder, or no file that matches").at(place(&path));
                Failure::new(Exit::NoInput, missing.hint(code::C104.remedy))
            }
            IngestError::Io { path, source } => {
                let broken = Diagnostic::new(code::I214, "cannot be read").at(place(&path)).detail(source.to_string());
                let missing = source.kind() == std::io::ErrorKind::PermissionDenied;
                Failure::new(if missing { Exit::NoInput } else { Exit::Data }, broken)
            }
            IngestError::Changed { path } => {
                let changed = Diagnostic::new(code::I202, "the file changed while it was read").at(place(&path));
                Failure::new(Exit::TryAgain, changed.hint(code::I202.remedy))
            }
            IngestError::Unusable(diagnostics) => Failure { exit: Exit::Data, diagnostics },
            IngestError::KeptIsDamaged => {
                let damaged = Diagnostic::new(code::S103, "what this run put into `state/read` is not there again");
                Failure::new(Exit::Write, damaged.hint("look at the disk, then run again"))
            }
            other => Failure::new(Exit::Bug, Diagnostic::new(code::I212, other.to_string())),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let text = error.to_string();
        let (exit, code, detail) = match &error {
            StoreError::Create { source, .. } => (Exit::Create, code::S102, Some(source.to_string())),
            StoreError::Write { source, .. } => (Exit::Write, code::S102, Some(source.to_string())),
            StoreError::Full { source, .. } => (Exit::Write, code::S102, Some(source.to_string())),
            StoreError::Read { source, .. } => (Exit::Data, code::S103, Some(source.to_string())),
            StoreError::Locked { .. } | StoreError::Taken { .. } => (Exit::TryAgain, code::S101, None),
            StoreError::Unsafe { .. } => (Exit::NotAllowed, code::P101, None),
            StoreError::Key { .. } => (Exit::NotAllowed, code::P102, None),
            StoreError::Manifest { .. } => (Exit::Data, code::S105, None),
            StoreError::Changed { .. } => (Exit::Data, code::S103, None),
            _ => (Exit::Bug, code::S102, None),
        };
        let mut diagnostic = Diagnostic::new(code, text).hint(code.remedy);
        diagnostic.detail = detail;
        Failure::new(exit, diagnostic)
    }
}
