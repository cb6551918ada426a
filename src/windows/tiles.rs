//! Tiles of a stretch, each with the window of bases that its result is computed from.

use std::ops::Range;

use super::placement;

/// Length of tiles and windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileOptions {
    /// Bases of a tile; the last one of a stretch may have fewer.
    pub step: u64,
    /// Most bases of a window.
    pub window: u64,
    /// Place of a tile in its window.
    pub place: Place,
}

/// Place of a tile in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the middle, except near the ends of the contig.
    Middle,
    /// At the end: nothing after the tile is read.
    End,
}

/// A tile and its window, both 0-based and half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Bases that the result is about.
    pub bases: Range<u64>,
    /// Bases to read.
    pub window: Range<u64>,
}

impl TileOptions {
    /// The tiles of `wanted`, in order, on a contig of `length` bases.
    pub fn tiles(self, wanted: Range<u64>, length: u64) -> impl Iterator<Item = Tile> {
        let step = self.step.max(1);
        let mut start = wanted.start;
        std::iter::from_fn(move || {
            let bases = start..wanted.end.min(start.saturating_add(step));
            start = bases.end;
            (!bases.is_empty()).then(|| Tile { window: self.window(&bases, length), bases })
        })
    }

    /// Like [`tiles`](Self::tiles), but a single tile if one window holds all of `wanted` and all that
    /// its bases are computed from.
    pub fn few_tiles(self, wanted: Range<u64>, length: u64) -> impl Iterator<Item = Tile> {
        let read = match self.place {
            Place::Middle => length,
            Place::End => wanted.end,
        };
        let step = if read <= self.window { u64::MAX } else { self.step };
        Self { step, ..self }.tiles(wanted, length)
    }

    fn window(&self, tile: &Range<u64>, length: u64) -> Range<u64> {
        match self.place {
            Place::Middle => {
                let middle = tile.start + (tile.end - tile.start) / 2;
                placement::centered(middle, length, self.window)
            }
            Place::End => tile.end.saturating_sub(self.window)..tile.end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tiles(place: Place, wanted: Range<u64>, length: u64) -> Vec<(Range<u64>, Range<u64>)> {
        let options = TileOptions { step: 4, window: 10, place };
        options.tiles(wanted, length).map(|tile| (tile.bases, tile.window)).collect()
    }

    #[test]
    fn windows_stay_on_the_contig() {
        assert_eq!(
            tiles(Place::Middle, 0..22, 22),
            [
                (0..4, 0..10),
                (4..8, 1..11),
                (8..12, 5..15),
                (12..16, 9..19),
                (16..20, 12..22),
                (20..22, 12..22)
            ]
        );
        assert_eq!(tiles(Place::Middle, 50..53, 99), [(50..53, 46..56)]);
        assert_eq!(tiles(Place::Middle, 1..3, 5), [(1..3, 0..5)]);
        assert_eq!(tiles(Place::End, 10..16, 99), [(10..14, 4..14), (14..16, 6..16)]);
        assert_eq!(tiles(Place::End, 0..2, 99), [(0..2, 0..2)]);
        assert_eq!(tiles(Place::End, 7..7, 99), []);
    }

    #[test]
    fn a_short_stretch_is_one_tile() {
        let few = |place, wanted, length| {
            let tiles = TileOptions { step: 4, window: 10, place }.few_tiles(wanted, length);
            tiles.map(|tile| (tile.bases, tile.window)).collect::<Vec<_>>()
        };
        assert_eq!(few(Place::Middle, 0..9, 9), [(0..9, 0..9)]);
        assert_eq!(few(Place::Middle, 0..9, 11).len(), 3);
        assert_eq!(few(Place::End, 2..10, 99), [(2..10, 0..10)]);
        assert_eq!(few(Place::End, 2..11, 99).len(), 3);
    }

    proptest! {
        #[test]
        fn tiles_cover_a_stretch_once(
            length in 1u64..300, a in 0u64..300, b in 0u64..300, step in 1u64..40,
            window in 1u64..60, is_end in any::<bool>(),
        ) {
            let wanted = a.min(b).min(length)..a.max(b).min(length);
            let place = if is_end { Place::End } else { Place::Middle };
            let options = TileOptions { step, window, place };
            for few in [false, true] {
                let tiles: Vec<Tile> = match few {
                    true => options.few_tiles(wanted.clone(), length).collect(),
                    false => options.tiles(wanted.clone(), length).collect(),
                };
                let covered: Vec<u64> = tiles.iter().flat_map(|tile| tile.bases.clone()).collect();
                prop_assert_eq!(covered, wanted.clone().collect::<Vec<_>>());
                for Tile { bases, window: read } in tiles {
                    prop_assert!(read.end <= length && read.end - read.start <= window);
                    if bases.end - bases.start <= window {
                        prop_assert!(read.start <= bases.start && bases.end <= read.end);
                    }
                }
            }
        }
    }
}
