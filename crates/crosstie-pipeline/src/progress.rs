//! What a run says while it works. The command decides how it looks.

use crosstie_model::Diagnostic;

/// Told what happens, in order.
pub trait Progress {
    /// A stage begins.
    fn stage(&mut self, name: &str);
    /// Part `done` of `all` within the stage.
    fn part(&mut self, what: &str, done: usize, all: usize);
    /// What was done and what was known already, for whoever reads the log.
    fn spared(&mut self, _what: &str) {}
    /// Something worth a look that does not stop the run.
    fn notice(&mut self, diagnostic: &Diagnostic);
}

/// Says nothing.
pub struct Quiet;

impl Progress for Quiet {
    fn stage(&mut self, _: &str) {}
    fn part(&mut self, _: &str, _: usize, _: usize) {}
    fn notice(&mut self, _: &Diagnostic) {}
}
