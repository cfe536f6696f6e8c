//! What the plan says about accounts: one's own domains, and the files beside the directory.

use crate::file::{IdentitySection, MachinesSection};
use crate::settings::Settings;
use crosstie_ingest::{
    FileFingerprint, IngestError, Known, fingerprint, read_aliases, read_lists, read_opt_outs, read_rules,
};
use crosstie_model::Erased;
use crosstie_ties::MachineParams;
use std::path::{Path, PathBuf};

/// Messages sent in the window: fewer say nothing about a habit.
const MIN_SENT: u32 = 30;
/// Share of the people written to: hardly anybody answers a machine.
const MAX_ANSWERED_SHARE: f64 = 0.05;
/// Hours of the day: nobody works in 18 of them for a quarter.
const MIN_HOURS: u32 = 18;
/// People written to.
const MIN_RECIPIENTS: u32 = 200;

/// Domains, files and thresholds; the files are read when a run begins.
#[derive(Clone, Debug)]
pub(crate) struct KnownPlan {
    pub(crate) internal_domains: Vec<String>,
    dotless_domains: Vec<String>,
    pub(crate) match_names: bool,
    pub(crate) aliases_file: Option<PathBuf>,
    lists_file: Option<PathBuf>,
    rules_file: Option<PathBuf>,
    pub(crate) opt_out_file: Option<PathBuf>,
    pub(crate) machines: MachineParams,
}

impl KnownPlan {
    pub(crate) fn new(s: &mut Settings, base: &Path, section: IdentitySection) -> KnownPlan {
        let internal_domains = domains(s, "identity.internal_domains", section.internal_domains, true);
        let dotless_domains = domains(s, "identity.dotless_domains", section.dotless_domains, false);
        let mut file = |key: &str, written: Option<String>| {
            s.optional(&format!("identity.{key}"), written).map(|file| crate::plan::tidy(&base.join(file)))
        };
        KnownPlan {
            internal_domains,
            dotless_domains,
            aliases_file: file("aliases_file", section.aliases_file),
            lists_file: file("lists_file", section.lists_file),
            rules_file: file("rules_file", section.rules_file),
            opt_out_file: file("opt_out_file", section.opt_out_file),
            match_names: s.choice("identity.match_names", section.match_names, &[("auto", true), ("off", false)]),
            machines: machines(s, section.machines.unwrap_or_default()),
        }
    }

    /// All files that the plan names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.aliases_file, &self.lists_file, &self.rules_file, &self.opt_out_file].into_iter().flatten()
    }

    /// These files and those `beside` as they are: what they say decides the output.
    ///
    /// # Errors
    /// A missing or unreadable file.
    pub(crate) fn fingerprints(&self, beside: &[PathBuf]) -> Result<Vec<FileFingerprint>, IngestError> {
        self.files().chain(beside).map(|path| fingerprint("identity", path)).collect()
    }

    /// Reads the files; who was `erased` is left out as well.
    ///
    /// # Errors
    /// The first that is missing or has a bad line.
    pub(crate) fn read(&self, erased: Erased) -> Result<Known, IngestError> {
        Ok(Known {
            internal_domains: self.internal_domains.clone(),
            dotless_domains: self.dotless_domains.clone(),
            aliases: self.aliases_file.as_deref().map(read_aliases).transpose()?.unwrap_or_default(),
            lists: self.lists_file.as_deref().map(read_lists).transpose()?.unwrap_or_default(),
            rules: self.rules_file.as_deref().map(read_rules).transpose()?.unwrap_or_default(),
            opt_outs: self.opt_out_file.as_deref().map(read_opt_outs).transpose()?.unwrap_or_default(),
            erased,
            match_names: self.match_names,
        })
    }
}

fn machines(s: &mut Settings, section: MachinesSection) -> MachineParams {
    let key = |field: &str| format!("identity.machines.{field}");
    MachineParams {
        min_sent: s.within(&key("min_sent"), section.min_sent, MIN_SENT, 1, 1_000_000),
        max_answered_share: s.within(
            &key("max_answered_share"),
            section.max_answered_share,
            MAX_ANSWERED_SHARE,
            0.0,
            1.0,
        ),
        min_hours: s.within(&key("min_hours"), section.min_hours, MIN_HOURS, 1, 24),
        min_recipients: s.within(&key("min_recipients"), section.min_recipients, MIN_RECIPIENTS, 1, 1_000_000),
    }
}

fn domains(s: &mut Settings, key: &str, written: Option<Vec<String>>, may_cover: bool) -> Vec<String> {
    let found: Vec<String> = s.list(key, written).iter().map(|domain| domain.to_lowercase()).collect();
    for domain in &found {
        let bare = if may_cover { domain.strip_prefix("*.").unwrap_or(domain) } else { domain };
        if !is_domain(bare) {
            let form = if may_cover { ", its subdomains `*.example.com`" } else { "" };
            s.fault(key, format_args!("holds `{domain}`; a domain is `example.com`{form}"));
        }
    }
    // Addresses are compared in A-labels.
    found.iter().map(|domain| in_ascii(domain)).collect()
}

fn in_ascii(domain: &str) -> String {
    crosstie_ingest::domain_in_ascii(domain).unwrap_or_else(|| domain.to_string())
}

/// Whether a text is a bare domain: no address, no URL, no trailing dot.
fn is_domain(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    !text.is_empty() && text.chars().all(plain) && text.split('.').all(|label| !label.is_empty())
}
