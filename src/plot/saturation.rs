//! Picture of a saturation mutagenesis: the effect of every substitution at every position.
//!
//! At the top is a sequence logo: the more a base of the reference matters to the model, the taller
//! its letter. Below is a heat map of every single effect. Long stretches have bars in place of
//! letters, and columns of several positions that show mean effects.

use super::{
    font,
    grid::Grid,
    panel::{INK, NAME},
    scale::Scale,
    scene::{Anchor, Area, Chart},
};
use columns::Columns;
use layout::{DARK, LEFT, LOGO_TOP, MAP_TOP, MARGIN, NARROWEST, ROW, TITLE, TITLE_WIDTH};

mod columns;
mod data;
mod layout;
mod logo;
mod map;
mod notes;

pub use data::{EffectKind, Measure, Saturation};

/// Draws the picture of a saturation mutagenesis: the logo above the heat map.
///
/// The height of a letter is the mean effect of the substitutions at its position. Ratios are
/// negated to a loss, positive where the model prefers the reference. Letters of negative means
/// hang below the zero line, upright. Up to 224 positions have a letter each, up to 560 a bar each;
/// beyond that, a column covers several positions and shows the mean in each row. The colours end at
/// the 99th percentile of the magnitudes of all effects. Notes below the axis explain all this. In the map a dot or dash marks the reference,
/// whose effect is 0 and white; cells without a score are grey.
///
/// The picture is 560 to 1350 pixels wide, depending on the number of positions, and about 430
/// high.
pub fn chart(saturation: &Saturation<'_>) -> Chart {
    let columns = Columns::new(saturation);
    let measure = &saturation.measure;
    let effects = columns.effects.iter().copied();
    let scale = match measure.kind {
        EffectKind::Ratio | EffectKind::Change => Scale::diverging(effects, 0.99, measure.least()),
        EffectKind::Amount => Scale::rising(effects, 0.99, measure.least()),
    };
    let grid = Grid { left: LEFT, top: MAP_TOP, column: columns.width, row: ROW };
    let height = ROW * columns.rows as f64;
    let mut chart = Chart::new(NARROWEST, MAP_TOP + height);
    let title_width = LEFT + font::width(saturation.title, TITLE) + MARGIN;
    if columns.columns.is_empty() {
        chart.text((LEFT, LOGO_TOP + 8.0), "no positions", NAME, INK, Anchor::Start);
        chart.height = LOGO_TOP + 8.0 + 2.0 * MARGIN;
    } else {
        let left = columns.axis().end + 20.0;
        let bar = Area { left, top: MAP_TOP, width: 14.0, height };
        chart.width = scale.bar(&mut chart, bar, &measure.labelled(measure.name)) + MARGIN;
    }
    chart.width = chart.width.max(title_width.clamp(NARROWEST, TITLE_WIDTH)).ceil();
    let title = font::fitted(saturation.title, TITLE, chart.width - LEFT - MARGIN);
    chart.text((LEFT, 38.0), title, TITLE, DARK, Anchor::Start);
    if !columns.columns.is_empty() {
        logo::draw(&mut chart, &columns);
        map::draw(&mut chart, &columns, &grid, &scale);
        map::positions(&mut chart, &columns, saturation.name, MAP_TOP + height);
        let baseline = MAP_TOP + height + 68.0;
        let last = notes::draw(&mut chart, &columns, &scale, saturation.origin, baseline);
        chart.height = last + MARGIN;
    }
    chart
}

#[cfg(test)]
mod tests;
