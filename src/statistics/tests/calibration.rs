use super::ranking::made;
use crate::statistics::*;

/// Number of distinct scores and the largest of them, then mean probability, share and members of each
/// bin, and the expected calibration error. In the second case every probability is an edge.
type Case = (u64, f64, [f64; 10], [f64; 10], [u64; 10], f64);
const CASES: [Case; 2] = [
    (
        1000,
        500.0,
        [
            0.054_194_444_444_44,
            0.151_363_636_363_6,
            0.251_285_714_285_7,
            0.354_451_612_903_2,
            0.455_421_052_631_6,
            0.547_026_315_789_5,
            0.648_781_25,
            0.750_378_378_378_4,
            0.853_714_285_714_3,
            0.943_52,
        ],
        [
            0.333_333_333_333_3,
            0.454_545_454_545_5,
            0.392_857_142_857_1,
            0.322_580_645_161_3,
            0.157_894_736_842_1,
            0.394_736_842_105_3,
            0.437_5,
            0.351_351_351_351_4,
            0.333_333_333_333_3,
            0.52,
        ],
        [36, 33, 28, 31, 19, 38, 32, 37, 21, 25],
        0.264_956_666_666_7,
    ),
    (
        11,
        5.0,
        [0.056_666_666_666_67, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
        [
            0.4,
            0.565_217_391_304_3,
            0.230_769_230_769_2,
            0.428_571_428_571_4,
            0.214_285_714_285_7,
            0.333_333_333_333_3,
            0.56,
            0.363_636_363_636_4,
            0.391_304_347_826_1,
            0.333_333_333_333_3,
        ],
        [60, 23, 26, 21, 28, 33, 25, 22, 23, 39],
        0.33,
    ),
];

/// Mean probability, share and members of each bin, and the expected calibration error, by scikit-learn
/// 1.9.1 (`pip install scikit-learn`), with `p` the probabilities and `y` the outcomes of the case:
///
/// ```python
/// import numpy as np
/// from sklearn.calibration import calibration_curve
/// t, q = calibration_curve(y, p, n_bins=10, strategy="uniform")
/// n = np.bincount(np.searchsorted(np.linspace(0, 1, 11)[1:-1], p), minlength=10)
/// print(q, t, n, (n / n.sum() * abs(t - q)).sum())
/// ```
#[test]
fn bins_are_those_of_scikit_learn() {
    for (values, half, means, shares, members, error) in CASES {
        let scale = (values - 1).next_multiple_of(10) as f64;
        let pairs = made(300, values, 35, 4).into_iter().map(|(x, y)| ((x + half) / scale, y));
        let found = Calibration::new(pairs).unwrap();
        assert!((found.expected_error() - error).abs() < 1e-9, "{}", found.expected_error());
        for (place, bin) in found.bins().iter().enumerate() {
            assert_eq!(bin.members, members[place], "{bin:?}");
            assert!((bin.probability().unwrap() - means[place]).abs() < 1e-9, "{bin:?}");
            assert!((bin.share().unwrap() - shares[place]).abs() < 1e-9, "{bin:?}");
        }
    }
}

#[test]
fn scores_that_are_not_probabilities_have_no_bins() {
    for wrong in [-0.1, 1.1, f64::NAN] {
        assert_eq!(Calibration::new([(0.5, true), (wrong, false)]), None);
    }
    assert_eq!(Calibration::new([]), None);
    let two = Calibration::new([(0.0, false), (1.0, true)]).unwrap();
    assert_eq!((two.bins()[0].members, two.bins()[9].members, two.expected_error()), (1, 1, 0.0));
    assert_eq!((two.bins()[5].probability(), two.bins()[5].share()), (None, None));
}
