//! Columns and cells of the values of a head.

use anyhow::Result;

use crate::{
    commands::output::rows::{Cell, Column},
    model::head::{HeadConfig, HeadTask},
    process::exit::Usage,
};

/// Least probability of a predicted label where a sequence or base may have any number.
const LABEL: f64 = 0.5;

/// Choice of the values that are written.
#[derive(Debug, Clone)]
pub struct Report {
    task: HeadTask,
    /// Names of the outputs.
    pub outputs: Vec<String>,
    /// Least probability of a predicted class or label.
    threshold: f64,
    /// Number of the most probable classes to write in place of all.
    top: Option<usize>,
}

impl Report {
    /// A report of the values of this head.
    ///
    /// # Errors
    /// The head is a regression, and a threshold or a number of classes was requested.
    pub fn new(
        head: &HeadConfig,
        threshold: Option<f64>,
        top: Option<usize>,
    ) -> Result<Self, Usage> {
        if head.task == HeadTask::Regression && (threshold.is_some() || top.is_some()) {
            let option = if threshold.is_some() { "--threshold" } else { "--top" };
            return Err(Usage(format!(
                "{option} is for classes, but the head of this model predicts numbers: {}",
                head.outputs.join(", ")
            )));
        }
        let usual = match head.task {
            HeadTask::MultiLabel | HeadTask::BaseLabels => LABEL,
            _ => 0.0,
        };
        Ok(Self {
            task: head.task,
            outputs: head.outputs.clone(),
            threshold: threshold.unwrap_or(usual),
            top: top.map(|top| top.min(head.outputs.len())),
        })
    }

    /// True if the outputs are numbers, not classes.
    pub fn is_regression(&self) -> bool {
        self.task == HeadTask::Regression
    }

    /// Name of the column of an output: `p_CLASS`, or `predicted_TARGET`.
    pub fn name(&self, output: usize) -> String {
        let start = if self.is_regression() { "predicted" } else { "p" };
        format!("{start}_{}", self.outputs[output])
    }

    /// Index of the output that a track shows: the named one, or the only one, or the second of two classes
    /// that exclude each other.
    ///
    /// # Errors
    /// There is no output of that name, or none was named and there are several.
    pub fn shown(&self, name: Option<&str>) -> Result<usize, Usage> {
        let names = || self.outputs.join(", ");
        match name {
            Some(name) => self.outputs.iter().position(|output| output == name).ok_or_else(|| {
                Usage(format!("--output-class {name}: the head of this model has {}", names()))
            }),
            None if self.outputs.len() == 1 => Ok(0),
            None if self.outputs.len() == 2 && !self.has_any_number() && !self.is_regression() => {
                Ok(1)
            }
            None => Err(Usage(format!(
                "a track shows one output; choose it with --output-class: {}",
                names()
            ))),
        }
    }

    fn has_any_number(&self) -> bool {
        matches!(self.task, HeadTask::MultiLabel | HeadTask::BaseLabels)
    }

    /// Columns of the values.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = match self.top {
            None => (0..self.outputs.len()).map(|i| Column::number(self.name(i))).collect(),
            Some(top) => (1..=top)
                .flat_map(|n| {
                    [Column::text(format!("class_{n}")), Column::number(format!("p_{n}"))]
                })
                .collect(),
        };
        if !self.is_regression() {
            columns.push(Column::text("predicted"));
        }
        columns
    }

    /// Cells of the columns; all are missing without values.
    pub fn cells<'a>(&'a self, values: Option<&[f64]>) -> Vec<Cell<'a>> {
        let Some(values) = values else {
            return self.columns().iter().map(|_| Cell::Missing).collect();
        };
        let mut cells: Vec<Cell<'a>> = match self.top {
            None => values.iter().map(|&value| Cell::Number(value)).collect(),
            Some(top) => descending(values)
                .into_iter()
                .take(top)
                .flat_map(|i| [self.outputs[i].as_str().into(), Cell::Number(values[i])])
                .collect(),
        };
        if !self.is_regression() {
            cells.push(self.label(values));
        }
        cells
    }

    /// The predicted class, or the predicted labels; none if no probability reaches the threshold, and for
    /// a regression.
    pub fn predicted(&self, values: &[f64]) -> Vec<&str> {
        let reaches = |&i: &usize| values[i] >= self.threshold;
        let order = match (self.is_regression(), self.has_any_number()) {
            (true, _) => Vec::new(),
            (false, true) => (0..values.len()).collect(),
            (false, false) => descending(values).into_iter().take(1).collect(),
        };
        order.into_iter().filter(reaches).map(|i| self.outputs[i].as_str()).collect()
    }

    /// The cell of the prediction, with commas between labels.
    pub fn label(&self, values: &[f64]) -> Cell<'static> {
        match self.predicted(values) {
            labels if labels.is_empty() => Cell::Missing,
            labels => labels.join(",").into(),
        }
    }

    /// The number in the score column of BED: the largest probability, or the first target.
    pub fn score(&self, values: &[f64]) -> f64 {
        match self.is_regression() {
            true => values.first().copied().unwrap_or(f64::NAN),
            false => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// Indices of values, the largest first; of equal ones the first.
fn descending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{head::HeadStrands, pool::Pool};

    fn report(task: HeadTask, threshold: Option<f64>, top: Option<usize>) -> Result<Report, Usage> {
        let config = HeadConfig {
            task,
            outputs: ["a", "b", "c"].map(str::to_owned).into(),
            pool: Pool::Mean,
            strands: HeadStrands::Forward,
            hidden: Vec::new(),
            length: 9,
            prompt: 0,
            demonstrations: String::new(),
            scale: Vec::new(),
        };
        Report::new(&config, threshold, top)
    }

    fn texts(report: &Report, values: Option<&[f64]>) -> String {
        let cells: Vec<String> = report
            .cells(values)
            .iter()
            .map(|cell| String::from_utf8_lossy(&cell.text()).into_owned())
            .collect();
        let names: Vec<String> = report.columns().into_iter().map(|column| column.name).collect();
        assert_eq!(names.len(), cells.len());
        format!("{} | {}", names.join(" "), cells.join(" "))
    }

    #[test]
    fn classes_labels_and_numbers() {
        let of = |task, threshold, top, values: &[f64]| {
            texts(&report(task, threshold, top).unwrap(), Some(values))
        };
        let values = [0.25, 0.5, 0.25];
        let names = "p_a p_b p_c predicted |";
        use HeadTask::{MultiLabel, Regression, SingleLabel};
        assert_eq!(of(SingleLabel, None, None, &values), format!("{names} 0.25 0.5 0.25 b"));
        assert_eq!(of(SingleLabel, Some(0.6), None, &values), format!("{names} 0.25 0.5 0.25 ."));
        assert_eq!(
            of(MultiLabel, None, None, &[0.5, 0.1, 0.9]),
            format!("{names} 0.5 0.1 0.9 a,c")
        );
        assert_eq!(of(MultiLabel, Some(0.95), None, &values), format!("{names} 0.25 0.5 0.25 ."));
        assert_eq!(
            of(SingleLabel, None, Some(2), &values),
            "class_1 p_1 class_2 p_2 predicted | b 0.5 a 0.25 b"
        );
        assert_eq!(
            of(Regression, None, None, &[1.5, -2.0, 0.0]),
            "predicted_a predicted_b predicted_c | 1.5 -2 0"
        );
        let report = report(SingleLabel, None, Some(1)).unwrap();
        assert_eq!(texts(&report, None), "class_1 p_1 predicted | . . .");
    }

    #[test]
    fn a_track_shows_one_output() {
        let mut two = report(HeadTask::SingleLabel, None, None).unwrap();
        let error = two.shown(None).unwrap_err().to_string();
        assert!(error.contains("--output-class: a, b, c"), "{error}");
        assert_eq!(two.shown(Some("c")).unwrap(), 2);
        assert!(two.shown(Some("d")).unwrap_err().to_string().contains("has a, b, c"));
        two.outputs.pop();
        assert_eq!(two.shown(None).unwrap(), 1);
        two.outputs.pop();
        assert_eq!(two.shown(None).unwrap(), 0);
    }

    #[test]
    fn numbers_have_no_threshold() {
        for (threshold, top) in [(Some(0.5), None), (None, Some(2))] {
            let error = report(HeadTask::Regression, threshold, top).unwrap_err().to_string();
            assert!(error.contains("predicts numbers: a, b, c"), "{error}");
        }
    }
}
