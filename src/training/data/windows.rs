//! From a stretch of a genome to the token ids of a window.

use super::{error::DataError, genome::Genome, interval::Interval};
use crate::{
    genome::region::Strand,
    model::tokenizer::{A, PAD, T, Tokenizer},
};

/// Appends the token ids of a window: exactly `length`, of which those that `bases` does not fill
/// are PAD, on the right. On the reverse strand the reverse complement is taken.
///
/// # Errors
/// The genome cannot be read, or holds something else than nucleotides; `tokens` is then as it was.
pub fn append(
    genomes: &mut [Genome],
    bases: &Interval,
    length: u64,
    strand: Strand,
    tokens: &mut Vec<u8>,
) -> Result<(), DataError> {
    debug_assert!(bases.len() <= length);
    let start = tokens.len();
    let reference = &mut genomes[bases.genome].reference;
    if let Err(error) = reference.fetch_into(bases.contig, bases.range.clone(), tokens) {
        tokens.truncate(start);
        return Err(error.into());
    }
    let tokenizer = Tokenizer::default();
    for base in &mut tokens[start..] {
        *base = tokenizer.token(*base);
    }
    if strand == Strand::Reverse {
        reverse_complement(&mut tokens[start..]);
    }
    tokens.resize(start + length as usize, PAD);
    Ok(())
}

/// Reverse-complements tokens in place. Bases are numbered A, C, G, T, so that
/// the sum of a base and its complement is always the same.
fn reverse_complement(tokens: &mut [u8]) {
    tokens.reverse();
    for token in tokens {
        if (A..=T).contains(token) {
            *token = A + T - *token;
        }
    }
}

/// Number of tokens of a window that are not A, C, G or T.
pub fn count_unknown(tokens: &[u8]) -> u64 {
    tokens.iter().filter(|token| !(A..=T).contains(*token)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::data::testing::Files;

    #[test]
    fn both_strands_masked_bases_and_padding() {
        let mut genomes = Files::new(&[">a\nacGTNrT\n"]).open();
        let window = Interval { genome: 0, contig: 0, range: 1..7 };
        let mut tokens = vec![0];
        append(&mut genomes, &window, 8, Strand::Forward, &mut tokens).unwrap();
        assert_eq!(tokens, [0, 8, 9, 10, 11, 11, 10, 4, 4]);
        assert_eq!(count_unknown(&tokens[1..]), 4);
        tokens.clear();
        append(&mut genomes, &window, 8, Strand::Reverse, &mut tokens).unwrap();
        assert_eq!(tokens, [7, 11, 11, 7, 8, 9, 4, 4]);
    }

    #[test]
    fn a_genome_that_is_none_leaves_the_tokens_alone() {
        let mut genomes = Files::new(&[">p\nACDEF\n"]).open();
        let window = Interval { genome: 0, contig: 0, range: 0..5 };
        let mut tokens = vec![1, 2];
        let error = append(&mut genomes, &window, 5, Strand::Forward, &mut tokens).unwrap_err();
        assert!(error.to_string().contains("base 4"), "{error}");
        assert_eq!(tokens, [1, 2]);
    }
}
