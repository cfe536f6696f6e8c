//! How wide the vectors are that a kernel computes with. Results are the same at any width.

use pulp::{Arch, WithSimd};

/// The instructions that a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimdWidth {
    /// The widest that the processor has.
    Best,
    /// x86-64-v4: 512 bits (AVX-512).
    V4,
    /// x86-64-v3: 256 bits (AVX2).
    V3,
    /// What every processor of the kind has.
    Scalar,
}

impl SimdWidth {
    /// All that can be asked for.
    pub const ALL: [SimdWidth; 4] = [SimdWidth::Best, SimdWidth::V4, SimdWidth::V3, SimdWidth::Scalar];

    /// Whether this processor has it.
    #[must_use]
    pub fn is_here(self) -> bool {
        self.arch().is_some()
    }

    /// Runs a kernel at this width; where the processor does not have it, at the widest that it has.
    ///
    /// To be called in each task: threads do not hand the instructions on.
    #[inline(always)]
    pub fn dispatch<K: WithSimd>(self, kernel: K) -> K::Output {
        self.arch().unwrap_or_default().dispatch(kernel)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn arch(self) -> Option<Arch> {
        match self {
            SimdWidth::Best => Some(Arch::new()),
            SimdWidth::V4 => pulp::x86::V4::try_new().map(Arch::V4),
            SimdWidth::V3 => pulp::x86::V3::try_new().map(Arch::V3),
            SimdWidth::Scalar => Some(Arch::Scalar),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[inline(always)]
    fn arch(self) -> Option<Arch> {
        match self {
            SimdWidth::Best => Some(Arch::new()),
            SimdWidth::V4 | SimdWidth::V3 => None,
            SimdWidth::Scalar => Some(Arch::Scalar),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Simd;

    /// Bytes of a vector.
    struct Bytes;

    impl WithSimd for Bytes {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            size_of::<S::u64s>()
        }
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test says when it is skipped")]
    fn a_width_is_what_it_says() {
        for (width, bytes) in [(SimdWidth::V4, 64), (SimdWidth::V3, 32), (SimdWidth::Scalar, 8)] {
            if width.is_here() {
                assert_eq!(width.dispatch(Bytes), bytes, "{width:?}");
            } else {
                eprintln!("skipped: this processor has no {width:?}");
                assert_eq!(width.dispatch(Bytes), SimdWidth::Best.dispatch(Bytes));
            }
        }
        let widest =
            SimdWidth::ALL.into_iter().filter(|width| width.is_here()).map(|width| width.dispatch(Bytes)).max();
        assert_eq!(widest, Some(SimdWidth::Best.dispatch(Bytes)));
    }
}
