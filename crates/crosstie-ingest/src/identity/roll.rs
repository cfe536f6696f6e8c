//! What is known of every handle when reading ends, and which of them are accounts that are no member's.

use super::{Handle, Handles, Identity};
use crate::directory::Directory;
use crosstie_model::Day;

/// An account that is no member of the organization, as the restricted table lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Keyed id of the handle.
    pub handle_id: i64,
    /// Its class.
    pub class: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Messages it sent that were used, on any day that was read.
    pub message_count: u64,
}

/// Every handle that was met; nothing of it can be printed.
#[derive(Default)]
pub struct Roll {
    entries: Vec<RollEntry>,
}

struct RollEntry {
    handle: Handle,
    message_count: u64,
}

impl std::fmt::Debug for Roll {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} handles>", self.entries.len())
    }
}

impl Roll {
    /// The accounts that are no member's on this day, by keyed id. External people are counted, never listed; who
    /// opted out is not listed at all.
    #[must_use]
    pub fn accounts(&self, directory: &Directory, day: Day) -> Vec<Account> {
        let line = |entry: &RollEntry| {
            let handle = &entry.handle;
            if handle.opted_out || !handle.counts() {
                return None;
            }
            let (class, reason) = match handle.identity(directory, day) {
                Identity::Person(_) | Identity::External => return None,
                Identity::Class(class) => {
                    (class.name(), handle.rule.map_or("class in the directory", |hit| hit.reason))
                }
                Identity::Shared => ("shared_mailbox", "two people hold it on one day"),
                Identity::Unknown if handle.members.is_some() => ("list", "its members are listed"),
                Identity::Unknown if !handle.claims.0.is_empty() => {
                    ("left", "its holder is no member on the run's date")
                }
                Identity::Unknown => ("unknown", "not in the directory"),
            };
            Some(Account { handle_id: handle.id, class, reason, message_count: entry.message_count })
        };
        let mut accounts: Vec<Account> = self.entries.iter().filter_map(line).collect();
        accounts.sort_by_key(|account| account.handle_id);
        accounts
    }

    /// The keyed id of an account by its index in messages.
    #[must_use]
    pub fn handle_id(&self, account: u32) -> Option<i64> {
        self.entries.get(account as usize).map(|entry| entry.handle.id)
    }
}

impl Handles<'_> {
    /// What is known of every handle when reading ends, with the used messages that each sent.
    pub(crate) fn into_roll(self, sent_by: &[u64]) -> Roll {
        let entries = self.list.into_iter().zip(sent_by.iter().copied());
        Roll { entries: entries.map(|(handle, message_count)| RollEntry { handle, message_count }).collect() }
    }
}
