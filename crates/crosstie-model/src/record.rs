//! A table as a plain struct a row: the struct's fields are the columns, their doc comments the column sentences.

use crate::{Day, Micros, PersonId};
use std::cmp::Ordering;

/// Where a table may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `data/`: groups only, safe under the policy.
    Published,
    /// `restricted/`: pseudonymous people.
    Restricted,
}

impl Class {
    /// The folder under the output folder.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Class::Published => "data",
            Class::Restricted => "restricted",
        }
    }
}

/// The plain types of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// UTF-8 text.
    Text,
    /// 64-bit integer.
    Int,
    /// 64-bit float, never NaN.
    Float,
    /// True or false.
    Bool,
    /// A UTC day.
    Date,
    /// Microseconds UTC.
    Time,
}

/// One value of a row; `None` is null, which means undefined.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Text(Option<String>),
    /// Integer.
    Int(Option<i64>),
    /// Float.
    Float(Option<f64>),
    /// Boolean.
    Bool(Option<bool>),
    /// Days since 1970.
    Date(Option<i32>),
    /// Microseconds since 1970.
    Time(Option<i64>),
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Cell) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    /// By value, null first; floats by their total order. Cells of one column are of one kind.
    fn cmp(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            (Cell::Int(a), Cell::Int(b)) | (Cell::Time(a), Cell::Time(b)) => a.cmp(b),
            (Cell::Date(a), Cell::Date(b)) => a.cmp(b),
            (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
            (Cell::Float(Some(a)), Cell::Float(Some(b))) => a.total_cmp(b),
            (Cell::Float(a), Cell::Float(b)) => a.is_some().cmp(&b.is_some()),
            _ => Ordering::Equal,
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// snake_case name with its unit as a suffix.
    pub name: &'static str,
    /// Its type.
    pub kind: CellKind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it names a person or account: no statistics are written for it.
    pub identifier: bool,
    /// A sentence on what it holds.
    pub doc: &'static str,
}

/// Name, class, key and columns of a table.
#[derive(Clone, Copy, Debug)]
pub struct TableSpec {
    /// Folder name.
    pub name: &'static str,
    /// Who may read it.
    pub class: Class,
    /// The columns it is sorted by, which together name a row.
    pub key: &'static [&'static str],
    /// What a row is.
    pub doc: &'static str,
    /// The columns in order.
    pub columns: &'static [Column],
}

/// A row of a table. `table!` in [`crate::tables`] implements it.
pub trait Record: Sized + Sync {
    /// The table.
    const TABLE: TableSpec;
    /// The values in column order.
    fn cells(&self) -> Vec<Cell>;
    /// A row from its values; `None` if one is null that must not be, or of another type.
    fn from_cells(cells: Vec<Cell>) -> Option<Self>;
}

/// Sorts rows by their table's key: the order in which they are stored.
pub fn sort_by_key<R: Record>(rows: &mut [R]) {
    let spec = R::TABLE;
    let key: Vec<usize> =
        spec.key.iter().filter_map(|name| spec.columns.iter().position(|c| c.name == *name)).collect();
    let key_of = |row: &R| -> Vec<Cell> {
        let cells = row.cells();
        key.iter().map(|&at| cells[at].clone()).collect()
    };
    rows.sort_by_cached_key(key_of);
}

/// One person's part in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The person.
    pub person: u32,
    /// That person's part, in units of 2^-20 message.
    pub units: u64,
}

/// A row as measured, with the people behind each side of it: what `crosstie-privacy` decides on.
#[derive(Clone, Debug)]
pub struct Measured<R> {
    /// The row.
    pub row: R,
    /// People of side A with their parts.
    pub side_a: Vec<Contribution>,
    /// People of side B with their parts.
    pub side_b: Vec<Contribution>,
    /// Further sums that the row's numbers derive from, each as the parts of people, sorted by person, at both ends of a
    /// message: `crosstie-privacy` compares them with those of earlier releases.
    pub sums: Vec<Vec<Contribution>>,
}

/// A Rust type that can stand in a column.
pub trait CellType: Sized {
    /// Type of the column.
    const KIND: CellKind;
    /// Whether null may occur.
    const NULLABLE: bool = false;
    /// Whether it names a person or account.
    const IDENTIFIER: bool = false;
    /// To a value.
    fn to_cell(&self) -> Cell;
    /// From a value.
    fn from_cell(cell: Cell) -> Option<Self>;
}

macro_rules! cell_type {
    ($type:ty, $kind:ident, $identifier:literal, $to:expr, $from:expr) => {
        impl CellType for $type {
            const KIND: CellKind = CellKind::$kind;
            const IDENTIFIER: bool = $identifier;
            fn to_cell(&self) -> Cell {
                Cell::$kind(Some($to(self)))
            }
            fn from_cell(cell: Cell) -> Option<Self> {
                let Cell::$kind(value) = cell else { return None };
                value.map($from)
            }
        }
        impl CellType for Option<$type> {
            const KIND: CellKind = CellKind::$kind;
            const NULLABLE: bool = true;
            const IDENTIFIER: bool = $identifier;
            fn to_cell(&self) -> Cell {
                Cell::$kind(self.as_ref().map($to))
            }
            fn from_cell(cell: Cell) -> Option<Self> {
                let Cell::$kind(value) = cell else { return None };
                Some(value.map($from))
            }
        }
    };
}

cell_type!(String, Text, false, String::clone, std::convert::identity);
cell_type!(PersonId, Text, true, |id: &PersonId| id.expose().to_string(), PersonId::new);
cell_type!(i64, Int, false, |value: &i64| *value, std::convert::identity);
cell_type!(f64, Float, false, |value: &f64| *value, std::convert::identity);
cell_type!(bool, Bool, false, |value: &bool| *value, std::convert::identity);
cell_type!(Day, Date, false, |day: &Day| day.0, Day);
cell_type!(Micros, Time, false, |at: &Micros| at.0, Micros);
