//! A pipeline file as written, the plan as meant, and the stages in order.
//!
//! Defaults live in the plan and nowhere else: `crosstie check` prints each, the run manifest records each.

mod check;
mod choose_date;
mod error;
mod facts;
mod file;
mod identity;
mod manifest;
mod members;
mod memory;
mod plan;
mod progress;
mod report_again;
mod run;
mod settings;
mod thresholds;
mod unknown_keys;

pub use crosstie_measure::METRICS;

pub use check::{Checked, SourceSample, check};
pub use error::{Exit, Failure};
pub use file::{PipelineFile, json_schema, read_pipeline_file};
pub use members::{Members, members};
pub use plan::{Plan, plan};
pub use progress::{Progress, Quiet};
pub use report_again::{ReportFormat, Rewritten, report_again};
pub use run::{Outcome, RunOptions, Stage, Summary, run};
pub use settings::{Origin, Setting};
