//! Mail headers, address lists and dates (RFC 5322 and its obsolete forms), read without recursion.

mod address_lexer;
pub(crate) mod address_list;
pub(crate) mod header;
pub(crate) mod mail_date;
pub(crate) mod mbox_split;
pub(crate) mod message_ids;

#[cfg(test)]
mod samples_test;
