//! What holds for whole reports, on made tables.

mod answers;
mod browser;
mod careful;
mod colours;
mod edges;
mod hostile;
mod limits;
pub(crate) mod made;
mod own_words;
mod sentences;
mod snapshots;
mod twins;
