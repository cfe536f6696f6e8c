//! A pipeline file as written, the plan as meant, and the stages in order.
//!
//! Defaults live in the plan and nowhere else: `crosstie check` prints each, the run manifest records each.

mod audit_output;
mod backfill;
mod beside_ties;
mod check;
mod choose_date;
mod directory_plan;
mod earlier_windows;
mod erase;
mod error;
mod explain_tie;
mod export_days;
mod export_graph;
mod facts;
mod file;
mod forget;
mod history;
mod identity;
mod ingest_only;
mod known_plan;
mod late;
mod manifest;
mod members;
mod memory;
mod my_data;
mod null_plan;
mod observe;
mod observe_plan;
mod persons;
mod plan;
mod policy;
mod progress;
mod publish_run;
mod purge_output;
mod read;
mod release;
mod report_again;
mod reveal;
mod run;
mod settings;
mod source_plan;
mod stop;
mod suggest;
mod thresholds;
mod unknown_keys;
mod verify_output;
mod waiting;

pub use crosstie_measure::METRICS;

pub use audit_output::{Audit, Uniqueness, audit_output};
pub use backfill::{BackfillDates, DateOutcome, backfill};
pub use check::{Checked, SourceSample, check};
pub use erase::Taken;
pub use error::{Exit, Failure};
pub use explain_tie::{Direction, TieExplained, explain_tie};
pub use export_days::export_days;
pub use export_graph::{GraphExported, GraphFormat, export_graph};
pub use file::{PipelineFile, json_schema, read_pipeline_file};
pub use forget::{Certificate, forget};
pub use ingest_only::{IngestedTo, ingest_to};
pub use members::{Compared, Grouped, Members, members};
pub use memory::peak_memory_bytes;

pub use my_data::my_data;
pub use observe::{Night, StageTime, night_warnings, now, rfc3339, run_observed};
pub use plan::{Plan, plan};
pub use progress::{Progress, Quiet};
pub use purge_output::{PurgeList, PurgeOptions, purge_output};
pub use report_again::{ReportFormat, Rewritten, report_again};
pub use reveal::{RevealRequest, reveal};
pub use run::{Outcome, RunOptions, Stage, Summary, run};
pub use settings::{Origin, Setting};
pub use stop::StopRequest;
pub use suggest::suggest;
pub use verify_output::verify_output;
