//! `export`: graphs and daily ties for other programs.

use crate::arguments::{ExportArguments, GraphFormatArgument};
use crate::output::print;
use crate::run_command::today;
use crosstie_pipeline::{Failure, GraphFormat, export_days, export_graph};

pub(crate) fn run(options: &ExportArguments) -> Result<(), Failure> {
    let format = match options.format {
        None => {
            let rows = export_days(&options.output, &options.to)?;
            print(&format!("{rows} daily ties."));
            return Ok(());
        }
        Some(GraphFormatArgument::Graphml) => GraphFormat::Graphml,
        Some(GraphFormatArgument::Gexf) => GraphFormat::Gexf,
        Some(GraphFormatArgument::Csv) => GraphFormat::Csv,
    };
    let exported = export_graph(&options.output, options.date, format, &options.to, today())?;
    print(&format!(
        "{} people and {} ties of the window that ends on {}: {} (restricted; readable by you alone)",
        exported.people,
        exported.ties,
        exported.date,
        options.to.display()
    ));
    Ok(())
}
