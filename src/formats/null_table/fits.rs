//! Length fits as header lines.

use super::table::NullTable;
use crate::scoring::null::{Fit, LengthFit};

const KINDS: [&str; 2] = ["insertion", "deletion"];

/// Values of the lines, separated by tabs: kind of indel, name of the score, coefficients of 1,
/// ln(length) and length, number of indels, R², standard deviation of the residuals, and length of
/// the longest indel in bases.
pub(super) fn lines(table: &NullTable) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, fits) in table.null.names.iter().zip(&table.length_fits) {
        for (kind, fit) in KINDS.into_iter().zip([fits.insertion, fits.deletion]) {
            let Some(fit) = fit else { continue };
            let [c0, c1, c2] = fit.coefficients;
            let Fit { n, r_squared, residual_sd, longest, .. } = fit;
            lines.push(format!(
                "{kind}\t{name}\t{c0:?}\t{c1:?}\t{c2:?}\t{n}\t{r_squared:?}\t{residual_sd:?}\t{longest}"
            ));
        }
    }
    lines
}

/// Kind of indel, name of the score and fit of a line.
fn parse(line: &str) -> Option<(&str, &str, Fit)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[kind, name, c0, c1, c2, n, r_squared, residual_sd, longest] = fields.as_slice() else {
        return None;
    };
    let number = |text: &str| text.parse::<f64>().ok();
    let fit = Fit {
        coefficients: [number(c0)?, number(c1)?, number(c2)?],
        longest: longest.parse().ok()?,
        n: n.parse().ok()?,
        r_squared: number(r_squared)?,
        residual_sd: number(residual_sd)?,
    };
    KINDS.contains(&kind).then_some((kind, name, fit))
}

/// Adds the fit of a line to those of its score.
pub(super) fn add(line: &str, names: &[String], fits: &mut Vec<LengthFit>) -> Result<(), String> {
    let (kind, name, fit) =
        parse(line).ok_or("expected a kind of indel, a score and seven numbers")?;
    let column = names.iter().position(|own| own == name);
    let column = column.ok_or_else(|| format!("no column has the score {name}"))?;
    fits.resize(names.len(), LengthFit::default());
    let own = &mut fits[column];
    *(if kind == KINDS[0] { &mut own.insertion } else { &mut own.deletion }) = Some(fit);
    Ok(())
}
