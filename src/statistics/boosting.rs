//! Gradient boosting of decision trees on counts of binned values, with the second derivative of the loss. The
//! result does not depend on the number of threads, and nothing is drawn at random.

mod binned;
mod tree;

pub use self::binned::Binned;
use self::tree::{Slope, Tree};
use super::{
    loss::{Loss, Targets},
    strength::HeldOut,
};

/// Part of its best step that a tree takes.
const RATE: f64 = 0.1;
/// Most rounds, each a tree for every output of the loss.
pub const ROUNDS: usize = 500;
/// Fewest rows of a fit whose trees can have splits.
pub const FEWEST_ROWS: usize = 2 * tree::FEWEST as usize;
/// Part of the lowest loss by which a round has to be lower to be better.
const GAIN: f64 = 1e-9;
/// Rounds after the best one that are tried before the search ends.
const PATIENCE: usize = 20;

/// Trees, and their sums for all rows of a matrix.
#[derive(Debug)]
pub struct Boosted {
    loss: Loss,
    /// Outputs before the first tree.
    constant: Vec<f64>,
    /// For each round a tree for each output.
    rounds: Vec<Vec<Tree>>,
    /// Row-major outputs for all rows of the matrix that the trees are fitted to.
    outputs: Vec<f64>,
}

impl Boosted {
    /// Starts without trees. `rows` are those to fit.
    pub fn new(features: &Binned, targets: &Targets, rows: &[usize]) -> Self {
        let loss = Loss::of(targets);
        let constant = loss.constant(targets, rows);
        let outputs = constant.repeat(features.rows());
        Self { loss, constant, rounds: Vec::new(), outputs }
    }

    /// Adds a round of trees that are fitted to `rows`.
    pub fn step(&mut self, features: &Binned, targets: &Targets, rows: &[usize]) {
        let width = self.loss.outputs();
        let mut slopes = vec![vec![Slope::default(); features.rows()]; width];
        let mut of_row = vec![0.0; width];
        for &row in rows {
            of_row.copy_from_slice(&self.outputs[row * width..(row + 1) * width]);
            self.loss.differentiate(&mut of_row, targets, row);
            for (slopes, &first) in slopes.iter_mut().zip(&of_row) {
                slopes[row] = Slope { first, second: self.loss.curvature(first) };
            }
        }
        let trees: Vec<Tree> =
            slopes.iter().map(|slopes| Tree::fit(features, slopes, rows)).collect();
        add(features, &trees, &mut self.outputs);
        self.rounds.push(trees);
    }

    /// True if a tree has a split, without which all predictions are the same.
    pub fn has_splits(&self) -> bool {
        self.rounds.iter().flatten().any(|tree| !tree.is_leaf())
    }

    /// True if a tree of the last round has a split.
    fn is_growing(&self) -> bool {
        self.rounds.last().is_some_and(|trees| trees.iter().any(|tree| !tree.is_leaf()))
    }

    /// The mean loss of `rows` of the matrix that the trees are fitted to.
    pub fn loss(&self, targets: &Targets, rows: &[usize]) -> f64 {
        let width = self.loss.outputs();
        let mut of_row = vec![0.0; width];
        let of = |&row: &usize| {
            of_row.copy_from_slice(&self.outputs[row * width..(row + 1) * width]);
            self.loss.differentiate(&mut of_row, targets, row)
        };
        rows.iter().map(of).sum::<f64>() / rows.len() as f64
    }

    /// Predictions for each row of another matrix in the same bins: the probability of each class (rows ×
    /// classes), or a number.
    pub fn predict(&self, features: &Binned) -> Vec<f64> {
        let mut outputs = self.constant.repeat(features.rows());
        self.rounds.iter().for_each(|trees| add(features, trees, &mut outputs));
        let mut all = Vec::new();
        for of_row in outputs.chunks_exact_mut(self.loss.outputs()) {
            self.loss.push_predictions(of_row, &mut all);
        }
        all
    }
}

/// Adds a round of trees to the outputs of all rows.
fn add(features: &Binned, trees: &[Tree], outputs: &mut [f64]) {
    for (row, outputs) in outputs.chunks_exact_mut(trees.len()).enumerate() {
        for (output, tree) in outputs.iter_mut().zip(trees) {
            *output += RATE * tree.value(features, row);
        }
    }
}

/// A number of rounds and its loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChosenRounds {
    /// Number of rounds, from 1 to [`ROUNDS`].
    pub rounds: usize,
    /// The mean loss on held-out rows: the negative log-likelihood in nats, or half the squared difference.
    pub loss: f64,
}

/// Chooses the number of rounds with the lowest mean loss on held-out rows. The search ends when the loss was
/// not lower for 20 rounds, or when no tree of a round has a split.
pub fn choose(features: &Binned, targets: &Targets, splits: &[HeldOut]) -> ChosenRounds {
    let mut models: Vec<Boosted> =
        splits.iter().map(|split| Boosted::new(features, targets, &split.fit)).collect();
    let (mut best, mut lowest) = (1, f64::INFINITY);
    for round in 1..=ROUNDS {
        let mut sum = 0.0;
        for (split, model) in splits.iter().zip(&mut models) {
            model.step(features, targets, &split.fit);
            sum += model.loss(targets, &split.measure);
        }
        if sum < lowest * (1.0 - GAIN) {
            (best, lowest) = (round, sum);
        } else if round >= best + PATIENCE {
            break;
        }
        if !models.iter().any(Boosted::is_growing) {
            break;
        }
    }
    ChosenRounds { rounds: best, loss: lowest / splits.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{matrix::Matrix, strength::held_out};

    const ROWS: usize = 200;

    fn features() -> Matrix {
        let of = |i: usize, j: usize| ((i * (7 + 3 * j) + j * j * 5 + i * i) % 127) as f32;
        Matrix::new((0..ROWS).flat_map(|i| (0..4).map(move |j| of(i, j))).collect(), 4)
    }

    /// A number that no line can follow.
    fn score(i: usize) -> f64 {
        let features = features();
        let [a, b, _, d] = [0, 1, 2, 3].map(|j| f64::from(features.row(i)[j]));
        (a - 63.0) * (b - 63.0) / 127.0 + d / 10.0
    }

    fn fit(targets: &Targets, rounds: usize) -> Vec<f64> {
        let features = Binned::of(&features(), ROWS);
        let rows: Vec<usize> = (0..ROWS).collect();
        let mut model = Boosted::new(&features, targets, &rows);
        let before = model.loss(targets, &rows);
        (0..rounds).for_each(|_| model.step(&features, targets, &rows));
        assert!(model.loss(targets, &rows) < 0.8 * before);
        model.predict(&features)
    }

    fn assert_close(got: &[f64], expected: &[f64]) {
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 2e-5, "{got} {expected}");
        }
    }

    /// scikit-learn 1.9.1, the same numbers: `HistGradientBoostingClassifier(max_iter=10, max_leaf_nodes=None,
    /// max_depth=4, l2_regularization=1.0, early_stopping=False).fit(x, y).predict_proba(x)`, rows 0, 1, 2, 50
    /// and 199, and the same of `HistGradientBoostingRegressor(…).predict(x)`. Its derivatives are f32.
    #[test]
    fn predictions_are_those_of_scikit_learn() {
        const SHOWN: [usize; 5] = [0, 1, 2, 50, 199];
        let two = |i: usize| usize::from(score(i) > 6.35);
        let found = fit(&Targets::Classes { of: (0..ROWS).map(two).collect(), count: 2 }, 10);
        let expected = [
            0.6326294942270742,
            0.6313026026697042,
            0.6313026026697042,
            0.23303442161897922,
            0.25665084565556484,
        ];
        assert_close(&SHOWN.map(|i| found[2 * i + 1]), &expected);
        let three = |i: usize| usize::from(score(i) > 5.35) + usize::from(score(i) > 9.35);
        let found = fit(&Targets::Classes { of: (0..ROWS).map(three).collect(), count: 3 }, 10);
        let expected = [
            [0.22611843200143678, 0.07151405317998497, 0.7023675148185783],
            [0.2151513113806394, 0.07257326274970625, 0.7122754258696544],
            [0.3401677138693296, 0.10079482076173543, 0.559037465368935],
            [0.7492564838003759, 0.10736718051313271, 0.14337633568649133],
            [0.7115518179200938, 0.06342079868741217, 0.22502738339249395],
        ];
        assert_close(&SHOWN.map(|i| &found[3 * i..3 * i + 3]).concat(), &expected.concat());
        let found = fit(&Targets::Numbers((0..ROWS).map(score).collect()), 10);
        let expected = [
            14.001649881077153,
            14.001649881077153,
            6.629570255305172,
            3.982456959605405,
            7.009281967342008,
        ];
        assert_close(&SHOWN.map(|i| found[i]), &expected);
    }

    #[test]
    fn rounds_are_chosen_on_held_out_rows() {
        let noise = |i: usize| ((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0;
        let with = |share: f64| {
            let of = |i: usize| (1.0 - share) * score(i) + 6.0 * share * noise(i);
            Targets::Numbers((0..ROWS).map(of).collect())
        };
        let features = Binned::of(&features(), ROWS);
        let splits = held_out(&(0..ROWS).map(|i| i % 4).collect::<Vec<_>>());
        let [clean, noisy] = [0.0, 0.9].map(|share| choose(&features, &with(share), &splits));
        assert!(clean.rounds > noisy.rounds && noisy.rounds >= 1, "{clean:?} {noisy:?}");
        assert!(clean.loss < noisy.loss && clean.rounds > 20, "{clean:?} {noisy:?}");
    }

    /// Rows of a constant column and of one that separates two classes.
    fn halves(count: usize) -> (Binned, Targets) {
        let values = (0..count).flat_map(|i| [1.0, i as f32]).collect();
        let of = (0..count).map(|i| usize::from(i >= count / 2)).collect();
        (Binned::of(&Matrix::new(values, 2), count), Targets::Classes { of, count: 2 })
    }

    #[test]
    fn constant_columns_have_no_splits() {
        let (features, targets) = halves(60);
        let rows: Vec<usize> = (0..60).collect();
        let mut model = Boosted::new(&features, &targets, &rows);
        assert!(!model.has_splits());
        model.step(&features, &targets, &rows);
        assert!(model.has_splits() && model.is_growing());
        let [Tree::Split { column: 1, bin: 29, branches }] = &model.rounds[0][..] else {
            panic!("{model:?}");
        };
        assert!(branches.iter().all(Tree::is_leaf), "{branches:?}");
        let found = model.predict(&features);
        assert!(found[1] < 0.5 && found[2 * 59 + 1] > 0.5, "{found:?}");
    }

    #[test]
    fn few_rows_have_no_splits() {
        let (features, targets) = halves(FEWEST_ROWS - 1);
        let rows: Vec<usize> = (0..FEWEST_ROWS - 1).collect();
        let mut model = Boosted::new(&features, &targets, &rows);
        model.step(&features, &targets, &rows);
        assert!(!model.has_splits() && !model.is_growing());
        let found = model.predict(&features);
        assert!((found[1] - 20.0 / 39.0).abs() < 1e-12 && found[1] == found[77], "{found:?}");
        let splits = held_out(&rows.iter().map(|i| i % 3).collect::<Vec<_>>());
        assert_eq!(choose(&features, &targets, &splits).rounds, 1);
    }

    #[test]
    fn threads_do_not_change_the_trees() {
        let targets = Targets::Numbers((0..ROWS).map(score).collect());
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&targets, 5))
        };
        assert_eq!(with(1), with(3));
    }
}
