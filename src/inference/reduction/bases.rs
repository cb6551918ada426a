//! log P of the bases that were read.

use tch::{Kind, TchError, Tensor};

use super::{PassFamilies, PassRows, Reduction, operators};
use crate::{inference::computed::Computed, model::tokenizer::Tokenizer};

/// A base of a member whose log P is wanted: at a position, 0-based, which is not the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadBase {
    /// Number of the member of the family.
    pub member: usize,
    /// Its position.
    pub position: usize,
    /// A, C, G or T.
    pub base: u8,
}

/// log P, in nats, of the bases that a function names for each family.
pub struct ReadBases<F> {
    /// The bases of a family.
    pub of: F,
    /// The mapping of bases to tokens.
    pub tokenizer: Tokenizer,
}

impl<F: Fn(usize) -> Vec<ReadBase> + Sync> Reduction for ReadBases<F> {
    type Output = Vec<f64>;

    fn of_rows(&self, family: usize, _: usize, computed: &Computed<'_>) -> Vec<f64> {
        let log_p = |ReadBase { member, position, base }: ReadBase| {
            let row = computed.predictions(member, position - 1..position);
            f64::from(row[usize::from(self.tokenizer.token(base))])
        };
        (self.of)(family).into_iter().map(log_p).collect()
    }

    fn request(&self, _: usize, pass: &PassRows<'_>) -> Result<Vec<Tensor>, TchError> {
        let (mut rows, mut tokens) = (Vec::new(), Vec::new());
        for (number, members) in pass.families.numbers.clone().zip(&pass.families.members) {
            for ReadBase { member, position, base } in (self.of)(number) {
                rows.push(members[member].row_of(position - 1));
                tokens.push(i64::from(self.tokenizer.token(base)));
            }
        }
        Ok(vec![operators::log_probabilities(pass.predictions()?, &rows, &tokens)?])
    }

    fn read(
        &self,
        _: usize,
        families: &PassFamilies,
        numbers: &[Tensor],
    ) -> Result<Vec<Vec<f64>>, TchError> {
        let all = Vec::<f64>::try_from(numbers[0].f_to_kind(Kind::Double)?)?;
        let mut all = all.into_iter();
        let each = families.numbers.clone();
        Ok(each.map(|number| all.by_ref().take((self.of)(number).len()).collect()).collect())
    }
}
