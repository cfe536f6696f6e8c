//! CSV whose columns go by names of the format itself, as logs and admin exports have them.

use crate::csv_rows::Rows;
use crate::out::{Out, Unfit};
use crate::work::Fault;
use crosstie_model::{Diagnostic, code, nearest};
use std::borrow::Cow;

/// Splits files and keeps their header.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedColumns {
    /// Names in lower case; none before the header.
    names: Vec<String>,
    /// Whether header lines begin with `#`, as logs write them; they can come again.
    has_comments: bool,
}

/// A row with its header.
pub(crate) struct NamedRow<'r> {
    names: &'r [String],
    fields: &'r [Cow<'r, [u8]>],
}

/// Called with each whole row: its fields, its bytes, and where outcomes go.
pub(crate) type OnRow<'f, 'w> = dyn FnMut(&NamedRow<'_>, &[u8], crate::work::Spot, &mut Out<'_, 'w>) + 'f;

impl NamedColumns {
    /// A file whose first line is the header.
    pub(crate) fn with_header() -> NamedColumns {
        NamedColumns::default()
    }

    /// A log: `#Fields: a,b,c` names the columns of what follows.
    pub(crate) fn with_comments() -> NamedColumns {
        NamedColumns { has_comments: true, ..NamedColumns::default() }
    }

    /// A new file begins.
    pub(crate) fn begin(&mut self) {
        self.names.clear();
    }

    /// Takes whole rows. `on_header` is asked whether the header will do.
    pub(crate) fn block<'w>(
        &mut self,
        block: &[u8],
        last: bool,
        out: &mut Out<'_, 'w>,
        on_header: &mut dyn FnMut(&[String]) -> Result<(), Unfit>,
        on_row: &mut OnRow<'_, 'w>,
    ) -> Result<(), Unfit> {
        let mut rows = Rows::of_block(block, b',', false, last);
        let mut fields = Vec::new();
        let mut end = 0;
        while let Some(row) = rows.next_row(&mut fields) {
            out.separator(&block[end..row.offset]);
            end = row.offset + row.length;
            let raw = &block[row.offset..end];
            if self.names.is_empty() && (raw.starts_with(b"#TYPE") || raw.starts_with(b"sep=")) {
                // PowerShell and Excel put a line of their own before the header.
                out.header(raw);
                continue;
            }
            if self.has_comments && raw.starts_with(b"#") {
                out.header(raw);
                if let Some(list) = strip_prefix_ignore_case(raw, b"#fields:") {
                    self.names = names(list.split(|&byte| byte == b','));
                    on_header(&self.names)?;
                }
                continue;
            }
            if self.names.is_empty() {
                if self.has_comments {
                    let missing = Diagnostic::new(code::I213, "rows stand before the first `#Fields:` line");
                    return Err(Unfit(vec![missing.hint("give the log as the server wrote it")]));
                }
                out.header(raw);
                self.names = names(fields.iter().map(|field| &**field));
                on_header(&self.names)?;
                continue;
            }
            let Some(spot) = out.record(raw) else { continue };
            if let Some((code, column)) = row.fault {
                out.outcome(spot, raw, Err(Fault { column: Some(column), ..Fault::from(code) }));
            } else if fields.len() != self.names.len() {
                let found = format!("{} fields; the header has {}", fields.len(), self.names.len());
                out.outcome(spot, raw, Err(Fault { found: Some(found), ..Fault::from(code::I103) }));
            } else {
                on_row(&NamedRow { names: &self.names, fields: &fields }, raw, spot, out);
            }
        }
        out.separator(&block[end..rows.at]);
        Ok(())
    }
}

fn strip_prefix_ignore_case<'a>(raw: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    raw.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix)).map(|_| &raw[prefix.len()..])
}

fn names<'a>(list: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    list.map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase()).collect()
}

/// Asks for columns; all that are missing are named.
pub(crate) fn require(names: &[String], wanted: &[&str]) -> Result<(), Unfit> {
    let missing: Vec<Diagnostic> = wanted
        .iter()
        .filter(|wanted| !names.iter().any(|name| name == *wanted))
        .map(|wanted| {
            let fault = Diagnostic::new(code::I213, format!("column `{wanted}` is not in the file"));
            match nearest(wanted, names.iter().map(String::as_str)) {
                Some(near) if !near.contains('@') => fault.hint(format!("the nearest column is `{near}`")),
                _ => fault.hint("is `format` right? `crosstie check --suggest FILE` names what fits"),
            }
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Unfit(missing)) }
}

impl NamedRow<'_> {
    /// The text of a column; empty if there is no such column.
    pub(crate) fn text(&self, name: &'static str) -> Result<&str, Fault> {
        let Some(at) = self.names.iter().position(|known| known == name) else { return Ok("") };
        std::str::from_utf8(&self.fields[at]).map(str::trim).map_err(|_| Fault {
            column: Some(at as u64 + 1),
            field: Some(name),
            ..Fault::from(code::I101)
        })
    }

    /// The text of a column that must not be empty.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Fault> {
        match self.text(name)? {
            "" => Err(self.fault(code::I107, name)),
            text => Ok(text),
        }
    }

    /// A fault of a column; the value is described, never shown.
    pub(crate) fn fault(&self, code: crosstie_model::Code, name: &'static str) -> Fault {
        let at = self.names.iter().position(|known| known == name);
        let found = at.map(|at| format!("value of {} bytes", self.fields[at].len()));
        Fault { column: at.map(|at| at as u64 + 1), field: Some(name), found, ..Fault::from(code) }
    }
}
