//! The only writer: staged files, the manifest whose rename is the commit, the Parquet conventions.
