//! What was planted.

use crate::SynthParams;
use crate::contacts::Contacts;
use crate::people::Staff;
use serde_json::json;

pub(crate) fn json(params: &SynthParams, staff: &Staff, contacts: &Contacts) -> Vec<u8> {
    let truth = json!({
        "parameters": {
            "people": params.people, "messages": params.messages, "seed": params.seed, "days": params.days, "silos": params.silos,
        },
        "units": staff.units,
        "silos": contacts.silos.iter().map(|&unit| staff.units[unit].clone()).collect::<Vec<_>>(),
        "bridges": contacts.bridges.iter().map(|&person| staff.people[person].id.clone()).collect::<Vec<_>>(),
        "joined": staff.people.iter().filter(|person| person.hired_on.is_some()).count(),
        "left": staff.people.iter().filter(|person| person.left_on.is_some()).count(),
    });
    format!("{truth:#}\n").into_bytes()
}
