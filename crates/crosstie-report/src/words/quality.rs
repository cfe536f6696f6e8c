//! What is counted in appendix C, in words.

/// The name of a count; where its key says too little, another.
pub(crate) fn count_name(key: &str) -> String {
    match key {
        "bridges" => "of these, who reach more people of other units than their number of ties suggests".into(),
        "bridge_candidates" => "people with five ties or more off the reporting chain".into(),
        "lasting_bridges" => "people marked as bridges, in two windows".into(),
        "lasting_bridge_candidates" => "people who can be marked as bridges".into(),
        _ => key.replace('_', " "),
    }
}
