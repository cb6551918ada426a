//! Order of values, in which equal ones share a place.

/// Distinct values in descending order, and the place of each member among them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DenseRanks {
    /// Distinct values, from the highest.
    pub values: Vec<f64>,
    /// Index of each member's value in `values`.
    pub places: Vec<usize>,
}

impl DenseRanks {
    /// Orders finite values; 0 and -0 are equal.
    pub fn new(members: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_unstable_by(|&a, &b| members[b].total_cmp(&members[a]));
        let (mut values, mut places) = (Vec::new(), vec![0; members.len()]);
        for equal in order.chunk_by(|&a, &b| members[a] == members[b]) {
            equal.iter().for_each(|&member| places[member] = values.len());
            values.push(members[equal[0]]);
        }
        Self { values, places }
    }

    /// Mean rank of each member, from the highest value, if each occurs as often as its weight.
    pub fn mean_ranks(&self, weights: &[u64]) -> Vec<f64> {
        let mut sizes = vec![0_u64; self.values.len()];
        for (&place, &weight) in self.places.iter().zip(weights) {
            sizes[place] += weight;
        }
        let mut before = 0_u64;
        let ranks: Vec<f64> = sizes
            .iter()
            .map(|&size| {
                let rank = before as f64 + (size as f64 + 1.0) / 2.0;
                before += size;
                rank
            })
            .collect();
        self.places.iter().map(|&place| ranks[place]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place_and_the_mean_rank() {
        let ranks = DenseRanks::new(&[0.0, 2.0, -0.0, 3.0, 2.0]);
        assert_eq!(ranks, DenseRanks { values: vec![3.0, 2.0, 0.0], places: vec![2, 1, 2, 0, 1] });
        assert_eq!(ranks.mean_ranks(&[1; 5]), [4.5, 2.5, 4.5, 1.0, 2.5]);
        assert_eq!(ranks.mean_ranks(&[2, 1, 0, 3, 0])[..2], [5.5, 4.0]);
    }
}
