//! Where the rows of a pass are: indexes for libtorch's operators, uploaded in one piece.

use std::{collections::BTreeMap, ops::Range};

use tch::{Device, TchError, Tensor};

use crate::model::{
    libtorch::transfer::upload,
    network::fft::padded_length,
    rows::{Segment, tiles},
};

/// Rows of a pass on a device.
#[derive(Debug)]
pub struct Layout {
    /// Number of rows.
    pub rows: i64,
    /// Rows that are projected together.
    pub tiles: Vec<Tile>,
    /// Sequences that are convolved together.
    pub groups: Vec<Group>,
    /// Rows of branches, and those of the sequences that they branch off, at the same positions.
    pub branches: Option<[Tensor; 2]>,
}

/// Rows that are projected together, each with the few before it.
#[derive(Debug)]
pub struct Tile {
    /// Its own rows.
    pub rows: Range<i64>,
    /// Rows to read: for each stretch those before it, then its own.
    pub read: Tensor,
    /// Which of these are before the start of a sequence.
    pub missing: Option<Tensor>,
    /// Where its own rows are, counted without the rows before the first stretch; `None` if they follow each other.
    pub own: Option<Tensor>,
}

/// Sequences that are convolved together.
#[derive(Debug)]
pub struct Group {
    /// Number of sequences.
    pub sequences: i64,
    /// Length to which each is padded on the right.
    pub length: i64,
    /// Their rows.
    pub rows: Rows,
    /// Places of these among `sequences` · `length`; `None` if nothing is padded.
    pub places: Option<Tensor>,
}

/// Rows of sequences.
#[derive(Debug)]
pub enum Rows {
    /// Rows that follow each other.
    Range(Range<i64>),
    /// Others.
    Indexes(Tensor),
}

/// Indexes in one list.
#[derive(Default)]
struct Indexes(Vec<i64>);

impl Indexes {
    fn add(&mut self, indexes: impl IntoIterator<Item = i64>) -> Range<usize> {
        let start = self.0.len();
        self.0.extend(indexes);
        start..self.0.len()
    }
}

/// A tile before its indexes are uploaded.
struct PlannedTile {
    rows: Range<i64>,
    read: Range<usize>,
    missing: Range<usize>,
    own: Option<Range<usize>>,
}

/// A group before its indexes are uploaded.
struct PlannedGroup {
    sequences: i64,
    length: i64,
    first: Option<i64>,
    rows: Range<usize>,
    places: Option<Range<usize>>,
}

impl Layout {
    /// The layout of `segments`, which follow each other. `chunk`: most rows of a tile; `halo`: rows before one that it
    /// depends on through the short convolution; `longest`: taps of a filter.
    ///
    /// # Errors
    /// The device has no memory left.
    pub fn new(
        segments: &[Segment],
        [chunk, halo, longest]: [usize; 3],
        device: Device,
    ) -> Result<Self, TchError> {
        let mut indexes = Indexes::default();
        let planned_tiles: Vec<PlannedTile> = tiles(segments, chunk, halo)
            .iter()
            .map(|tile| plan_tile(tile, halo, &mut indexes))
            .collect();
        let planned_groups = plan_groups(segments, longest, &mut indexes);
        let parents = || segments.iter().filter_map(|segment| Some((segment, segment.parent?)));
        let own = indexes.add(parents().flat_map(|(s, _)| s.row as i64..(s.row + s.rows) as i64));
        let same = indexes.add(parents().flat_map(|(segment, parent)| {
            let first = (parent.row + parent.from) as i64;
            first..first + segment.rows as i64
        }));
        let all = upload(&Tensor::f_from_slice(&indexes.0)?, device)?;
        let of = |range: &Range<usize>| {
            all.f_narrow(0, range.start as i64, (range.end - range.start) as i64)
        };
        let some = |range: &Range<usize>| (!range.is_empty()).then(|| of(range)).transpose();
        let tiles = planned_tiles.iter().map(|tile| {
            Ok(Tile {
                rows: tile.rows.clone(),
                read: of(&tile.read)?,
                missing: some(&tile.missing)?,
                own: tile.own.as_ref().map(of).transpose()?,
            })
        });
        let groups = planned_groups.iter().map(|group| {
            let count = (group.rows.end - group.rows.start) as i64;
            Ok(Group {
                sequences: group.sequences,
                length: group.length,
                rows: match group.first {
                    Some(first) => Rows::Range(first..first + count),
                    None => Rows::Indexes(of(&group.rows)?),
                },
                places: group.places.as_ref().map(of).transpose()?,
            })
        });
        Ok(Self {
            rows: segments.last().map_or(0, |last| (last.row + last.rows) as i64),
            tiles: tiles.collect::<Result<_, TchError>>()?,
            groups: groups.collect::<Result<_, TchError>>()?,
            branches: match own.is_empty() {
                true => None,
                false => Some([of(&own)?, of(&same)?]),
            },
        })
    }
}

fn plan_tile(tile: &crate::model::rows::Tile, halo: usize, indexes: &mut Indexes) -> PlannedTile {
    let (mut read, mut missing, mut own) = (Vec::new(), Vec::new(), Vec::new());
    for (number, unit) in tile.units.iter().enumerate() {
        for &row in &tile.before[number * halo..][..halo] {
            if row < 0 {
                missing.push(read.len() as i64);
            }
            read.push(row.max(0));
        }
        // a result is where the first row that it depends on is
        let first = (read.len() - halo) as i64;
        own.extend(first..first + unit.count);
        read.extend(unit.row..unit.row + unit.count);
    }
    PlannedTile {
        rows: tile.rows.start as i64..tile.rows.end as i64,
        read: indexes.add(read),
        missing: indexes.add(missing),
        own: (tile.units.len() > 1).then(|| indexes.add(own)),
    }
}

fn plan_groups(segments: &[Segment], longest: usize, indexes: &mut Indexes) -> Vec<PlannedGroup> {
    let mut by_length: BTreeMap<i64, Vec<&Segment>> = BTreeMap::new();
    for segment in segments.iter().filter(|segment| segment.rows > 0) {
        let length = padded_length(segment.rows as i64, longest as i64);
        by_length.entry(length).or_default().push(segment);
    }
    let group = |(length, group): (i64, Vec<&Segment>)| {
        let follow = group.windows(2).all(|pair| pair[0].row + pair[0].rows == pair[1].row);
        let whole = group.iter().all(|segment| segment.rows as i64 == length);
        let rows = group.iter().flat_map(|s| s.row as i64..(s.row + s.rows) as i64);
        let places = (0..).zip(&group).flat_map(|(number, segment)| {
            let first = number * length;
            first..first + segment.rows as i64
        });
        // one sequence is padded by the transform
        let length = if group.len() == 1 { group[0].rows as i64 } else { length };
        PlannedGroup {
            sequences: group.len() as i64,
            length,
            first: follow.then(|| group[0].row as i64),
            rows: indexes.add(rows),
            places: (!whole && group.len() > 1).then(|| indexes.add(places)),
        }
    };
    by_length.into_iter().map(group).collect()
}
