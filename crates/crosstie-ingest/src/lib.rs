//! Export files to messages and people, with a ledger of every record and byte.
