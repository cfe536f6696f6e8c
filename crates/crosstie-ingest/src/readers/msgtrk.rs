//! Exchange message tracking logs, 2007 to 2019 (Microsoft Learn, "Message tracking"). Columns go by the names in
//! `#Fields`, never by position: 2013 put one in the middle.

use super::named_columns::{NamedColumns, require};
use super::tracking_events::{EventColumns, TrackingEvents};
use crate::format::{EntryKind, Format};
use crate::out::{Out, Unfit};
use crate::work::Work;

const COLUMNS: EventColumns = EventColumns {
    time: "date-time",
    source: "source",
    event: "event-id",
    message_id: "message-id",
    network_message_id: "network-message-id",
    internal_message_id: "internal-message-id",
    server: "server-hostname",
    recipients: "recipient-address",
    related: "related-recipient-address",
    sender: "sender-address",
};

/// Reads tracking logs.
pub(crate) struct MsgtrkReader {
    columns: NamedColumns,
    events: TrackingEvents,
}

impl MsgtrkReader {
    pub(crate) fn new() -> MsgtrkReader {
        MsgtrkReader { columns: NamedColumns::with_comments(), events: TrackingEvents::default() }
    }
}

impl Format for MsgtrkReader {
    // Events meet when all were read.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        let name = name.to_ascii_lowercase();
        if name.ends_with(".log") { EntryKind::Records } else { EntryKind::Other }
    }

    fn begin(&mut self, _name: &str) {
        self.columns.begin();
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let events = &mut self.events;
        let wanted = [COLUMNS.time, COLUMNS.event, COLUMNS.message_id, COLUMNS.recipients, COLUMNS.sender];
        self.columns.block(block, last, out, &mut |names| require(names, &wanted), &mut |row, raw, spot, out| {
            let read = events.row(row, &COLUMNS, spot, out);
            out.outcome(spot, raw, read);
        })
    }

    fn forget(&mut self, file: u32) {
        self.events.forget(file);
    }

    fn finish(&mut self, work: &mut Work<'_>) {
        self.events.finish(work);
    }
}
