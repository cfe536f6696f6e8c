//! Charts: one file each, from published rows to SVG. Never colour alone; text is at least 11 px and never turned.

mod bridges;
mod calendar;
mod decay;
mod freedoms;
mod lift;
mod matrix;
mod network;
mod openness;
mod order;
mod scale;
mod stress;
mod trends;

pub(crate) use bridges::bridges;
pub(crate) use calendar::calendar;
pub(crate) use decay::decay;
pub(crate) use freedoms::freedoms;
pub(crate) use lift::lift;
pub(crate) use matrix::{LARGEST as MATRIX_LARGEST, matrix};
pub(crate) use network::{LARGEST as NETWORK_LARGEST, lines as network_lines, network};
pub(crate) use openness::openness;
pub(crate) use order::clustered;
pub(crate) use trends::{History, trends};
