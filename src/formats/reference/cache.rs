//! A cache of recently read blocks of bases, in bounded memory.

use std::{collections::HashMap, sync::Arc};

/// Sizes of the cache of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cache {
    /// Length of a block, in bases; a block is read and normalised as a whole. At least 1.
    pub block_bases: u64,
    /// Most blocks that are kept; at least 1.
    pub blocks: usize,
}

impl Cache {
    /// For windows in any order: up to 256 MB in blocks of 16 kb. bgzip decompresses blocks of 64
    /// kB as a whole; a smaller block of bases seldom spans two.
    pub const ANYWHERE: Self = Self { block_bases: 1 << 14, blocks: 1 << 14 };
}

impl Default for Cache {
    /// For windows in the order of the file: blocks of 256 kb, and enough of them for a window of
    /// a million bases on either side of a block's edge.
    fn default() -> Self {
        Self { block_bases: 1 << 18, blocks: 16 }
    }
}

/// Number of the contig and of the block within it.
pub(super) type BlockKey = (usize, u64);

struct CachedBlock {
    key: BlockKey,
    bases: Arc<[u8]>,
    /// True if it was requested since the hand last passed.
    used: bool,
}

/// The cached blocks. A full cache evicts by second chance: a hand moves around the slots and takes
/// the first block not requested since its last pass.
pub(super) struct BlockCache {
    most: usize,
    places: HashMap<BlockKey, usize>,
    slots: Vec<CachedBlock>,
    hand: usize,
}

impl BlockCache {
    /// Keeps up to `most` blocks, at least one.
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), places: HashMap::new(), slots: Vec::new(), hand: 0 }
    }

    pub(super) fn get(&mut self, key: BlockKey) -> Option<Arc<[u8]>> {
        let slot = &mut self.slots[*self.places.get(&key)?];
        slot.used = true;
        Some(slot.bases.clone())
    }

    /// Adds a block that is not in the cache.
    pub(super) fn insert(&mut self, key: BlockKey, bases: Arc<[u8]>) {
        let slot = CachedBlock { key, bases, used: false };
        if self.slots.len() < self.most {
            self.places.insert(key, self.slots.len());
            self.slots.push(slot);
            return;
        }
        // ends within two rounds, as the first clears every mark
        while std::mem::take(&mut self.slots[self.hand].used) {
            self.hand = (self.hand + 1) % self.most;
        }
        self.places.remove(&self.slots[self.hand].key);
        self.places.insert(key, self.hand);
        self.slots[self.hand] = slot;
        self.hand = (self.hand + 1) % self.most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requested_blocks_stay_and_the_others_are_evicted() {
        let mut blocks = BlockCache::new(3);
        for number in 0..3 {
            blocks.insert((0, number), [number as u8].into());
        }
        assert!(blocks.get((0, 0)).is_some());
        blocks.insert((1, 7), [9].into());
        assert!(blocks.get((0, 1)).is_none(), "the first that was not requested");
        for (key, base) in [((0, 0), 0), ((0, 2), 2), ((1, 7), 9)] {
            assert_eq!(*blocks.get(key).unwrap(), [base]);
        }
    }

    proptest! {
        #[test]
        fn never_more_than_allowed_and_never_another_block(
            most in 0_usize..5,
            keys in proptest::collection::vec((0_usize..3, 0_u64..4), 0..100),
        ) {
            let mut blocks = BlockCache::new(most);
            for key in keys {
                let bases = [key.0 as u8, key.1 as u8];
                if blocks.get(key).is_none() {
                    blocks.insert(key, bases.into());
                }
                prop_assert_eq!(blocks.get(key).map(|found| found.to_vec()), Some(bases.to_vec()));
                prop_assert!(blocks.slots.len() <= most.max(1));
                prop_assert_eq!(blocks.slots.len(), blocks.places.len());
            }
        }
    }
}
