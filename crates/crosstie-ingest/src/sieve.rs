//! What rules leave of a copy: machines' mail goes, lists become their members, who opted out and the sender go from
//! the recipients.

use crate::copies::Named;
use crate::identity::Handles;
use crate::ledger::Reason;
use crosstie_model::{Day, Role};

/// The rules on one day.
pub(crate) struct Sieve<'h, 'a> {
    handles: &'h Handles<'a>,
    day: Day,
}

impl<'h, 'a> Sieve<'h, 'a> {
    pub(crate) fn new(handles: &'h Handles<'a>, day: Day) -> Sieve<'h, 'a> {
        Sieve { handles, day }
    }

    /// The recipients that a copy has by the rules, as named; none of a post that names nobody.
    ///
    /// # Errors
    /// Why the copy is left out.
    pub(crate) fn copy(&self, sender: u32, named: &[Named]) -> Result<Vec<Named>, Reason> {
        if self.handles.has_opted_out(sender) {
            return Err(Reason::OptedOut);
        }
        if self.handles.is_machine(sender, self.day) {
            return Err(Reason::Automated);
        }
        let mut kept: Vec<Named> = Vec::with_capacity(named.len());
        for &one in named {
            match self.handles.list_of(one.handle()) {
                Some(members) => {
                    kept.extend(members.iter().map(|&member| Named::new(member, Role::List.max(one.role()))));
                }
                None => kept.push(one),
            }
        }
        kept.retain(|one| !self.handles.has_opted_out(one.handle()));
        if kept.is_empty() && !named.is_empty() {
            return Err(Reason::OptedOut);
        }
        if !kept.is_empty() && kept.iter().all(|one| one.handle() == sender) {
            return Err(Reason::SelfOnly);
        }
        kept.retain(|one| one.handle() != sender);
        Ok(kept)
    }
}
