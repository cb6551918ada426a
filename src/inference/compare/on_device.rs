//! Comparisons of all alternatives of a pass at once, where its rows are.

use std::ops::Range;

use tch::{Kind, TchError, Tensor};

use super::{
    group::{CompareOptions, WindowGroup},
    on_host::compare,
    places::Places,
};
use crate::{
    inference::{
        computed::{Computed, Member},
        reduction::{
            PassFamilies, PassRows, Reduction,
            operators::{self, Fold},
        },
    },
    model::tokenizer::{Tokenizer, is_predicted},
    scoring::{Certainty, Comparison, Embedding, LargestShift, Shift},
    windows::placement::Alternative,
};

/// The comparisons of each alternative of each group.
pub struct Comparisons<'a> {
    /// A group for each family.
    pub groups: &'a [WindowGroup<'a>],
    /// What is compared.
    pub options: CompareOptions,
}

/// Sums of log P of read bases: terms, and ranges of them.
#[derive(Default)]
struct Likelihoods {
    rows: Vec<i64>,
    tokens: Vec<i64>,
    ranges: Vec<Range<usize>>,
}

/// An alternative among the rows of a pass.
struct Placed<'a> {
    /// Number of its family in the pass.
    family: usize,
    window: &'a [u8],
    alternative: &'a Alternative,
    members: &'a [Member],
    /// Its number among the members.
    member: usize,
    places: Places,
}

impl Likelihoods {
    /// Adds log P of a base after a row; of what is never predicted nothing.
    fn add(&mut self, row: Option<i64>, base: u8) {
        if let Some(row) = row.filter(|_| is_predicted(base)) {
            self.rows.push(row);
            self.tokens.push(i64::from(Tokenizer::default().token(base)));
        }
    }
}

impl<'a> Placed<'a> {
    /// The row whose prediction is that of the base at a position of the alternative window.
    fn row_before(&self, position: usize) -> Option<i64> {
        let before = position.checked_sub(1)?;
        let member = if before < self.alternative.from { 0 } else { self.member };
        Some(self.members[member].row_of(before))
    }

    /// The same of the reference window.
    fn reference_row_before(&self, position: usize) -> Option<i64> {
        Some(self.members[0].row_of(position.checked_sub(1)?))
    }

    fn base(&self, position: usize) -> u8 {
        match position.checked_sub(self.alternative.from) {
            Some(own) => self.alternative.bases[own],
            None => self.window[position],
        }
    }

    /// Rows of the members' predictions of each base downstream, in the reference and in the alternative window.
    fn pairs(&self) -> impl Iterator<Item = (i64, i64)> {
        self.places.downstream.clone().filter_map(|k| {
            let [reference, alternative] = self.places.after;
            Some((self.reference_row_before(reference + k)?, self.row_before(alternative + k)?))
        })
    }

    /// The row of the prediction of the first base of the alleles, if the window has it.
    fn site_row(&self) -> Option<i64> {
        let site = self.alternative.site.reference;
        self.reference_row_before(site).filter(|_| site < self.window.len())
    }
}

impl<'a> Comparisons<'a> {
    /// The alternatives of the families of a pass, in order.
    fn placed<'b>(&'b self, families: &'b PassFamilies) -> impl Iterator<Item = Placed<'b>> {
        families.members.iter().enumerate().flat_map(move |(family, members)| {
            let group = &self.groups[families.numbers.start + family];
            group.alternatives.iter().enumerate().map(move |(i, alternative)| Placed {
                family,
                window: group.bases,
                alternative,
                members,
                member: i + 1,
                places: Places::of(group.bases.len(), alternative, self.options),
            })
        })
    }

    /// For each alternative: log P of its own bases, of the reference's, of its alleles, of the reference's: (n, 4), f64.
    fn likelihoods(&self, pass: &PassRows<'_>) -> Result<Tensor, TchError> {
        let mut sums = Likelihoods::default();
        // where the terms of each position of the reference window begin
        let mut starts: Vec<usize> = Vec::new();
        for placed in self.placed(pass.families) {
            if placed.member == 1 {
                starts.clear();
                for (position, &base) in placed.window.iter().enumerate() {
                    starts.push(sums.rows.len());
                    sums.add(placed.reference_row_before(position), base);
                }
                starts.push(sums.rows.len());
            }
            let of_reference = |range: &Range<usize>| starts[range.start]..starts[range.end];
            let Places { own, whole, site_alternative, site_reference, .. } = &placed.places;
            for (alternative, reference) in [(own, whole), (site_alternative, site_reference)] {
                let first = sums.rows.len();
                for position in alternative.clone() {
                    sums.add(placed.row_before(position), placed.base(position));
                }
                sums.ranges.push(first..sums.rows.len());
                sums.ranges.push(of_reference(reference));
            }
        }
        let predictions = pass.predictions()?;
        let terms = operators::log_probabilities(predictions, &sums.rows, &sums.tokens)?;
        let ranges: Vec<Range<i64>> =
            sums.ranges.iter().map(|range| range.start as i64..range.end as i64).collect();
        let folded = operators::ranges(&terms.f_unsqueeze(1)?, &ranges, Fold::Sum)?;
        folded.f_view([-1, 4])
    }

    /// Distances of the mean hidden states: (n, 3), f64.
    fn embeddings(&self, pass: &PassRows<'_>) -> Result<Tensor, TchError> {
        let (mut ranges, mut counts): (Vec<Range<i64>>, Vec<i64>) = (Vec::new(), Vec::new());
        for placed in self.placed(pass.families) {
            let Places { own, whole, .. } = &placed.places;
            let of = |member: usize, positions: Range<usize>| {
                let member = placed.members[member];
                let first = member.row_of(positions.start.max(member.from));
                first..first + positions.len() as i64
            };
            let own_rows = of(placed.member, own.clone());
            let (common, count) = match self.options.downstream {
                // the two windows share the hidden states before `from`
                None => (of(0, 0..whole.start), [whole.end, own.end]),
                Some(_) => (0..0, [whole.len(), own.len()]),
            };
            ranges.extend([common, of(0, whole.clone()), own_rows]);
            counts.extend(count.map(|count| count.max(1) as i64));
        }
        let width = pass.hidden.size()[1];
        let sums = operators::ranges(pass.hidden, &ranges, Fold::Sum)?.f_view([-1, 3, width])?;
        let counts = operators::indexes(&counts, pass.hidden.device())?.f_view([-1, 2, 1])?;
        let common = sums.f_narrow(1, 0, 1)?;
        let means = sums.f_narrow(1, 1, 2)?.f_add(&common)?.f_div(&counts)?; // (n, 2, D)
        let (a, b) = (means.f_select(1, 0)?, means.f_select(1, 1)?);
        let sum = |x: &Tensor| x.f_sum_dim_intlist([1_i64].as_slice(), false, Kind::Double);
        let norm = |x: &Tensor| sum(&x.f_square()?)?.f_sqrt()?.f_unsqueeze(1);
        let l2 = sum(&a.f_sub(&b)?.f_square()?)?.f_sqrt()?;
        let unit = |x: &Tensor| x.f_div(&norm(x)?);
        let cosine = sum(&unit(&a)?.f_sub(&unit(&b)?)?.f_square()?)?.f_mul_scalar(0.5)?;
        let inner = sum(&a.f_mul(&b)?)?;
        Tensor::f_stack(&[l2, cosine, inner], 1)
    }

    /// Sum of the divergences downstream, the largest and its distance from the alleles: (n, 3), f64.
    fn shifts(&self, pass: &PassRows<'_>) -> Result<Tensor, TchError> {
        let (mut pairs, mut distances) = ([Vec::new(), Vec::new()], Vec::new());
        let (mut lengths, mut owners) = (Vec::new(), Vec::new());
        for (number, placed) in (0_i64..).zip(self.placed(pass.families)) {
            let before = distances.len();
            for (step, (one, other)) in placed.places.downstream.clone().zip(placed.pairs()) {
                pairs[0].push(one);
                pairs[1].push(other);
                distances.push(step as i64 + 1);
                owners.push(number);
            }
            lengths.push((distances.len() - before) as i64);
        }
        let predictions = pass.predictions()?;
        let device = predictions.device();
        let found = operators::divergences(predictions, [&pairs[0], &pairs[1]])?;
        let fold = |values: &Tensor, fold| operators::segments(values, &lengths, fold);
        let (sum, largest) = (fold(&found, Fold::Sum)?, fold(&found, Fold::Max)?);
        // the first base that has the largest
        let of_owner = largest.f_index_select(0, &operators::indexes(&owners, device)?)?;
        let distances = operators::indexes(&distances, device)?.f_to_kind(Kind::Double)?;
        let smaller = found.f_lt_tensor(&of_owner)?;
        let distance = fold(&distances.f_masked_fill(&smaller, f64::INFINITY)?, Fold::Min)?;
        Tensor::f_stack(&[sum, largest, distance], 1)
    }

    /// Entropy before the alleles, and the change of entropies downstream: (n, 2), f64.
    fn certainties(&self, pass: &PassRows<'_>) -> Result<Tensor, TchError> {
        let (mut rows, mut lengths) = ([Vec::new(), Vec::new()], Vec::new());
        let mut sites = Vec::new();
        for placed in self.placed(pass.families) {
            let before = rows[0].len();
            for (one, other) in placed.pairs() {
                rows[0].push(one);
                rows[1].push(other);
            }
            lengths.push((rows[0].len() - before) as i64);
            sites.push(placed.site_row().unwrap_or(0));
        }
        let predictions = pass.predictions()?;
        let of = |rows: &[i64]| operators::entropies(predictions, rows);
        let change = of(&rows[1])?.f_sub(&of(&rows[0])?)?;
        let change = operators::segments(&change, &lengths, Fold::Sum)?;
        Tensor::f_stack(&[of(&sites)?, change], 1)
    }
}

impl Reduction for Comparisons<'_> {
    type Output = Vec<Comparison>;

    fn of_rows(&self, family: usize, _: usize, computed: &Computed<'_>) -> Vec<Comparison> {
        compare(&self.groups[family], computed, self.options)
    }

    fn request(&self, _: usize, pass: &PassRows<'_>) -> Result<Vec<Tensor>, TchError> {
        if self.placed(pass.families).next().is_none() {
            return Ok(Vec::new());
        }
        let CompareOptions { shift, certainty, .. } = self.options;
        let mut numbers = vec![self.likelihoods(pass)?, self.embeddings(pass)?];
        if shift {
            numbers.push(self.shifts(pass)?);
        }
        if certainty {
            numbers.push(self.certainties(pass)?);
        }
        Ok(vec![Tensor::f_cat(&numbers, 1)?])
    }

    fn read(
        &self,
        _: usize,
        families: &PassFamilies,
        numbers: &[Tensor],
    ) -> Result<Vec<Vec<Comparison>>, TchError> {
        let CompareOptions { shift, certainty, .. } = self.options;
        let values = match numbers.first() {
            Some(numbers) => Vec::<f64>::try_from(numbers.f_flatten(0, -1)?)?,
            None => Vec::new(),
        };
        let mut values = values.into_iter();
        let mut next = || values.next().unwrap_or(f64::NAN);
        let mut compared: Vec<Vec<Comparison>> =
            families.members.iter().map(|_| Vec::new()).collect();
        for placed in self.placed(families) {
            let places = &placed.places;
            let [own, whole, site_own, site_reference] = [next(), next(), next(), next()];
            let embedding = Embedding { l2: next(), cosine: next(), inner: next() };
            let counts = match self.options.downstream {
                None => places.whole.end.min(places.own.end),
                Some(_) => places.whole.len().min(places.own.len()),
            };
            let count = places.downstream.len();
            let shift = shift.then(|| {
                let [sum, divergence, distance] = [next(), next(), next()];
                let largest = LargestShift { divergence, distance: distance as u64 };
                Shift { sum, largest: (count > 0).then_some(largest) }
            });
            let certainty = certainty.then(|| {
                let [site, change] = [next(), next()];
                Certainty { site: placed.site_row().map(|_| site), change }
            });
            compared[placed.family].push(Comparison {
                llr: own - whole,
                site: site_own - site_reference,
                embedding: (counts > 0).then_some(embedding),
                shift,
                certainty,
            });
        }
        Ok(compared)
    }
}
