//! Keyed hashes by purpose: what ingest and the tables may know of the key.

/// What a keyed hash is for. Hashes of two purposes never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Ids of addresses and accounts.
    Handle,
    /// Keys that find copies of a message.
    Message,
    /// Tokens of people, fixed for the life of the output folder.
    Person,
    /// Pseudonyms in restricted tables.
    Restricted,
    /// Labels and tags that never rotate.
    Ledger,
    /// Records in quarantine.
    Quarantine,
    /// Marks of people who were forgotten.
    Erasure,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 7] = [
        Purpose::Handle,
        Purpose::Message,
        Purpose::Person,
        Purpose::Restricted,
        Purpose::Ledger,
        Purpose::Quarantine,
        Purpose::Erasure,
    ];

    /// The label from which its key is derived.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Purpose::Handle => "handle",
            Purpose::Message => "message",
            Purpose::Person => "person",
            Purpose::Restricted => "restricted",
            Purpose::Ledger => "ledger",
            Purpose::Quarantine => "quarantine",
            Purpose::Erasure => "erasure",
        }
    }
}

/// A keyed hash function whose key the caller cannot see.
pub trait KeyedHash: Sync {
    /// 128 bits over the parts, each prefixed by its length, so that no two lists of parts meet.
    fn hash(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 16];

    /// The same of many lists at once: quicker for keys of messages, of which there are the most.
    fn hash_each(&self, purpose: Purpose, lists: &[[&[u8]; 3]]) -> Vec<[u8; 16]> {
        lists.iter().map(|parts| self.hash(purpose, parts)).collect()
    }

    /// The id of an address or account: the first 8 bytes with the top bit cleared.
    fn handle_id(&self, handle: &str) -> i64 {
        let hash = self.hash(Purpose::Handle, &[handle.as_bytes()]);
        let head: [u8; 8] = [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]];
        i64::from_be_bytes(head) & i64::MAX
    }
}
