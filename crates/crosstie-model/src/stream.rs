//! Random numbers that depend on nothing but (seed, stage, index): no state is shared, no thread shows.
//!
//! SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195) started from a mixed key.

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of `stage` with these indices. Equal arguments give equal streams.
    #[must_use]
    pub fn new(seed: u64, stage: &str, indices: &[u64]) -> Stream {
        let mut key = mix(seed.wrapping_add(GOLDEN));
        for &byte in stage.as_bytes() {
            key = mix(key.wrapping_add(GOLDEN) ^ u64::from(byte));
        }
        for &index in indices {
            key = mix(key.wrapping_add(GOLDEN) ^ mix(index.wrapping_add(GOLDEN)));
        }
        Stream { state: key }
    }

    /// The next 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number in `0..bound`, without bias (Lemire 2019, doi:10.1145/3230636).
    ///
    /// # Panics
    /// If `bound` is 0.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a bound of 0 leaves nothing to draw");
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(bound);
            // The threshold lies below the bound, so the division is nearly never needed.
            if wide as u64 >= bound || wide as u64 >= bound.wrapping_neg() % bound {
                return (wide >> 64) as u64;
            }
        }
    }

    /// A number in `[0, 1)` on a grid of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Fisher-Yates shuffle.
    ///
    /// Places are drawn some ahead of the exchanges, so that many of these wait for memory at once.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        const AHEAD: usize = 64;
        let mut places = [0; AHEAD];
        let mut left = items.len();
        while left > 1 {
            let places = &mut places[..AHEAD.min(left - 1)];
            for (bound, place) in (0..=left).rev().zip(places.iter_mut()) {
                *place = self.below(bound as u64) as usize;
            }
            for &place in places.iter() {
                left -= 1;
                items.swap(left, place);
            }
        }
    }

    /// A draw from the Poisson distribution with mean 1, capped at 12 (chance of more: 6e-11).
    ///
    /// One number of the stream and a table of 64-bit thresholds, so no logarithm is involved.
    pub fn poisson_one(&mut self) -> u8 {
        let draw = self.next_u64();
        POISSON_ONE.iter().take_while(|&&threshold| draw >= threshold).count() as u8
    }
}

/// `floor(2^64 * P(X <= k))` for X ~ Poisson(1), k = 0 to 11.
const POISSON_ONE: [u64; 12] = [
    6_786_177_901_268_885_274,
    13_572_355_802_537_770_549,
    16_965_444_753_172_213_186,
    18_096_474_403_383_694_065,
    18_379_231_815_936_564_285,
    18_435_783_298_447_138_329,
    18_445_208_545_532_234_003,
    18_446_555_009_401_533_385,
    18_446_723_317_385_195_808,
    18_446_742_018_272_269_410,
    18_446_743_888_360_976_771,
    18_446_744_058_369_041_076,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_every_argument_and_by_nothing_else() {
        let first = |seed, stage, indices: &[u64]| Stream::new(seed, stage, indices).next_u64();
        let base = first(1, "permute", &[2, 3]);
        assert_eq!(base, first(1, "permute", &[2, 3]));
        for other in [
            first(2, "permute", &[2, 3]),
            first(1, "person", &[2, 3]),
            first(1, "permute", &[3, 2]),
            first(1, "permute", &[2]),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn poisson_thresholds_follow_from_the_definition() {
        let mut cumulative = 0.0;
        let mut term = crate::num::exp(-1.0);
        for (k, &threshold) in POISSON_ONE.iter().enumerate() {
            if k > 0 {
                term /= k as f64;
            }
            cumulative += term;
            let seen = threshold as f64 / 2f64.powi(64);
            assert!((seen - cumulative).abs() < 1e-15, "k = {k}: {seen} against {cumulative}");
        }
    }

    #[test]
    fn draws_have_mean_and_variance_one() {
        let mut stream = Stream::new(7, "test", &[]);
        let draws: Vec<f64> = (0..100_000).map(|_| f64::from(stream.poisson_one())).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        assert!((mean - 1.0).abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }

    #[test]
    fn a_shuffle_draws_from_the_last_to_the_second_item() {
        for count in [0, 1, 2, 64, 65, 66, 1000] {
            let mut items: Vec<usize> = (0..count).collect();
            let mut slow = items.clone();
            let (mut one, mut other) = (Stream::new(1, "shuffle", &[9]), Stream::new(1, "shuffle", &[9]));
            one.shuffle(&mut items);
            for last in (1..count).rev() {
                slow.swap(last, other.below(last as u64 + 1) as usize);
            }
            assert_eq!(items, slow);
            assert_eq!(one.next_u64(), other.next_u64());
        }
    }

    #[test]
    fn shuffles_reach_every_order_about_equally() {
        let mut counts = [0u32; 6];
        for index in 0..6000 {
            let mut items = [0, 1, 2];
            Stream::new(3, "shuffle", &[index]).shuffle(&mut items);
            let rank = items[0] * 2 + usize::from(items[1] > items[2]);
            counts[rank] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
