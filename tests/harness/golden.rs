//! Inputs of `test-data/golden/score-variants`.

use super::data;

pub fn genome() -> String {
    data("golden/score-variants/genome.fa")
}

pub fn variants() -> String {
    data("golden/score-variants/variants.vcf")
}
