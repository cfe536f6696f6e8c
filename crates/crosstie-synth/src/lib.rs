//! Made organizations: a reporting tree, units, planted silos and bridges, mail and chat with the noise of real
//! exports, and the truth to compare with. Equal parameters give equal bytes.

mod bulk;
mod contacts;
mod formats;
mod mail;
mod people;
mod slack;
mod traffic;
mod truth;

use contacts::Contacts;
use crosstie_model::Day;
use people::Staff;

pub use bulk::{BulkForm, BulkRows, bulk};
pub use formats::{Carries, Format};

/// First day of every made organization: a Monday.
pub const FIRST_DAY: Day = Day(20_514);

/// What to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynthParams {
    /// People who work there on the last day; leavers come on top.
    pub people: u32,
    /// Messages in all, mail and chat, without the noise.
    pub messages: u32,
    /// Seed of everything.
    pub seed: u64,
    /// Days, from 2026-03-02 on.
    pub days: u32,
    /// Units that keep to themselves.
    pub silos: u32,
    /// Formats in which the same organization is written once more, without the noise; none as a rule.
    pub formats: Vec<Format>,
}

/// The files of an organization by name: `directory.csv`, `aliases.csv`, `mail/WEEK.csv`, `slack-export.zip`,
/// `truth.json`, and a folder `formats/NAME/` for each format that was asked for.
///
/// # Errors
/// Parameters that make no organization.
pub fn files(params: &SynthParams) -> Result<Vec<(String, Vec<u8>)>, String> {
    let (staff, contacts) = organization(params)?;
    let traffic = traffic::traffic(params, &staff, &contacts);
    let mut files = vec![
        ("directory.csv".to_string(), people::directory_csv(&staff)),
        ("aliases.csv".into(), people::aliases_csv(&staff)),
    ];
    files.extend(mail::files(params, &staff, &traffic));
    files.push(("slack-export.zip".into(), slack::archive(params, &staff, &traffic)));
    files.push(("truth.json".into(), truth::json(params, &staff, &contacts)));
    files.extend(formats::files(params, &staff, &traffic));
    Ok(files)
}

/// Who works there, and who is in contact with whom.
fn organization(params: &SynthParams) -> Result<(Staff, Contacts), String> {
    if params.people < 60 {
        return Err(format!("{} people make no units to compare; at least 60 are needed", params.people));
    }
    if params.days < 7 {
        return Err("at least 7 days are needed".into());
    }
    let staff = people::staff(params);
    if params.silos as usize * 2 > staff.units.len() {
        return Err(format!("{} silos among {} units leave nothing to compare with", params.silos, staff.units.len()));
    }
    let contacts = contacts::contacts(params, &staff);
    Ok((staff, contacts))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: SynthParams =
        SynthParams { people: 80, messages: 1500, seed: 3, days: 14, silos: 1, formats: Vec::new() };

    #[test]
    fn equal_parameters_give_equal_bytes_and_another_seed_others() {
        let made = files(&PARAMS).unwrap();
        assert_eq!(made, files(&PARAMS).unwrap());
        assert_ne!(made, files(&SynthParams { seed: 4, ..PARAMS }).unwrap());
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "directory.csv",
                "aliases.csv",
                "mail/2026-03-02.csv",
                "mail/2026-03-09.csv",
                "slack-export.zip",
                "truth.json"
            ]
        );
    }

    #[test]
    fn what_makes_no_organization_is_refused() {
        for wrong in [
            SynthParams { people: 10, ..PARAMS },
            SynthParams { days: 1, ..PARAMS },
            SynthParams { silos: 50, ..PARAMS },
        ] {
            assert!(files(&wrong).is_err(), "{wrong:?}");
        }
    }
}
