//! Inputs of `test-data/demo`.

use super::data;

pub fn genome() -> String {
    data("demo/genome.fa")
}

pub fn regions() -> String {
    data("demo/regions.bed")
}
