//! Charts: one file each, from published rows to SVG. Never colour alone; text is at least 11 px.

mod bridges;
mod lift;
mod matrix;
mod openness;

pub(crate) use bridges::bridges;
pub(crate) use lift::lift;
pub(crate) use matrix::{LARGEST as MATRIX_LARGEST, matrix, scale_key};
pub(crate) use openness::openness;
