//! Repeatable chance: a small generator, each draw of which follows from its seeds.

/// SplitMix64 (Steele, Lea, Flood 2014). Integers only, so that every machine draws the same books.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that depend on all of `keys` and on nothing else.
    pub(crate) fn new(keys: &[u64]) -> Self {
        let mut state = 0x6d6f_6f72_6c69_6e65;
        for key in keys {
            state = mix(state ^ key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        Self(state)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform in `0..limit`; 0 if `limit` is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// Uniform in `low..=high`.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True in `basis_points` of 10,000 cases.
    pub(crate) fn chance(&mut self, basis_points: u64) -> bool {
        self.below(10_000) < basis_points
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }

    /// An index below `len`, low ones far more often: a few regulars, many who come now and then.
    pub(crate) fn skewed(&mut self, len: usize) -> usize {
        let draw = u128::from(self.next());
        let squared = (draw * draw) >> 64;
        ((squared * len as u128) >> 64) as usize
    }

    /// A number of occurrences, `mean_milli` thousandths on average.
    pub(crate) fn count(&mut self, mean_milli: u64) -> u64 {
        let trials = mean_milli.div_ceil(1000) * 2;
        (0..trials)
            .filter(|_| self.below(trials * 1000) < mean_milli)
            .count() as u64
    }

    /// `amount` changed by up to `percent` either way.
    pub(crate) fn about(&mut self, amount: i64, percent: i64) -> i64 {
        let permille = self.range(1000 - percent * 10, 1000 + percent * 10);
        portion(amount, permille, 1000)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `amount × numerator ÷ denominator`, rounded half away from zero.
pub(crate) fn portion(amount: i64, numerator: i64, denominator: i64) -> i64 {
    let product = i128::from(amount) * i128::from(numerator);
    let denominator = i128::from(denominator);
    let half = denominator / 2;
    let rounded = if product >= 0 {
        (product + half) / denominator
    } else {
        (product - half) / denominator
    };
    rounded as i64
}
