//! Pseudonyms and thresholds: the only maker of published tables.
