//! Tells the processor what will be read soon, so that it comes from memory while other work goes on.
//!
//! A plain read ahead of time would do the same, but nothing after it can retire until it has arrived. Where there is
//! no such instruction nothing happens: results never depend on it.

/// The instruction, where the processor has it.
#[derive(Clone, Copy, Debug)]
pub struct Prefetch {
    #[cfg(target_arch = "x86_64")]
    sse: Option<pulp::core_arch::x86::Sse>,
}

impl Default for Prefetch {
    fn default() -> Prefetch {
        Prefetch::new()
    }
}

impl Prefetch {
    /// With the instruction, if there is one.
    #[must_use]
    pub fn new() -> Prefetch {
        Prefetch {
            #[cfg(target_arch = "x86_64")]
            sse: pulp::core_arch::x86::Sse::try_new(),
        }
    }

    /// Asks for the cache line of an item; one that is not there is left alone.
    #[inline(always)]
    pub fn item<T>(self, items: &[T], at: usize) {
        #[cfg(target_arch = "x86_64")]
        if let (Some(sse), Some(item)) = (self.sse, items.get(at)) {
            sse._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(item).cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (items, at);
    }

    /// Asks for all cache lines of some items.
    #[inline(always)]
    pub fn all<T>(self, items: &[T]) {
        for at in (0..items.len()).step_by((64 / size_of::<T>().max(1)).max(1)) {
            self.item(items, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_left_alone() {
        let prefetch = Prefetch::new();
        prefetch.item(&[1u8], 1);
        prefetch.item::<u32>(&[], 0);
        prefetch.all::<()>(&[(), ()]);
        prefetch.all(&[[0u8; 100]; 3]);
        #[cfg(target_arch = "x86_64")]
        assert!(prefetch.sse.is_some(), "every x86-64 has it");
    }
}
