//! Saturation mutagenesis as a picture: what the model says of every base put in every place.
//!
//! Above a sequence logo, whose letters are the higher the more the base of the reference matters
//! to the model there; below a heat map of every single effect. Long stretches have bars in place of
//! letters, and columns of several positions that show the effect of the largest magnitude.

use super::{
    font,
    grid::Grid,
    panel::{INK, NAME},
    scale::Scale,
    scene::{Anchor, Area, Chart, Color},
};

mod columns;
mod logo;
mod map;
mod notes;

use columns::Columns;

const LEFT: f64 = 84.0;
const MARGIN: f64 = 16.0;
/// A picture is at least as wide, so that title and notes have room.
const NARROWEST: f64 = 560.0;
/// And at most as wide if only its title asks for more.
const TITLE_WIDTH: f64 = 1000.0;

const LOGO_TOP: f64 = 62.0;
const LOGO_HEIGHT: f64 = 150.0;
const MAP_TOP: f64 = LOGO_TOP + LOGO_HEIGHT + 22.0;
const ROW: f64 = 24.0;

const TITLE: f64 = 19.0;
const DARK: Color = [0x11, 0x15, 0x1a];

/// Colours of A, C, G and T: green, blue, orange and red as usual, in shades that differ in
/// lightness too, for those who see no red or green.
const BASES: [Color; 4] =
    [[0x00, 0x9e, 0x73], [0x1c, 0x5f, 0xa8], [0xf0, 0xa5, 0x00], [0xc8, 0x2f, 0x12]];

/// The effects of all mutations of a stretch of a contig.
#[derive(Debug, Clone, Copy)]
pub struct Saturation<'a> {
    /// Heading of the picture.
    pub title: &'a str,
    /// Name of the contig.
    pub name: &'a str,
    /// Position of the first base, 0-based; below 2^48.
    pub start: u64,
    /// The bases of the reference, A, C, G, T or N, in either case.
    pub bases: &'a [u8],
    /// What the effects are.
    pub measure: Measure<'a>,
    /// For each base of the reference, the effect of A, C, G and T in its place. None for the base
    /// that is there and for what has no score. Effects that are no number or beyond a million
    /// count as none.
    pub effects: &'a [[Option<f64>; 4]],
    /// The same of the deletion of each base of the reference.
    pub deletions: Option<&'a [Option<f64>]>,
}

/// What effects measure, in the words of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its unit, if it has one.
    pub unit: Option<&'a str>,
    /// How it is drawn.
    pub kind: Kind,
}

/// What an effect may be, which says how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How much more the model likes the mutation: negative where it prefers the reference. The logo
    /// shows the loss.
    Ratio,
    /// A change up or down.
    Change,
    /// A size, never negative: the colours have one hue.
    Amount,
}

impl Measure<'_> {
    /// A name with the unit behind it.
    fn labelled(&self, name: &str) -> String {
        self.unit.map_or(name.to_owned(), |unit| format!("{name} ({unit})"))
    }

    /// An axis that shows less would magnify rounding errors.
    fn least(&self) -> f64 {
        match self.kind {
            Kind::Ratio | Kind::Change => 1e-3,
            Kind::Amount => 1e-9,
        }
    }
}

/// The picture of a saturation mutagenesis: the logo above the heat map.
///
/// A letter of the logo is as high as the mean of the effects of that position's substitutions; of
/// ratios with the sign turned: a loss, positive where the model prefers the reference. Letters of
/// negative means hang from the line of zero, upright. Up to 224 positions have letters, up to 560 a
/// bar each; beyond, a column stands for several positions and shows, of each row and of the means,
/// the one of the largest magnitude. The colours end at the 99th percentile of the magnitudes of all
/// effects. The picture says so itself below the axis. In the map a dot or dash marks the reference,
/// whose effect is 0 and white; grey is what has no score.
///
/// The picture is 560 to 1350 pixels wide, depending on the number of positions, and some 430 high.
pub fn chart(saturation: &Saturation<'_>) -> Chart {
    let columns = Columns::new(saturation);
    let measure = &saturation.measure;
    let effects = columns.effects.iter().copied();
    let scale = match measure.kind {
        Kind::Ratio | Kind::Change => Scale::diverging(effects, 0.99, measure.least()),
        Kind::Amount => Scale::rising(effects, 0.99, measure.least()),
    };
    let grid = Grid { left: LEFT, top: MAP_TOP, column: columns.width, row: ROW };
    let height = ROW * columns.rows as f64;
    let mut chart = Chart::new(NARROWEST, MAP_TOP + height);
    let asked = LEFT + font::width(saturation.title, TITLE) + MARGIN;
    if columns.columns.is_empty() {
        chart.text((LEFT, LOGO_TOP + 8.0), "no positions", NAME, INK, Anchor::Start);
        chart.height = LOGO_TOP + 8.0 + 2.0 * MARGIN;
    } else {
        let left = columns.axis().end + 20.0;
        let bar = Area { left, top: MAP_TOP, width: 14.0, height };
        chart.width = scale.bar(&mut chart, bar, &measure.labelled(measure.name)) + MARGIN;
    }
    chart.width = chart.width.max(asked.clamp(NARROWEST, TITLE_WIDTH)).ceil();
    let title = font::fitted(saturation.title, TITLE, chart.width - LEFT - MARGIN);
    chart.text((LEFT, 38.0), title, TITLE, DARK, Anchor::Start);
    if !columns.columns.is_empty() {
        logo::draw(&mut chart, &columns);
        map::draw(&mut chart, &columns, &grid, &scale);
        map::positions(&mut chart, &columns, saturation.name, MAP_TOP + height);
        let last = notes::draw(&mut chart, &columns, &scale, MAP_TOP + height + 68.0);
        chart.height = last + MARGIN;
    }
    chart
}

#[cfg(test)]
mod tests;
