//! Eigenvectors of a symmetric matrix: the tridiagonal form of Householder, bisection for the largest
//! eigenvalues, and inverse iteration. The result does not depend on the number of threads.

use rayon::prelude::*;

/// An eigenvalue and its eigenvector of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Eigenvalue.
    pub value: f64,
    /// Eigenvector.
    pub vector: Vec<f64>,
}

/// The `count` largest eigenvalues of a symmetric matrix in descending order, with orthogonal eigenvectors.
/// `rows` are those of the matrix, all of them.
///
/// # Panics
/// The matrix is not square, or has fewer than `count` columns.
pub fn largest(rows: Vec<Vec<f64>>, count: usize) -> Vec<Pair> {
    let size = rows.len();
    assert!(count <= size && rows.iter().all(|row| row.len() == size));
    let Tridiagonal { diagonal, beside, mirrors } = Tridiagonal::of(rows);
    let mut pairs: Vec<Pair> = Vec::with_capacity(count);
    for rank in 0..count {
        let value = eigenvalue(&diagonal, &beside, rank);
        let before: Vec<&[f64]> = pairs.iter().map(|pair| &pair.vector[..]).collect();
        let vector = eigenvector(&diagonal, &beside, value, &before);
        pairs.push(Pair { value, vector });
    }
    for Pair { vector, .. } in &mut pairs {
        mirrors.iter().enumerate().rev().for_each(|(first, mirror)| {
            let part = &mut vector[first + 1..];
            let along = 2.0 * inner(part, mirror);
            part.iter_mut().zip(mirror).for_each(|(x, m)| *x -= along * m);
        });
    }
    pairs
}

/// A tridiagonal matrix, and the mirrors that made it: unit vectors from row `i` + 1 on, for each column `i`.
struct Tridiagonal {
    diagonal: Vec<f64>,
    beside: Vec<f64>,
    mirrors: Vec<Vec<f64>>,
}

impl Tridiagonal {
    /// Mirrors each column onto its first two rows. A mirror without effect is a vector of zeros.
    fn of(mut rows: Vec<Vec<f64>>) -> Self {
        /// Rows that one thread computes at once.
        const ROWS: usize = 32;
        let size = rows.len();
        let mut found = Self { diagonal: Vec::new(), beside: Vec::new(), mirrors: Vec::new() };
        for column in 0..size {
            found.diagonal.push(rows[column][column]);
            if column + 1 == size {
                break;
            }
            // the matrix is symmetric: its column is its row
            let mut mirror = rows[column][column + 1..].to_vec();
            let largest = mirror.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            let length = match largest > 0.0 {
                true => largest * mirror.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt(),
                false => 0.0,
            };
            let target = -length.copysign(mirror[0]);
            found.beside.push(target);
            if mirror.len() == 1 || length == 0.0 {
                found.beside[column] = mirror[0];
                found.mirrors.push(vec![0.0; mirror.len()]);
                continue;
            }
            mirror[0] -= target;
            let norm = inner(&mirror, &mirror).sqrt();
            mirror.iter_mut().for_each(|x| *x /= norm);
            let rest = &mut rows[column + 1..];
            let from = column + 1;
            let image: Vec<f64> = rest
                .par_iter()
                .with_min_len(ROWS)
                .map(|row| 2.0 * inner(&row[from..], &mirror))
                .collect();
            let half = inner(&image, &mirror);
            let turned: Vec<f64> =
                image.iter().zip(&mirror).map(|(image, m)| image - half * m).collect();
            rest.par_iter_mut().with_min_len(ROWS).enumerate().for_each(|(i, row)| {
                let (m, t) = (mirror[i], turned[i]);
                let others = turned.iter().zip(&mirror);
                row[from..].iter_mut().zip(others).for_each(|(x, (turned, mirror))| {
                    *x -= m * turned + t * mirror;
                });
            });
            found.mirrors.push(mirror);
        }
        found
    }
}

/// The eigenvalue of a tridiagonal matrix with `rank` larger ones, by bisection.
fn eigenvalue(diagonal: &[f64], beside: &[f64], rank: usize) -> f64 {
    let reach = |i: usize| {
        let before = if i > 0 { beside[i - 1].abs() } else { 0.0 };
        before + beside.get(i).map_or(0.0, |x| x.abs())
    };
    let edges = |sign: f64| (0..diagonal.len()).map(move |i| diagonal[i] + sign * reach(i));
    let mut low = edges(-1.0).fold(f64::INFINITY, f64::min);
    let mut high = edges(1.0).fold(f64::NEG_INFINITY, f64::max);
    let floor = f64::MIN_POSITIVE.max(f64::EPSILON * f64::EPSILON * low.abs().max(high.abs()));
    // number of eigenvalues above: Sturm's sequence of the signs of pivots
    let above = |at: f64| {
        let mut pivot = 1.0;
        let mut count = 0;
        for (i, x) in diagonal.iter().enumerate() {
            let coupling = if i > 0 { beside[i - 1].powi(2) } else { 0.0 };
            pivot = x - at - coupling / pivot;
            if pivot.abs() < floor {
                pivot = -floor;
            }
            count += usize::from(pivot > 0.0);
        }
        count
    };
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        match above(middle) > rank {
            true => low = middle,
            false => high = middle,
        }
    }
}

/// A unit vector that the matrix without `value` on its diagonal shrinks to nothing, orthogonal to those
/// before.
fn eigenvector(diagonal: &[f64], beside: &[f64], value: f64, before: &[&[f64]]) -> Vec<f64> {
    const ROUNDS: usize = 4;
    let solver = Solver::new(diagonal, beside, value);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ before.len() as u64;
    let mut vector: Vec<f64> = (0..diagonal.len())
        .map(|_| {
            // any start with a part of every direction will do
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        })
        .collect();
    for _ in 0..ROUNDS {
        orthogonalise(&mut vector, before);
        solver.solve(&mut vector);
    }
    orthogonalise(&mut vector, before);
    vector
}

/// Removes the directions before, twice for the sake of rounding, and scales to length 1.
fn orthogonalise(vector: &mut [f64], before: &[&[f64]]) {
    let largest = vector.iter().fold(f64::MIN_POSITIVE, |most, x| most.max(x.abs()));
    vector.iter_mut().for_each(|x| *x /= largest);
    for _ in 0..2 {
        for other in before {
            let along = inner(vector, other);
            vector.iter_mut().zip(*other).for_each(|(x, o)| *x -= along * o);
        }
        let norm = inner(vector, vector).sqrt().max(f64::MIN_POSITIVE);
        vector.iter_mut().for_each(|x| *x /= norm);
    }
}

/// Triangular factors of a tridiagonal matrix without `value` on its diagonal, rows exchanged for the sake
/// of rounding.
struct Solver {
    /// The diagonal and the two next to it of the upper factor.
    upper: Vec<[f64; 3]>,
    /// For each row but the last: true if it was exchanged with the next, and the multiple of it that was
    /// taken from the next.
    steps: Vec<(bool, f64)>,
}

impl Solver {
    fn new(diagonal: &[f64], beside: &[f64], value: f64) -> Self {
        let size = diagonal.len();
        let of = |i: usize| beside.get(i).copied().unwrap_or(0.0);
        let scale = diagonal.iter().chain(beside).fold(value.abs(), |most, x| most.max(x.abs()));
        let least = (f64::EPSILON * scale).max(f64::MIN_POSITIVE);
        let mut upper = Vec::with_capacity(size);
        let mut steps = Vec::with_capacity(size);
        let mut row = [diagonal[0] - value, of(0), 0.0];
        for (i, own) in diagonal.iter().enumerate().skip(1) {
            let mut next = [of(i - 1), own - value, of(i)];
            let exchanged = next[0].abs() > row[0].abs();
            if exchanged {
                std::mem::swap(&mut row, &mut next);
            }
            if row[0].abs() < least {
                row[0] = least;
            }
            let multiple = next[0] / row[0];
            steps.push((exchanged, multiple));
            upper.push(row);
            row = [next[1] - multiple * row[1], next[2] - multiple * row[2], 0.0];
        }
        if row[0].abs() < least {
            row[0] = least;
        }
        upper.push(row);
        Self { upper, steps }
    }

    fn solve(&self, vector: &mut [f64]) {
        for (i, &(exchanged, multiple)) in self.steps.iter().enumerate() {
            if exchanged {
                vector.swap(i, i + 1);
            }
            vector[i + 1] -= multiple * vector[i];
        }
        for (i, [pivot, one, two]) in self.upper.iter().enumerate().rev() {
            let at = |i: usize| vector.get(i).copied().unwrap_or(0.0);
            vector[i] = (vector[i] - one * at(i + 1) - two * at(i + 2)) / pivot;
            // the direction counts, not the length
            if vector[i].abs() > 1e200 {
                vector.iter_mut().for_each(|x| *x *= 1e-200);
            }
        }
    }
}

/// An inner product in four sums, which the compiler computes side by side.
fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a, b) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    for (a, b) in a.0.iter().zip(b.0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a.1.iter().zip(b.1).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Checks that the pairs are those of the matrix: A v = λ v, and vectors of length 1 at right angles.
    fn check(rows: &[Vec<f64>], pairs: &[Pair]) {
        let scale = rows.iter().flatten().fold(1e-300_f64, |most, x| most.max(x.abs()));
        let tolerance = 1e-12 * rows.len() as f64;
        for (place, Pair { value, vector }) in pairs.iter().enumerate() {
            for (row, x) in rows.iter().zip(vector) {
                let off = inner(row, vector) - value * x;
                assert!(off.abs() < tolerance * scale, "{off} at {place} of {rows:?}");
            }
            for (other, pair) in pairs[..=place].iter().enumerate() {
                let expected = f64::from(u8::from(other == place));
                let found = inner(&pair.vector, vector);
                assert!((found - expected).abs() < 1e-12, "{found} of {other} and {place}");
            }
        }
        assert!(pairs.windows(2).all(|two| two[0].value >= two[1].value - tolerance * scale));
    }

    #[test]
    fn values_of_known_matrices() {
        // the second difference: 2 - 2 cos(π k / (n + 1))
        let size = 30;
        let of = |i: usize, j: usize| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let rows: Vec<Vec<f64>> =
            (0..size).map(|i| (0..size).map(|j| of(i, j)).collect()).collect();
        let pairs = largest(rows.clone(), size);
        check(&rows, &pairs);
        for (rank, pair) in pairs.iter().enumerate() {
            let angle = std::f64::consts::PI * (size - rank) as f64 / (size + 1) as f64;
            assert!((pair.value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13, "{rank}");
        }
    }

    #[test]
    fn equal_and_missing_values_are_no_obstacle() {
        for of in [
            |i: usize, j: usize| f64::from(u8::from(i == j)),
            |_, _| 0.0,
            |_, _| 1.0,
            |i: usize, j: usize| if i / 3 == j / 3 { 5.0 } else { 0.0 },
            |i: usize, j: usize| if i < 4 && j < 4 { 1e-9 } else { f64::from(u8::from(i == j)) },
        ] {
            let rows: Vec<Vec<f64>> = (0..9).map(|i| (0..9).map(|j| of(i, j)).collect()).collect();
            check(&rows, &largest(rows.clone(), 9));
        }
        assert_eq!(largest(vec![vec![3.0]], 1), [Pair { value: 3.0, vector: vec![1.0] }]);
    }

    proptest! {
        #[test]
        fn pairs_belong_to_the_matrix(
            size in 1..14_usize,
            rank in 1..14_usize,
            values in proptest::collection::vec(-3.0..3.0_f64, 14 * 14),
        ) {
            // of the rank of its factor
            let factor: Vec<&[f64]> = (0..size).map(|i| &values[14 * i..14 * i + rank]).collect();
            let rows: Vec<Vec<f64>> = factor
                .iter()
                .map(|a| factor.iter().map(|b| inner(a, b)).collect())
                .collect();
            check(&rows, &largest(rows.clone(), size));
        }
    }
}
