//! `synth`: a made organization on disk.

use crate::arguments::SynthArguments;
use crate::output::print;
use crosstie_model::{Diagnostic, code};
use crosstie_pipeline::{Exit, Failure};
use crosstie_synth::{BulkRows, Format, SynthParams, bulk, files};
use std::fs;
use std::path::Path;

pub(crate) fn run(arguments: &SynthArguments) -> Result<(), Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, Diagnostic::new(code::C106, why).hint(code::C106.remedy));
    let params = SynthParams {
        people: arguments.people,
        messages: arguments.messages,
        seed: arguments.seed,
        days: arguments.days,
        silos: arguments.silos,
        formats: Format::parse_list(&arguments.formats).map_err(usage)?,
    };
    let made: Box<dyn Iterator<Item = (String, Vec<u8>)>> = if arguments.bulk.is_empty() {
        Box::new(files(&params).map_err(usage)?.into_iter())
    } else {
        let rows = if arguments.wide { BulkRows::Wide } else { BulkRows::Narrow };
        Box::new(bulk(&params, &arguments.bulk, rows).map_err(usage)?)
    };
    let failed = |path: &Path, error: &std::io::Error| {
        let message = format!("`{}` cannot be created", path.display());
        Failure::new(Exit::Create, Diagnostic::new(code::S102, message).detail(error.to_string()))
    };
    fs::create_dir(&arguments.out).map_err(|error| failed(&arguments.out, &error))?;
    let mut count = 0;
    for (name, bytes) in made {
        let path = arguments.out.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        }
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
        count += 1;
    }
    print(&format!("Made {count} files in {}.", arguments.out.display()));
    Ok(())
}
