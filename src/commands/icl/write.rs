//! Rows of figures.

use super::cells::{Cell, Figures};
use crate::{
    cli::tasks::letters::class,
    commands::output::rows::Cell as Value,
    statistics::{Estimate, mean},
    tasks::dataset::Dataset,
};

/// Names of the columns.
pub const COLUMNS: [&str; 12] = [
    "method",
    "shots",
    "tuned",
    "seed",
    "n_test",
    "accuracy",
    "low",
    "high",
    "accuracy_all_tokens",
    "letter_share",
    "auroc",
    "mcc",
];

/// Way to predict a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The letter that the model predicts.
    Icl,
    /// A logistic regression on embeddings.
    Probe,
    /// The most frequent class of the train part.
    Majority,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Icl => "icl",
            Self::Probe => "probe",
            Self::Majority => "majority",
        }
    }
}

/// Subject of a row of a seed.
#[derive(Debug, Clone, Copy)]
pub struct Of {
    /// Way to predict.
    pub method: Method,
    /// Numbers of examples.
    pub cell: Cell,
    /// Seed of the draw.
    pub seed: u64,
}

/// Seeds of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// One.
    One(u64),
    /// The mean over all.
    Mean,
    /// The row does not depend on one.
    None,
}

/// Figures of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Way to predict.
    pub method: Method,
    /// Numbers of examples; `None` for the majority class.
    pub cell: Option<Cell>,
    /// Seeds.
    pub seeds: Seeds,
    /// Figures, or their means over seeds.
    pub figures: Figures,
    /// 95 % interval of the mean accuracy; `None` for a single seed.
    pub interval: Option<[f64; 2]>,
}

impl Row {
    /// The row of a seed.
    pub fn of_seed(of: Of, figures: Figures) -> Self {
        let Of { method, cell, seed } = of;
        Self { method, cell: Some(cell), seeds: Seeds::One(seed), figures, interval: None }
    }

    /// The mean of the rows of all seeds, at least one. The interval of the accuracy is that of Student's
    /// t, within 0 and 1.
    pub fn mean(rows: &[Self]) -> Self {
        let of = |figure: fn(&Figures) -> Option<f64>| -> Option<f64> {
            let values: Option<Vec<f64>> = rows.iter().map(|row| figure(&row.figures)).collect();
            mean(values?.into_iter())
        };
        let figures = Figures {
            queries: rows[0].figures.queries,
            accuracy: of(|figures| figures.accuracy),
            accuracy_all: of(|figures| figures.accuracy_all),
            letter_share: of(|figures| figures.letter_share),
            auroc: of(|figures| figures.auroc),
            mcc: of(|figures| figures.mcc),
        };
        // without a draw, equal figures say nothing about their spread
        let drawn = rows.iter().filter(|row| row.cell != Some(Cell::NOTHING));
        let values: Vec<f64> = drawn.filter_map(|row| row.figures.accuracy).collect();
        let ends = |mean: f64, margin: f64| [(mean - margin).max(0.0), (mean + margin).min(1.0)];
        let margin = Estimate::of(&values).and_then(|of| of.margin());
        let interval = figures.accuracy.zip(margin).map(|(mean, margin)| ends(mean, margin));
        Self { seeds: Seeds::Mean, figures, interval, ..rows[0].clone() }
    }
}

/// The row of the most frequent class of the train part, the first of equal ones.
pub fn majority(dataset: &Dataset) -> Row {
    let mut counts = vec![0_usize; dataset.task.names().len()];
    dataset.train.iter().for_each(|example| counts[class(example)] += 1);
    let most = (1..counts.len()).fold(0, |most, i| if counts[i] > counts[most] { i } else { most });
    let right = dataset.test.iter().filter(|example| class(example) == most).count();
    let figures = Figures {
        queries: dataset.test.len(),
        accuracy: Some(right as f64 / dataset.test.len().max(1) as f64),
        ..Figures::default()
    };
    let method = Method::Majority;
    Row { method, cell: None, seeds: Seeds::None, figures, interval: None }
}

/// The cells of a row.
pub fn cells(row: &Row) -> [Value<'_>; COLUMNS.len()] {
    let number = |of: fn(&Cell) -> usize| {
        row.cell.as_ref().map_or(Value::Missing, |cell| Value::Integer(of(cell) as u64))
    };
    let figures = &row.figures;
    [
        row.method.name().into(),
        number(|cell| cell.shots),
        number(|cell| cell.tuned),
        match row.seeds {
            Seeds::One(seed) => seed.into(),
            Seeds::Mean => "mean".into(),
            Seeds::None => Value::Missing,
        },
        (figures.queries as u64).into(),
        figures.accuracy.into(),
        row.interval.map(|[low, _]| low).into(),
        row.interval.map(|[_, high]| high).into(),
        figures.accuracy_all.into(),
        figures.letter_share.into(),
        figures.auroc.into(),
        figures.mcc.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_have_intervals_within_0_and_1() {
        let row = |seed, accuracy| {
            let cell = Cell { shots: 2, tuned: 0 };
            let figures = Figures { accuracy: Some(accuracy), queries: 9, ..Figures::default() };
            Row::of_seed(Of { method: Method::Icl, cell, seed }, figures)
        };
        let mean = Row::mean(&[row(0, 0.5), row(1, 0.6), row(2, 0.7)]);
        assert_eq!((mean.seeds, mean.figures.queries, mean.figures.mcc), (Seeds::Mean, 9, None));
        assert!((mean.figures.accuracy.unwrap() - 0.6).abs() < 1e-12);
        let [low, high] = mean.interval.unwrap();
        // 4.303 × 0.1 / √3
        assert!((low - 0.3516).abs() < 1e-3 && (high - 0.8484).abs() < 1e-3, "{low} {high}");
        let wide = Row::mean(&[row(0, 0.1), row(1, 0.9)]);
        assert_eq!(wide.interval, Some([0.0, 1.0]));
        assert_eq!(Row::mean(&[row(0, 0.5)]).interval, None);
    }
}
