//! The table `messages` as `crosstie ingest` wrote it, on a machine with the same key. Parquet has no checksums of
//! pages, and its readers have panicked on small files: only a file whose hash the manifest beside it lists is decoded.

use crate::format::{EntryKind, Format};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::source::RowDecoder;
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::tables::MessageRow;
use crosstie_model::{Micros, Role, Venue, code};
use std::path::Path;

/// Reads canonical tables.
pub(crate) struct ParquetReader {
    decode: RowDecoder,
    expected: Option<String>,
    bytes: Vec<u8>,
}

impl ParquetReader {
    pub(crate) fn new(decode: RowDecoder) -> ParquetReader {
        ParquetReader { decode, expected: None, bytes: Vec::new() }
    }
}

impl Format for ParquetReader {
    fn entry(&self, _name: &str) -> EntryKind {
        EntryKind::Other
    }

    fn has_lines(&self) -> bool {
        false
    }

    fn is_text(&self) -> bool {
        false
    }

    fn open(&mut self, path: &Path) -> Result<(), Unfit> {
        self.expected = listed_hash(path);
        if self.expected.is_some() {
            return Ok(());
        }
        let mut unlisted = Unfit::because(code::I213, "the file is not listed in a `manifest.json` beside it");
        unlisted.0[0].hints = vec!["give the folder that `crosstie ingest --out` made".into()];
        Err(unlisted)
    }

    fn begin(&mut self, _name: &str) {
        self.bytes.clear();
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        out.header(block);
        self.bytes.extend_from_slice(block);
        if !last {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        if self.expected.as_deref() != Some(blake3::hash(&bytes).to_hex().as_str()) {
            return Err(Unfit::because(code::I212, "the file is not what the manifest beside it says"));
        }
        let rows = (self.decode)(&bytes).ok_or_else(|| Unfit::because(code::I213, "not the table `messages`"))?;
        let of_one = |a: &MessageRow, b: &MessageRow| {
            (a.message_key, a.message_check, a.sent_at) == (b.message_key, b.message_check, b.sent_at)
        };
        for message in rows.chunk_by(of_one) {
            let spot = out.front(&[]);
            let read = self.message(message, spot, out.work);
            out.outcome(spot, &[], read);
        }
        Ok(())
    }
}

impl ParquetReader {
    fn message(&self, rows: &[MessageRow], spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let Some(first) = rows.first() else { return Ok(()) };
        let at = work.believed(first.sent_at)?;
        let venue = Venue::named(&first.place).ok_or_else(|| fault_at(at))?;
        if rows.iter().any(|row| row.sender_id != first.sender_id) {
            work.exclude(spot, Some(at), Reason::NotAMessage);
            return Ok(());
        }
        let sender = work.handles.by_id(first.sender_id);
        let mut recipients = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(id) = row.recipient_id {
                let role = Role::named(&row.role).ok_or_else(|| fault_at(at))?;
                recipients.push((work.handles.by_id(id), role));
            }
        }
        let stated_count = u32::try_from(first.recipient_count).map_err(|_| fault_at(at))?;
        // Outsiders were counted and not stored: each is a full recipient of its own. A broadcast keeps its count alone.
        if !recipients.is_empty() {
            for number in recipients.len()..stated_count as usize {
                recipients.push((work.handles.outsider(number as u32), Role::To));
            }
        }
        let key = (u128::from(first.message_key as u64) << 64) | u128::from(first.message_check as u64);
        let by_server = first.time_origin == "server";
        let place = first.place_id.map(|id| u128::from(id as u64) << 64);
        let sent = Sent { by_server, venue, place, stated_count, ..Sent::mail(key, at, sender, &recipients) };
        work.message(spot, sent);
        Ok(())
    }
}

fn fault_at(at: Micros) -> Fault {
    Fault { at: Some(at), ..Fault::from(code::I118) }
}

/// The hash under which the manifest beside a file lists it.
fn listed_hash(path: &Path) -> Option<String> {
    let manifest = std::fs::read(path.with_file_name("manifest.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    let name = path.file_name()?.to_str()?;
    let outputs = manifest.get("outputs")?.as_array()?;
    let listed = outputs.iter().find(|output| output.get("path").and_then(|path| path.as_str()) == Some(name))?;
    Some(listed.get("blake3")?.as_str()?.to_string())
}
