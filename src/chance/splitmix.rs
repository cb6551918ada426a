//! SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195): numbers that are functions of their place,
//! so that any of them is made without the others.

/// What the state grows by from number to number.
pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// Factors of the output function.
pub const FACTORS: [u64; 2] = [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];
/// Places by which it shifts, before each factor and at the end.
pub const SHIFTS: [u32; 3] = [30, 27, 31];

/// The output function.
pub fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> SHIFTS[0])).wrapping_mul(FACTORS[0]);
    bits = (bits ^ (bits >> SHIFTS[1])).wrapping_mul(FACTORS[1]);
    bits ^ (bits >> SHIFTS[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers with the seed 1234567, as published with its code.
    #[test]
    fn numbers_are_the_published_ones() {
        let first = [1, 2].map(|i: u64| mixed(1_234_567_u64.wrapping_add(i.wrapping_mul(STEP))));
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }
}
