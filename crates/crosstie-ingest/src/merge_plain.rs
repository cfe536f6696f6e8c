//! Mail of the common form is merged without a look at what it does not have: one place in memory a handle is read and
//! counted at.

use crate::copies::{Block, Named};
use crate::identity::Face;
use crosstie_model::{Day, End, PlainMail};

/// Recipients up to which a message is of the common form: pairs of them are compared.
const FEW: usize = 8;

/// Not a person, but an account inside; somebody outside; one whose mail rules look at.
const ACCOUNT: u32 = u32::MAX - 2;
const OUTSIDE: u32 = u32::MAX - 1;
const RULED: u32 = u32::MAX;

/// What a handle is on the day, and how often it was met.
#[derive(Clone, Copy)]
struct Standing {
    /// The person, or one of the above.
    who: u32,
    /// Its place in the order of keyed ids.
    rank: u32,
    sent: u32,
    received: u32,
}

/// Messages of the common form: their copies have no others, rules say nothing of those whom they name.
pub(crate) struct Plain {
    standings: Vec<Standing>,
    /// Most recipients.
    most: usize,
    pub(crate) mail: PlainMail,
    /// Messages of one person of the directory to another.
    pub(crate) resolved: u64,
}

impl Plain {
    /// `ranks` are the places of handles in the order of their ids; messages to more than `kept` are not of the form.
    pub(crate) fn new(day: Day, faces: &[Face], ranks: &[u32], kept: u32) -> Plain {
        let standing = |(face, &rank): (&Face, &u32)| Standing { who: who(face), rank, sent: 0, received: 0 };
        Plain {
            standings: faces.iter().zip(ranks).map(standing).collect(),
            most: FEW.min(kept as usize),
            mail: PlainMail { day, ..PlainMail::default() },
            resolved: 0,
        }
    }

    /// Whether rows of this block may be of the form.
    pub(crate) fn may_be_in(block: &Block) -> bool {
        block.extras.is_empty() && block.micros.is_empty()
    }

    /// Takes a row, if it is of the form.
    #[inline]
    pub(crate) fn take(&mut self, block: &Block, row: usize) -> bool {
        let sender = block.senders[row];
        let from = self.standings[sender as usize].who;
        let begin = self.mail.recipients.len();
        let recipients = block.recipients_of(row);
        if from >= OUTSIDE || recipients.len() > self.most || !self.put(sender, recipients) {
            self.mail.recipients.truncate(begin);
            return false;
        }
        let mut people = 0;
        for &recipient in &self.mail.recipients[begin..] {
            let standing = &mut self.standings[recipient as usize];
            standing.received += 1;
            people += u32::from(standing.who < ACCOUNT);
        }
        self.standings[sender as usize].sent += 1;
        self.resolved += u64::from(from < ACCOUNT && people > 0);
        self.mail.seconds.push(block.seconds[row]);
        self.mail.senders.push(sender);
        self.mail.ends.push(self.mail.recipients.len() as u32);
        true
    }

    /// Puts recipients down in the order of ids; `false` where they are not of the form.
    fn put(&mut self, sender: u32, recipients: &[Named]) -> bool {
        let begin = self.mail.recipients.len();
        let mut is_any_inside = false;
        for named in recipients {
            let handle = named.handle();
            let Standing { who, rank, .. } = self.standings[handle as usize];
            if who == RULED || handle == sender || !named.is_to() {
                return false;
            }
            is_any_inside |= who != OUTSIDE;
            let mut at = self.mail.recipients.len();
            for &other in &self.mail.recipients[begin..] {
                let standing = self.standings[other as usize];
                if other == handle || (standing.who == who && who < ACCOUNT) {
                    return false;
                }
            }
            self.mail.recipients.push(handle);
            while at > begin && self.standings[self.mail.recipients[at - 1] as usize].rank > rank {
                self.mail.recipients.swap(at - 1, at);
                at -= 1;
            }
        }
        is_any_inside
    }

    /// Hands over and forgets how often each handle was met: handle, as sender, as recipient.
    pub(crate) fn met(&mut self) -> impl Iterator<Item = (u32, u32, u32)> {
        let met = (0..).zip(&mut self.standings).filter(|(_, of)| of.sent > 0 || of.received > 0);
        met.map(|(handle, of)| (handle, std::mem::take(&mut of.sent), std::mem::take(&mut of.received)))
    }
}

fn who(face: &Face) -> u32 {
    match face.handle.end {
        _ if !face.is_plain => RULED,
        End::Person(person) if person < ACCOUNT => person,
        End::Person(_) => RULED,
        End::Account(_) => ACCOUNT,
        End::External => OUTSIDE,
    }
}
