//! Rows that a forward pass computes: pure arithmetic.

use std::ops::Range;

/// Rows of one sequence that follow each other and are projected together.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The first row.
    pub row: i64,
    /// Number of rows.
    pub count: i64,
}

/// Positions of one sequence in the rows of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Row of its first computed position.
    pub row: usize,
    /// Computed positions.
    pub rows: usize,
    /// For a sequence that begins like another one, from whose position `from` on it is computed.
    pub parent: Option<Parent>,
}

/// First difference of a segment from the sequence that it begins like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// Row of that sequence's first position, which is computed from there.
    pub row: usize,
    /// The first position, 0-based, that differs.
    pub from: usize,
}

impl Segment {
    /// Row of the position `back` before the first computed one.
    fn before(&self, back: usize) -> Option<usize> {
        let parent = self.parent?;
        parent.from.checked_sub(back).map(|position| parent.row + position)
    }
}

/// Rows that one thread works on at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// The rows, which follow each other.
    pub rows: Range<usize>,
    /// The same, cut where a sequence ends.
    pub units: Vec<Unit>,
    /// For each unit the rows before it, oldest first; −1 where there is none.
    pub before: Vec<i64>,
    /// Number of units in the tiles before.
    pub first_unit: usize,
}

/// Rows of a tile for networks up to a width, as measured by benches/tiles (benches/RESULTS.md):
/// fewer cost calls, more leave the cache with the widest activations, 4·D for each row.
const TILE_ROWS: [(usize, usize); 2] = [(64, 1024), (usize::MAX, 512)];

/// Rows of a tile for a network of some width; HYENADNA_TILE_ROWS, for measurements, overrides it.
pub fn tile_rows(width: usize) -> usize {
    let requested = std::env::var("HYENADNA_TILE_ROWS").ok().and_then(|rows| rows.parse().ok());
    let measured = || TILE_ROWS.iter().find(|(most, _)| width <= *most).map(|(_, rows)| *rows);
    requested.or_else(measured).filter(|&rows| rows > 0).unwrap_or(512)
}

/// Cuts segments, which follow each other, into tiles of at most `limit` rows. `halo` is the
/// number of rows before a unit that it needs.
pub fn tiles(segments: &[Segment], limit: usize, halo: usize) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = Vec::new();
    let mut units = 0;
    for segment in segments {
        let mut done = 0;
        while done < segment.rows {
            let row = segment.row + done;
            let room = match tiles.last() {
                Some(tile) if tile.rows.len() < limit => limit - tile.rows.len(),
                _ => {
                    let (own, before) = (Vec::new(), Vec::new());
                    tiles.push(Tile { rows: row..row, units: own, before, first_unit: units });
                    limit
                }
            };
            let tile = tiles.last_mut().expect("one was pushed above");
            let count = room.min(segment.rows - done);
            tile.units.push(Unit { row: row as i64, count: count as i64 });
            units += 1;
            tile.before.extend((1..=halo).rev().map(|back| {
                let row = if back <= done { Some(row - back) } else { segment.before(back - done) };
                row.map_or(-1, |row| row as i64)
            }));
            tile.rows.end = row + count;
            done += count;
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root(row: usize, rows: usize) -> Segment {
        Segment { row, rows, parent: None }
    }

    #[test]
    fn units_know_the_rows_before_them() {
        let branch = Segment { row: 5, rows: 3, parent: Some(Parent { row: 0, from: 1 }) };
        let tiles = tiles(&[root(0, 5), branch], 3, 2);
        let unit = |row, count| Unit { row, count };
        let tile = |rows, units: &[Unit], before: &[i64], first_unit| Tile {
            rows,
            units: units.to_vec(),
            before: before.to_vec(),
            first_unit,
        };
        assert_eq!(
            tiles,
            [
                tile(0..3, &[unit(0, 3)], &[-1, -1], 0),
                tile(3..6, &[unit(3, 2), unit(5, 1)], &[1, 2, -1, 0], 1),
                tile(6..8, &[unit(6, 2)], &[0, 5], 3),
            ]
        );
    }

    proptest! {
        #[test]
        fn tiles_cover_every_row_once(
            lengths in prop::collection::vec(0usize..50, 1..20), limit in 1usize..40,
        ) {
            let mut row = 0;
            let segments: Vec<Segment> = lengths.iter().map(|&rows| {
                let segment = root(row, rows);
                row += rows;
                segment
            }).collect();
            let tiles = tiles(&segments, limit, 2);
            let covered: Vec<i64> = tiles.iter().flat_map(|tile| &tile.units)
                .flat_map(|unit| unit.row..unit.row + unit.count).collect();
            prop_assert_eq!(covered, (0..row as i64).collect::<Vec<_>>());
            for tile in &tiles {
                prop_assert!(tile.rows.len() <= limit && !tile.rows.is_empty());
                prop_assert_eq!(tile.before.len(), 2 * tile.units.len());
            }
        }
    }
}
