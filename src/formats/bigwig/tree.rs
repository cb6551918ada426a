//! The index trees of a bigWig: nodes of up to [`BLOCK`] items, the root first, leaves last.

use std::{
    io::{self, Write},
    ops::Range,
};

/// Most items of a node.
pub const BLOCK: usize = 256;

/// Bytes of a node before its items.
const NODE: usize = 4;

/// Writes the nodes over `count` sorted items. `leaf` gives the bytes of an item, `key` those of a
/// range of items in the nodes above; each has a fixed length. `start` is the offset in the file of
/// the first byte. All nodes but the last of a level are full, which fixes their offsets.
pub fn write<L: AsRef<[u8]>, K: AsRef<[u8]>>(
    out: &mut impl Write,
    start: u64,
    count: usize,
    leaf: impl Fn(usize) -> L,
    key: impl Fn(Range<usize>) -> K,
) -> io::Result<()> {
    let (of_leaf, of_branch) = match count {
        0 => (0, 0),
        _ => (leaf(0).as_ref().len(), key(0..1).as_ref().len() + size_of::<u64>()),
    };
    let size = |level: usize| if level == 0 { of_leaf } else { of_branch };
    // items of each level, from the leaves up
    let mut levels = vec![count];
    let mut above = count;
    while above > BLOCK {
        above = above.div_ceil(BLOCK);
        levels.push(above);
    }
    let mut width = BLOCK.pow(levels.len() as u32 - 1); // leaf items below an item
    let mut below = start;
    for (level, &items) in levels.iter().enumerate().rev() {
        let nodes = items.div_ceil(BLOCK).max(1);
        below += (nodes * NODE + items * size(level)) as u64;
        for node in 0..nodes {
            let of_node = node * BLOCK..((node + 1) * BLOCK).min(items);
            out.write_all(&[u8::from(level == 0), 0])?;
            out.write_all(&(of_node.len() as u16).to_le_bytes())?;
            for item in of_node {
                if level == 0 {
                    out.write_all(leaf(item).as_ref())?;
                } else {
                    out.write_all(key(item * width..((item + 1) * width).min(count)).as_ref())?;
                    let child = item * (NODE + BLOCK * size(level - 1));
                    out.write_all(&(below + child as u64).to_le_bytes())?;
                }
            }
        }
        width /= BLOCK;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items below the node at `offset`, where an item is its number and a key a range.
    fn items(bytes: &[u8], start: u64, offset: u64) -> Vec<u32> {
        let node = &bytes[(offset - start) as usize..];
        let count = u16::from_le_bytes([node[2], node[3]]) as usize;
        let number = |at: usize| u32::from_le_bytes(node[at..at + 4].try_into().unwrap());
        if node[0] == 1 {
            return (0..count).map(|i| number(4 + 4 * i)).collect();
        }
        let child = |i: usize| {
            let at = 4 + 16 * i;
            let child = u64::from_le_bytes(node[at + 8..at + 16].try_into().unwrap());
            let found = items(bytes, start, child);
            assert_eq!((found[0], found[found.len() - 1] + 1), (number(at), number(at + 4)));
            found
        };
        (0..count).flat_map(child).collect()
    }

    #[test]
    fn every_item_is_found_from_the_root() {
        for count in [0, 1, 256, 257, 1000, 65536, 65537, 70000] {
            let mut bytes = Vec::new();
            let leaf = |i: usize| (i as u32).to_le_bytes();
            let key = |r: Range<usize>| {
                [r.start as u32, r.end as u32].map(u32::to_le_bytes).as_flattened().to_vec()
            };
            write(&mut bytes, 48, count, leaf, key).unwrap();
            assert_eq!(items(&bytes, 48, 48), (0..count as u32).collect::<Vec<_>>());
        }
    }
}
