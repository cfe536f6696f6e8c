//! `graph`: the kernels on any edge list.

mod edges;
mod kernels;
mod tables;

use crate::arguments::{DistanceArgument, GraphArguments};
use crate::output::print;
use crosstie_model::{Diagnostic, SimdWidth, code};
use crosstie_pipeline::{Exit, Failure};
use kernels::Kernel;
use std::time::Instant;

pub(crate) fn run(arguments: &GraphArguments) -> Result<(), Failure> {
    let kernels = Kernel::parse(&arguments.measure)?;
    let asked_for_all = arguments.measure.iter().any(|measure| measure == "all");
    let grouped = kernels.iter().find(|kernel| kernel.needs_groups());
    if let Some(kernel) = grouped.filter(|_| arguments.group.is_none() && !asked_for_all) {
        return Err(usage(format!("`{}` needs --nodes and --group", kernel.name())));
    }
    let hops_alone = kernels.iter().find(|kernel| kernel.needs_hops());
    if let Some(kernel) = hops_alone.filter(|_| arguments.distance != DistanceArgument::Hops && !asked_for_all) {
        return Err(usage(format!(
            "`{}` draws paths by hops alone; `--distance inverse_weight` goes with `betweenness` and `betweenness_pivots`",
            kernel.name()
        )));
    }
    if !SimdWidth::from(arguments.simd).is_here() {
        return Err(usage("this processor does not have the instructions that `--simd` names".to_string()));
    }
    if arguments.out.exists() {
        let taken = Diagnostic::new(code::S102, format!("`{}` exists already", arguments.out.display()));
        return Err(Failure::new(Exit::Create, taken.hint("name a folder that does not exist")));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.unwrap_or(0)).build();
    let pool = pool.map_err(|error| usage(error.to_string()))?;
    let started = Instant::now();
    let mut list = edges::read(arguments)?;
    let load = started.elapsed().as_secs_f64();
    let rows = list.edges.len();
    let loops = list.edges.iter().filter(|edge| edge.0 == edge.1).count();
    let (ties, results) = pool.install(|| kernels::compute(&mut list, &kernels, arguments, load));
    tables::write(&arguments.out, &list, &ties, &results)?;
    print(&format!(
        "{} nodes, {} edges from {rows} rows ({loops} loops dropped); {}",
        list.ids.len(),
        results.graph["edges"],
        arguments.out.display()
    ));
    Ok(())
}

pub(crate) fn usage(why: String) -> Failure {
    Failure::new(Exit::Usage, Diagnostic::new(code::C106, why).hint("see `crosstie graph --help`"))
}
