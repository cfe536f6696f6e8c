//! What can be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use crosstie_graph::Quality;
use crosstie_model::{Day, SimdWidth};
use crosstie_synth::BulkForm;
use std::path::PathBuf;

/// Finds silos, and the people who bridge them across the hierarchy, in email and chat metadata.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the main job: read the sources, measure the window, commit tables and report
    Run(RunArguments),
    /// Print the plan as meant and look at the first records of every source; writes nothing
    Check(CheckArguments),
    /// Run each of several dates, oldest first; what is committed already is skipped
    Backfill(BackfillArguments),
    /// Read everything that is committed and compare it with its hashes, manifests and ledgers
    Verify {
        /// The output folder of a pipeline
        output: PathBuf,
    },
    /// Attack what is published, and say what it tells of single people
    Audit {
        /// The output folder of a pipeline
        output: PathBuf,
        /// A pipeline file with a directory: files are searched for its names, pseudonyms for its hashes
        #[arg(long, value_name = "FILE")]
        pipeline: Option<PathBuf>,
    },
    /// Remove what is past its retention
    Purge {
        /// The output folder of a pipeline
        output: PathBuf,
        /// Only print what would be removed
        #[arg(long)]
        dry_run: bool,
        /// The day that counts, YYYY-MM-DD; today by default
        #[arg(long)]
        as_of: Option<Day>,
    },
    /// Write the names behind listed pseudonyms to a file, as far as the policy allows; the look is noted
    Reveal(RevealArguments),
    /// Remove people from everything that is kept, and keep them out for good; resumes where it was stopped
    Forget {
        /// The output folder of a pipeline
        output: PathBuf,
        /// The pipeline file of that folder: it names the key and the directory
        #[arg(long, value_name = "FILE")]
        pipeline: PathBuf,
        /// A file of mode 0600 with an address, account or `person:KEY` a line; standard input by default
        #[arg(long, value_name = "FILE")]
        persons: Option<PathBuf>,
    },
    /// Print what is kept of one person as JSON; the look is noted in the folder
    MyData {
        /// The output folder of a pipeline
        output: PathBuf,
        /// The pipeline file of that folder: it names the key and the directory
        #[arg(long, value_name = "FILE")]
        pipeline: PathBuf,
        /// A file of mode 0600 with an address, account or `person:KEY`; standard input by default
        #[arg(long, value_name = "FILE")]
        person: Option<PathBuf>,
    },
    /// Read the sources alone, into the canonical table of messages with a manifest beside it
    Ingest {
        /// The pipeline file
        pipeline: PathBuf,
        /// Folder for messages.parquet and manifest.json; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Run graph kernels on any edge list
    Graph(GraphArguments),
    /// Write the report of a committed run again
    Report {
        /// The output folder of a pipeline
        output: PathBuf,
        /// Date of the run, YYYY-MM-DD; the newest by default
        #[arg(long)]
        date: Option<Day>,
        /// Which files to write
        #[arg(long, value_enum, default_value = "both")]
        format: ReportFormatArgument,
    },
    /// Write a window's graph, or the ties of each day, in a form for other programs; people by pseudonym
    Export(ExportArguments),
    /// Explain a diagnostic code or a metric, or why a tie exists
    Explain {
        /// Such as I104 or openness; with --tie an output folder
        what: String,
        /// Read two pseudonyms from standard input and explain their tie; the look is noted in the folder
        #[arg(long)]
        tie: bool,
        /// Of the run of this date instead of the newest
        #[arg(long, requires = "tie")]
        date: Option<Day>,
    },
    /// List the catalogue of metrics
    Metrics,
    /// Print the JSON Schema of the pipeline file
    Schema,
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of one command where it is named, for `man -l -`
    Man {
        /// Such as run
        command: Option<String>,
    },
    /// Make an organization with planted silos and bridges
    Synth(SynthArguments),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormatArgument {
    Html,
    Md,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QualityArgument {
    /// Weight inside communities against what strengths give by chance
    Modularity,
    /// Weight inside communities against pairs inside: the constant Potts model, in densities of the graph
    Cpm,
}

impl From<QualityArgument> for Quality {
    fn from(argument: QualityArgument) -> Quality {
        match argument {
            QualityArgument::Modularity => Quality::Modularity,
            QualityArgument::Cpm => Quality::Potts,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RerunArgument {
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StageArgument {
    Ingest,
    Ties,
    Graph,
    Measure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormatArgument {
    Graphml,
    Gexf,
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum DistanceArgument {
    Hops,
    InverseWeight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimdArgument {
    Auto,
    V4,
    V3,
    Scalar,
}

impl From<SimdArgument> for SimdWidth {
    fn from(argument: SimdArgument) -> SimdWidth {
        match argument {
            SimdArgument::Auto => SimdWidth::Best,
            SimdArgument::V4 => SimdWidth::V4,
            SimdArgument::V3 => SimdWidth::V3,
            SimdArgument::Scalar => SimdWidth::Scalar,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The output folder of a pipeline
    pub(crate) output: PathBuf,
    /// The people and ties of a committed window, for Gephi, igraph or networkx; csv is a folder of two files
    #[arg(long, value_enum, required_unless_present = "daily", conflicts_with = "daily")]
    pub(crate) format: Option<GraphFormatArgument>,
    /// Date of the run, YYYY-MM-DD; the newest by default
    #[arg(long, conflicts_with = "daily")]
    pub(crate) date: Option<Day>,
    /// The ties of each day, by keyed ids of the people, as CSV
    #[arg(long)]
    pub(crate) daily: bool,
    /// What to write, outside the output folder; must not exist
    #[arg(long, value_name = "PATH")]
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RevealArguments {
    /// The output folder of the pipeline
    pub(crate) output: PathBuf,
    /// The pipeline file, which names key, directory and policy
    #[arg(long)]
    pub(crate) pipeline: PathBuf,
    /// Snapshot date of the pseudonyms, YYYY-MM-DD
    #[arg(long)]
    pub(crate) date: Day,
    /// File with a `person_id` a line
    #[arg(long)]
    pub(crate) ids: PathBuf,
    /// File to make, outside the output folder
    #[arg(long)]
    pub(crate) to: PathBuf,
    /// Why, for the log of looks; without names
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
#[group(required = true)]
pub(crate) struct CheckArguments {
    /// The pipeline file
    pub(crate) pipeline: Option<PathBuf>,
    /// Name the format of a file or export instead, and print a `[[sources]]` or `[directory]` block to paste
    #[arg(long, value_name = "FILE", conflicts_with = "pipeline")]
    pub(crate) suggest: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The pipeline file
    pub(crate) pipeline: PathBuf,
    /// Date of the run, YYYY-MM-DD; the last day that every source has passed by default
    #[arg(long)]
    pub(crate) date: Option<Day>,
    /// Read every file and merge every day anew, whatever earlier runs kept
    #[arg(long)]
    pub(crate) full: bool,
    /// Stop after a stage; nothing is committed
    #[arg(long, value_enum)]
    pub(crate) until: Option<StageArgument>,
    /// Threads; all cores by default
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<usize>,
    /// Stop if the process holds more memory, such as 2GiB
    #[arg(long, value_parser = bytes)]
    pub(crate) memory: Option<u64>,
    /// Say nothing but errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Form of the log on standard error
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Args)]
pub(crate) struct BackfillArguments {
    /// The pipeline file
    pub(crate) pipeline: PathBuf,
    /// The first date, YYYY-MM-DD
    #[arg(long)]
    pub(crate) from: Day,
    /// The last date, YYYY-MM-DD
    #[arg(long)]
    pub(crate) to: Day,
    /// Days from one date to the next
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) step: u32,
    /// `all`: also run dates that are committed; those whose inputs changed are made again
    #[arg(long, value_enum)]
    pub(crate) rerun: Option<RerunArgument>,
    /// Threads; all cores by default
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<usize>,
    /// Stop if the process holds more memory, such as 2GiB
    #[arg(long, value_parser = bytes)]
    pub(crate) memory: Option<u64>,
    /// Say nothing but errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Form of progress lines
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    /// CSV or Parquet with a row an edge
    pub(crate) edges: PathBuf,
    /// Kernels, separated by commas, or `all`
    #[arg(long, value_delimiter = ',', required = true)]
    pub(crate) measure: Vec<String>,
    /// Folder for nodes.parquet, nodes.csv, graph.json, and edges of kernels of edges; must not exist
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Column of the source
    #[arg(long, default_value = "source")]
    pub(crate) source: String,
    /// Column of the target
    #[arg(long, default_value = "target")]
    pub(crate) target: String,
    /// Column of the weight; without it `weight` where there is one, else every edge weighs 1
    #[arg(long)]
    pub(crate) weight: Option<String>,
    /// CSV of nodes with an `id` column; also names nodes without edges
    #[arg(long)]
    pub(crate) nodes: Option<PathBuf>,
    /// Column of --nodes that holds groups
    #[arg(long, requires = "nodes")]
    pub(crate) group: Option<String>,
    /// Edges are directed; else both directions are summed
    #[arg(long)]
    pub(crate) directed: bool,
    /// How many hops closeness looks; as far as there is anybody by default
    #[arg(long)]
    pub(crate) hops: Option<u32>,
    /// How long an edge is to betweenness and betweenness_pivots: 1, or 1 / weight
    #[arg(long, value_enum, default_value = "hops")]
    pub(crate) distance: DistanceArgument,
    /// CSV with an `id` column: betweenness counts only paths that begin at these nodes
    #[arg(long)]
    pub(crate) sources: Option<PathBuf>,
    /// Nodes that betweenness_pivots searches from
    #[arg(long, default_value_t = 2048, value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) pivots: u32,
    /// How close betweenness_paths comes, as a share of all pairs
    #[arg(long, default_value_t = 0.01, value_parser = share)]
    pub(crate) epsilon: f64,
    /// Chance that betweenness_paths does not come so close
    #[arg(long, default_value_t = 0.1, value_parser = share)]
    pub(crate) delta: f64,
    /// Runs of leiden, the best of which counts
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) restarts: u32,
    /// What leiden searches for
    #[arg(long, value_enum, default_value = "modularity")]
    pub(crate) quality: QualityArgument,
    /// Resolution of that quality, from 0 to 100, in thousandths: more communities the higher it is
    #[arg(long, default_value = "1", value_parser = resolution)]
    pub(crate) resolution: u32,
    /// Most passes of a run of leiden
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) passes: u32,
    /// Seed of leiden, betweenness_pivots and betweenness_paths
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Width of vectors in betweenness by hops; what comes out is the same at any
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) simd: SimdArgument,
    /// Threads; all cores by default
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct SynthArguments {
    /// Folder to make; must not exist
    pub(crate) out: PathBuf,
    /// People who work there on the last day
    #[arg(long, default_value_t = 300)]
    pub(crate) people: u32,
    /// Messages in all, mail and chat; with --bulk, rows of mail
    #[arg(long, default_value_t = 30_000)]
    pub(crate) messages: u32,
    /// Seed of everything
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Days, from 2026-03-02 on
    #[arg(long, default_value_t = 91)]
    pub(crate) days: u32,
    /// Units that keep to themselves
    #[arg(long, default_value_t = 2)]
    pub(crate) silos: u32,
    /// Formats to write the organization in once more, separated by commas, or `all`
    #[arg(long, value_delimiter = ',')]
    pub(crate) formats: Vec<String>,
    /// Instead, the directory and a plain table of mail a day, as `csv`, `jsonl` or both: memory is that of one day
    #[arg(long, value_delimiter = ',', value_name = "FORMS", conflicts_with = "formats")]
    pub(crate) bulk: Vec<BulkForm>,
    /// With --bulk: rows of about 290 bytes and 5 recipients instead of 120 and 2.2
    #[arg(long, requires = "bulk")]
    pub(crate) wide: bool,
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|&share| share > 0.0 && share < 1.0).ok_or_else(|| "a number between 0 and 1".into())
}

fn resolution(text: &str) -> Result<u32, String> {
    let thousandths = text.parse::<f64>().ok().map(|resolution| resolution * 1000.0);
    let exact = thousandths.filter(|&t| (0.0..=100_000.0).contains(&t) && (t - t.round()).abs() < 1e-6);
    exact
        .map(|thousandths| thousandths.round() as u32)
        .ok_or_else(|| "a number from 0 to 100 with at most three decimals".into())
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&count| (1..=1024).contains(&count)).ok_or_else(|| "a number from 1 to 1024".into())
}

/// Bytes as a number with KiB, MiB, GiB or TiB, or KB, MB, GB, TB.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "a number of bytes such as 512MiB or 2GiB".to_string();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return Err(wrong()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("2GiB"), Ok(2 << 30));
        assert_eq!(bytes("512 MiB"), Ok(512 << 20));
        assert!(bytes("2 gigs").is_err() && bytes("0").is_err() && bytes("-1GiB").is_err());
    }
}
