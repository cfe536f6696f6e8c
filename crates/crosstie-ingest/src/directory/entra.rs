//! Microsoft Entra, "Download users": one table, whose column names changed over the years. It has no managers.

use super::draft::{Draft, Wrong, is_active};
use super::person::PersonClass;
use super::reading::{Outcome, Reading};
use super::spec::DirectorySpec;
use super::table::{Form, Row, each_row};
use crate::IngestError;
use crosstie_model::Day;
use std::path::Path;

pub(super) fn read(reading: &mut Reading<'_>, path: &Path) -> Result<(), IngestError> {
    let spec = reading.spec;
    let mapped = spec.mapped();
    let form = Form {
        delimiter: spec.delimiter.or(Some(b',')),
        trim: true,
        rename: current_name,
        wanted: mapped.into_iter().map(|(field, column)| (field, current_name(column))).collect(),
        one_of: &["userPrincipalName", "mail", "id"],
    };
    each_row(reading, path, &form, &mut |_, row| Ok(Outcome::Person(Box::new(draft(spec, row)?))))
}

/// The name of today: bulk files put it in brackets, older exports had other ones.
fn current_name(name: &str) -> &str {
    let bracketed = name.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let name = bracketed.map_or(name, |(inside, _)| inside.trim());
    let older = [("objectId", "id"), ("mobile", "mobilePhone"), ("physicalDeliveryOfficeName", "officeLocation")];
    older.iter().find(|(old, _)| old.eq_ignore_ascii_case(name)).map_or(name, |(_, new)| new)
}

fn draft(spec: &DirectorySpec, row: &Row<'_>) -> Result<Draft, Wrong> {
    let mut draft = Draft::default();
    if let Some(text) = row.value("userPrincipalName") {
        draft.principal(text, "userPrincipalName")?;
    }
    if let Some(text) = row.value("mail") {
        draft.address(text, "mail")?;
    }
    if let Some(id) = row.value("id") {
        draft.account("teams", id);
    }
    if row.value("userType").is_some_and(|kind| kind.eq_ignore_ascii_case("guest")) {
        draft.facts.class = PersonClass::Guest;
    }
    draft.facts.is_active = row.value("accountEnabled").is_none_or(is_active);
    draft.mapped(spec, us_day, &|column| row.value(current_name(column)).map(str::to_string))?;
    draft.settle_key(row.value("id"), Some("id"))?;
    if spec.reads_names()
        && let Some(name) = row.value("displayName")
    {
        draft.name(name);
    }
    Ok(draft)
}

/// `8/19/2021 1:25:31 PM`, in US order, or a date that begins `2021-08-19`. The time of day is not used.
fn us_day(text: &str) -> Result<Option<Day>, ()> {
    if let Some(day) = text.get(..10).and_then(|head| head.parse().ok()) {
        return Ok(Some(day));
    }
    let date = text.split_whitespace().next().unwrap_or_default();
    let numbers: Vec<u32> = date.split('/').map(|part| part.parse().map_err(|_| ())).collect::<Result<_, _>>()?;
    let [month, day, year] = numbers[..] else { return Err(()) };
    Day::from_ymd(i32::try_from(year).map_err(|_| ())?, month, day).map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{handles, read, row_of};
    use super::*;
    use crate::directory::DirectoryFormat;

    #[test]
    fn names_of_all_years_are_one() {
        for (name, expected) in [
            ("User name [userPrincipalName] Required", "userPrincipalName"),
            ("objectId", "id"),
            ("mobile", "mobilePhone"),
            ("department", "department"),
        ] {
            assert_eq!(current_name(name), expected);
        }
    }

    #[test]
    fn dates_are_in_us_order() {
        assert_eq!(us_day("8/19/2021 1:25:31 PM"), Ok(Day::from_ymd(2021, 8, 19)));
        assert_eq!(us_day("2021-08-19T13:25:31Z"), Ok(Day::from_ymd(2021, 8, 19)));
        for wrong in ["19/8/2021", "8.19.2021", "", "8/19"] {
            assert!(us_day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn both_addresses_and_the_id_are_handles_and_the_disabled_are_no_members() {
        let text = "version:v1.0\r\nuserPrincipalName,mail,objectId,userType,department,accountEnabled,createdDateTime\r\n\
            a@x.org,ann@x.org,AA,Member,Sales,True,8/19/2021 1:25:31 PM\r\n\
            p_partner.example#EXT#@x.org,,BB,Member,Sales,True,8/19/2021 1:25:31 PM\r\n\
            c@x.org,,CC,Member,Sales,False,8/19/2021 1:25:31 PM\r\n";
        let directory = read(text, |spec| {
            spec.format = DirectoryFormat::Entra;
            spec.unit = Some("department".into());
            spec.hired_on = Some("createdDateTime".into());
        })
        .unwrap();
        assert_eq!(handles(&directory, "AA"), ["mail:a@x.org", "mail:ann@x.org", "teams:aa"]);
        assert_eq!(row_of(&directory, "BB").class, PersonClass::Guest);
        let day = "2026-01-01".parse().unwrap();
        let members: Vec<bool> = directory.people.iter().map(|person| person.is_member(day)).collect();
        assert_eq!(members, [true, false, false]);
        assert_eq!(row_of(&directory, "AA").hired_on, Day::from_ymd(2021, 8, 19));
        assert!(!directory.has_reporting_lines);
    }
}
