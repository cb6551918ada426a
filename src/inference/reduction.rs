//! What is taken of the results of a pass: from slices on a CPU; on a GPU by its own operators, so that only the numbers
//! that are wanted come to the host.

pub mod bases;
pub mod operators;
pub mod pools;

use std::ops::Range;

use tch::{TchError, Tensor};

use super::computed::{Computed, Member};

/// Numbers that are taken of each family.
pub trait Reduction: Sync {
    /// The numbers of a family.
    type Output: Send;

    /// Those of a family at a depth, from its rows. Families and depths are numbered from 0 in the order of the call.
    fn of_rows(&self, family: usize, depth: usize, computed: &Computed<'_>) -> Self::Output;

    /// Those of the families of a pass, made where their rows are. The tensors may not share memory with the rows, which change.
    ///
    /// # Errors
    /// The device has no memory left.
    fn request(&self, depth: usize, pass: &PassRows<'_>) -> Result<Vec<Tensor>, TchError>;

    /// Reads what was requested, once it is in host memory.
    ///
    /// # Errors
    /// The numbers are of another kind.
    fn read(
        &self,
        depth: usize,
        families: &PassFamilies,
        numbers: &[Tensor],
    ) -> Result<Vec<Self::Output>, TchError>;
}

/// Families of a pass.
#[derive(Debug, Clone)]
pub struct PassFamilies {
    /// Their numbers.
    pub numbers: Range<usize>,
    /// Rows of the members of each.
    pub members: Vec<Vec<Member>>,
    /// Number of rows.
    pub rows: usize,
}

/// Results of a pass on a device.
pub struct PassRows<'a> {
    /// The families.
    pub families: &'a PassFamilies,
    /// Hidden states (rows, D).
    pub hidden: &'a Tensor,
    /// log P of each token after each row (rows, vocabulary), in nats.
    pub predictions: Option<&'a Tensor>,
}

impl Member {
    /// The row of a computed position.
    pub fn row_of(&self, position: usize) -> i64 {
        (self.row + position - self.from) as i64
    }
}

impl PassRows<'_> {
    /// The predictions.
    ///
    /// # Errors
    /// The pass was not that deep.
    pub fn predictions(&self) -> Result<&Tensor, TchError> {
        self.predictions.ok_or_else(|| TchError::Shape("the pass has no predictions".into()))
    }
}

/// All rows, handed to a function: for few rows, and for tests.
pub struct AllRows<F> {
    take: F,
    width: usize,
    vocabulary: usize,
}

impl<F> AllRows<F> {
    /// The function is called with the numbers of family and depth, and the rows.
    pub fn new(take: F, width: usize, vocabulary: usize) -> Self {
        Self { take, width, vocabulary }
    }
}

impl<T: Send, F: Fn(usize, usize, &Computed<'_>) -> T + Sync> Reduction for AllRows<F> {
    type Output = T;

    fn of_rows(&self, family: usize, depth: usize, computed: &Computed<'_>) -> T {
        (self.take)(family, depth, computed)
    }

    fn request(&self, _: usize, pass: &PassRows<'_>) -> Result<Vec<Tensor>, TchError> {
        let mut rows = vec![pass.hidden.f_detach_copy()?];
        rows.extend(pass.predictions.map(Tensor::f_detach_copy).transpose()?);
        Ok(rows)
    }

    fn read(
        &self,
        depth: usize,
        families: &PassFamilies,
        numbers: &[Tensor],
    ) -> Result<Vec<T>, TchError> {
        let floats = |tensor: Option<&Tensor>| match tensor {
            Some(tensor) => Vec::<f32>::try_from(tensor.f_flatten(0, -1)?),
            None => Ok(Vec::new()),
        };
        let (hidden, predictions) = (floats(numbers.first())?, floats(numbers.get(1))?);
        let (width, vocabulary) = (self.width, self.vocabulary);
        let rows = families.numbers.clone().zip(&families.members).map(|(number, members)| {
            let (hidden, predictions) = (&hidden[..], &predictions[..]);
            let computed = Computed { hidden, predictions, width, vocabulary, members };
            (self.take)(number, depth, &computed)
        });
        Ok(rows.collect())
    }
}
