//! Made organizations with planted silos and bridges.
