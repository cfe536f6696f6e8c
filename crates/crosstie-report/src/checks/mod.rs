//! What holds for whole reports.
