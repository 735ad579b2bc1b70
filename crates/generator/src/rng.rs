//! A small generator of pseudo-random numbers: `SplitMix64`.
//!
//! Our own implementation, because the bytes of a generated file must never change with a dependency or a platform, and
//! because a new stream must be free: every record, and every fact that other records use, has its own.

/// The step of `SplitMix64` (2^64 divided by the golden ratio).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// One stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// The stream of these keys; other keys give an unrelated stream.
    pub(super) fn of(seed: u64, keys: [u64; 3]) -> Self {
        let state = keys.iter().fold(mix(seed ^ STEP), |state, key| mix(state ^ key.wrapping_mul(STEP)));
        Self(state)
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number from zero up to, not including, `bound`; zero for the bound zero.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number between the two, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A number between the two, both included, signed: for days.
    pub(super) fn days(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + i64::try_from(self.below(span + 1)).unwrap_or(0)
    }

    /// True in this many of a thousand cases.
    pub(super) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// An item of the list; the default value if it is empty.
    pub(super) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let length = u64::try_from(list.len()).unwrap_or(0);
        at(list, self.below(length))
    }

    /// An item of the list, with a probability proportional to its weight.
    pub(super) fn weighted<T: Copy + Default>(&mut self, list: &[(u64, T)]) -> T {
        let mut left = self.below(list.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        T::default()
    }
}

/// The item at a place, modulo the length; the default value if the list is empty.
pub(super) fn at<T: Copy + Default>(list: &[T], index: u64) -> T {
    let length = u64::try_from(list.len()).unwrap_or(0);
    let place = index.checked_rem(length).unwrap_or(0);
    usize::try_from(place).ok().and_then(|place| list.get(place)).copied().unwrap_or_default()
}

/// The finisher of `SplitMix64`: every input bit reaches every output bit.
fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence_comes_out() {
        // Reference values of SplitMix64 for the state 1234567 (Vigna's splitmix64.c).
        let mut rng = Rng(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| rng.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn bounds_hold_and_nothing_panics_on_empty() {
        let mut rng = Rng::of(1, [2, 3, 4]);
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.pick::<u64>(&[]), 0);
        assert_eq!(at::<u64>(&[], 7), 0);
        assert!((0..1000).all(|_| (3..=9).contains(&rng.between(3, 9))));
        assert!((0..1000).all(|_| (-3..=9).contains(&rng.days(-3, 9))));
    }
}
