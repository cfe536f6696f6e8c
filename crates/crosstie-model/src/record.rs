//! A table as a plain struct a row: the struct's fields are the columns, their doc comments the column sentences.

use crate::{Day, Micros, PersonId};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

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

/// One value of a row, its text owned or (as `Cell<&str>`) lent by the row; `None` is null, which means undefined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<T = String> {
    /// Text.
    Text(Option<T>),
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

impl Cell<&str> {
    /// The value with a text of its own.
    #[must_use]
    pub fn owned(self) -> Cell {
        match self {
            Cell::Text(text) => Cell::Text(text.map(str::to_string)),
            Cell::Int(value) => Cell::Int(value),
            Cell::Float(value) => Cell::Float(value),
            Cell::Bool(value) => Cell::Bool(value),
            Cell::Date(value) => Cell::Date(value),
            Cell::Time(value) => Cell::Time(value),
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
    /// The value in a column.
    ///
    /// # Panics
    /// If there is no such column.
    fn cell_in(&self, column: usize) -> Cell<&str>;
    /// The values in column order.
    fn cells(&self) -> Vec<Cell> {
        (0..Self::TABLE.columns.len()).map(|column| self.cell_in(column).owned()).collect()
    }
    /// Compares the values of a column: null first, floats by their total order.
    ///
    /// # Panics
    /// If there is no such column.
    fn order_in(&self, other: &Self, column: usize) -> Ordering;
    /// A row from its values; `None` if one is null that must not be, or of another type.
    fn from_cells(cells: Vec<Cell>) -> Option<Self>;
}

/// The columns of a table's key, by number.
#[must_use]
pub fn key_columns(spec: &TableSpec) -> Vec<usize> {
    spec.key.iter().filter_map(|name| spec.columns.iter().position(|column| column.name == *name)).collect()
}

/// Compares rows by columns, in their order.
pub fn order_by<R: Record>(columns: &[usize], a: &R, b: &R) -> Ordering {
    columns.iter().map(|&column| a.order_in(b, column)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Sorts rows by their table's key: the order in which they are stored.
pub fn sort_by_key<R: Record>(rows: &mut [R]) {
    let key = key_columns(&R::TABLE);
    rows.sort_by(|a, b| order_by(&key, a, b));
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
    fn to_cell(&self) -> Cell<&str>;
    /// From a value.
    fn from_cell(cell: Cell) -> Option<Self>;
    /// Compares: null first, floats by their total order.
    fn order(&self, other: &Self) -> Ordering;
}

macro_rules! cell_type {
    ($type:ty, $kind:ident, $identifier:literal, $to:expr, $from:expr, $order:expr) => {
        impl CellType for $type {
            const KIND: CellKind = CellKind::$kind;
            const IDENTIFIER: bool = $identifier;
            fn to_cell(&self) -> Cell<&str> {
                Cell::$kind(Some($to(self)))
            }
            fn from_cell(cell: Cell) -> Option<Self> {
                let Cell::$kind(value) = cell else { return None };
                value.and_then($from)
            }
            fn order(&self, other: &Self) -> Ordering {
                $order(self, other)
            }
        }
        impl CellType for Option<$type> {
            const KIND: CellKind = CellKind::$kind;
            const NULLABLE: bool = true;
            const IDENTIFIER: bool = $identifier;
            fn to_cell(&self) -> Cell<&str> {
                Cell::$kind(self.as_ref().map($to))
            }
            fn from_cell(cell: Cell) -> Option<Self> {
                let Cell::$kind(value) = cell else { return None };
                value.map_or(Some(None), |value| $from(value).map(Some))
            }
            fn order(&self, other: &Self) -> Ordering {
                match (self, other) {
                    (Some(a), Some(b)) => $order(a, b),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                }
            }
        }
    };
}

cell_type!(String, Text, false, String::as_str, Some, String::cmp);
cell_type!(Arc<str>, Text, false, AsRef::as_ref, |text: String| Some(text.into()), Arc::cmp);
cell_type!(Cow<'static, str>, Text, false, AsRef::as_ref, |text: String| Some(text.into()), Cow::cmp);
cell_type!(PersonId, Text, true, PersonId::expose, |text: String| PersonId::new(&text), PersonId::cmp);
cell_type!(i64, Int, false, |value: &i64| *value, Some, i64::cmp);
cell_type!(f64, Float, false, |value: &f64| *value, Some, f64::total_cmp);
cell_type!(bool, Bool, false, |value: &bool| *value, Some, bool::cmp);
cell_type!(Day, Date, false, |day: &Day| day.0, |day| Some(Day(day)), Day::cmp);
cell_type!(Micros, Time, false, |at: &Micros| at.0, |at| Some(Micros(at)), Micros::cmp);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::OrganizationRow;

    /// A null is less than any value.
    fn slow(a: &Cell, b: &Cell) -> Ordering {
        match (a, b) {
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            (Cell::Float(None), Cell::Float(None)) => Ordering::Equal,
            (Cell::Float(a), Cell::Float(b)) if a.is_none() || b.is_none() => a.is_some().cmp(&b.is_some()),
            (Cell::Float(a), Cell::Float(b)) => a.unwrap().total_cmp(&b.unwrap()),
            (Cell::Date(a), Cell::Date(b)) => a.cmp(b),
            _ => panic!("no such columns in this table"),
        }
    }

    #[test]
    fn columns_compare_as_their_cells_do() {
        let mut rows = Vec::new();
        for metric in ["a", "b"] {
            for value in [None, Some(-0.0), Some(0.0), Some(2.5)] {
                for as_of in [None, Some(Day(-3)), Some(Day(7))] {
                    let metric = metric.to_string();
                    rows.push(OrganizationRow {
                        metric,
                        value,
                        low: None,
                        high: value,
                        expected: None,
                        z: None,
                        as_of,
                    });
                }
            }
        }
        for (a, b) in rows.iter().flat_map(|a| rows.iter().map(move |b| (a, b))) {
            for (column, (cell, other)) in a.cells().iter().zip(b.cells()).enumerate() {
                assert_eq!(a.order_in(b, column), slow(cell, &other), "{a:?} {b:?} {column}");
            }
        }
        let all: Vec<usize> = (0..rows[0].cells().len()).collect();
        assert!(rows.is_sorted_by(|a, b| order_by(&all, a, b).is_lt()), "they were made in order");
        let names = key_columns(&OrganizationRow::TABLE);
        assert_eq!(names, [0]);
        let count = rows.len();
        rows.reverse();
        let backwards = rows.clone();
        sort_by_key(&mut rows);
        // Rows of one key stay as they came.
        assert_eq!(rows[..count / 2], backwards[count / 2..]);
        assert_eq!(rows[count / 2..], backwards[..count / 2]);
    }
}
