//! A heat map: coloured cells in rows and columns.

use super::scene::{Area, Chart, Color};

/// Layout of the cells of a heat map. Lengths are in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Left edge of the first column.
    pub left: f64,
    /// Upper edge of the first row.
    pub top: f64,
    /// Width of a column. A multiple of half a pixel gives all columns of a PNG the same width.
    pub column: f64,
    /// Height of a row.
    pub row: f64,
}

impl Grid {
    /// Area of `columns` cells of a row, from column `first` on.
    pub fn cells(&self, row: usize, first: usize, columns: usize) -> Area {
        Area {
            left: self.left + first as f64 * self.column,
            top: self.top + row as f64 * self.row,
            width: columns as f64 * self.column,
            height: self.row,
        }
    }

    /// Draws a row, given the colour of each column. Adjacent cells of one colour are one
    /// rectangle.
    pub fn draw(&self, chart: &mut Chart, row: usize, colors: &[Color]) {
        let mut first = 0;
        for alike in colors.chunk_by(|a, b| a == b) {
            chart.rect(self.cells(row, first, alike.len()), alike[0]);
            first += alike.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    #[test]
    fn cells_of_one_color_are_joined() {
        let grid = Grid { left: 10.0, top: 20.0, column: 2.5, row: 8.0 };
        let mut chart = Chart::new(30.0, 40.0);
        let [red, blue] = [[255, 0, 0], [0, 0, 255]];
        grid.draw(&mut chart, 1, &[red, red, blue, red]);
        grid.draw(&mut chart, 2, &[]);
        let rect = |left, width, color| {
            let area = Area { left, top: 28.0, width, height: 8.0 };
            Shape::Rect { area, color }
        };
        assert_eq!(
            chart.shapes,
            [rect(10.0, 5.0, red), rect(15.0, 2.5, blue), rect(17.5, 2.5, red)]
        );
    }
}
