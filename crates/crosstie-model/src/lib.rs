//! The words of crosstie: ids, units, time, table schemas, the metric catalogue's types, diagnostics.
//!
//! Nothing here touches a file, a thread or a clock.

mod chance;
mod column_facts;
mod contact;
mod diagnostic;
mod erased;
mod keyed;
mod lookup;
mod message;
mod metric;
pub mod num;
mod organization;
pub mod packed;
mod plain_mail;
mod prefetch;
mod record;
mod secret;
mod simd_width;
mod slots;
mod stream;
pub mod tables;
mod time;
mod weight;
mod xml;

pub use chance::{Chance, Null};
pub use column_facts::{ColumnFacts, ColumnRange, column_facts};
pub use contact::{
    Activity, DayCount, NewGroup, NewGroups, Opener, Openers, RuledTie, RuledWindow, Stratum, WindowTie, WindowTies,
};
pub use diagnostic::{CODES, Code, Diagnostic, Page, Place, code, nearest};
pub use erased::{Erased, mark_of_id, mark_of_pseudonym, mark_of_tag};
pub use keyed::{KeyedHash, Purpose};
pub use lookup::Lookup;
pub use message::{ChatEvent, ChatEventKind, End, Message, Messages, Recipient, Role, Venue};
pub use metric::{Grade, MetricSpec, PAGE_HEADINGS};
pub use organization::{Grouping, Organization, UnitIx};
pub use plain_mail::{Handle, PlainMail};
pub use prefetch::Prefetch;
pub use record::{
    Cell, CellKind, CellType, Class, Column, Contribution, Measured, Record, TableSpec, key_columns, order_by,
    sort_by_key,
};
pub use secret::PersonId;
pub use simd_width::SimdWidth;
pub use slots::{Slot, Slots};
pub use stream::Stream;
pub use time::{DAY_MICROS, Day, Micros, Window};
pub use weight::Weight;
pub use xml::escape_xml;
