//! What becomes of the messages of a day: they are handed over in parts, so that nobody has to hold them all.

use crosstie_model::{Day, Handle, Messages, PlainMail};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What days became, in their order.
pub type MadeDays<E> = Vec<(Day, <E as EachDay>::Made)>;

/// Makes something of the messages of each day. Several days are made at once, each on one thread.
pub trait EachDay: Sync {
    /// A day in the making.
    type Making<'e>
    where
        Self: 'e;
    /// What a day becomes; it is kept for later runs.
    type Made: Send + Serialize + DeserializeOwned;

    /// A day begins, on which handles are these.
    fn begin(&self, day: Day, handles: &[Handle]) -> Self::Making<'_>;

    /// Takes some of its messages; their order says nothing.
    fn add(&self, making: &mut Self::Making<'_>, messages: &Messages);

    /// The same of mail of the common form, for those who have a quicker way for it.
    fn add_plain(&self, making: &mut Self::Making<'_>, mail: &PlainMail, handles: &[Handle]) {
        self.add(making, &mail.to_messages(handles));
    }

    /// All were handed over.
    fn end(&self, making: Self::Making<'_>) -> Self::Made;
}
