//! What the policy file says, and that there is none.

use crate::facts::RunFacts;
use crate::names::name;

/// Where there is no policy file.
pub(crate) const NO_POLICY: &str = "No policy file: not for distribution.";
/// What whoever runs the reports does about it.
pub(crate) const WRITE_A_POLICY: &str =
    "Write down what for and for whom in a file, name it under [privacy] policy in the pipeline file, and run again.";

/// Whether a policy file was read.
pub(crate) fn has_policy(facts: &RunFacts) -> bool {
    !facts.setting("policy.purpose").is_empty()
}

/// What the policy file says.
pub(crate) fn policy(facts: &RunFacts) -> Vec<String> {
    let audience = facts.setting("policy.audience").trim_start_matches('[').trim_end_matches(']');
    let mut said =
        vec![format!("Purpose: {}.", name(facts.setting("policy.purpose"))), format!("For: {}.", name(audience))];
    match facts.setting("policy.agreement") {
        "" | "(none)" => {}
        agreement => said.push(format!("Agreed on: {}.", name(agreement))),
    }
    let hash = facts.setting("policy.blake3");
    let hash = hash.get(..16).unwrap_or(hash);
    said.push(format!("Holds until {}; policy file {hash}.", facts.setting("policy.expires")));
    said
}
