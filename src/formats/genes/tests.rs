use super::*;
use proptest::prelude::*;
use std::io::Write;

fn read(text: impl Into<Vec<u8>>) -> Result<Genes, InputError> {
    Genes::from_input(input::from_reader("t".into(), Cursor::new(text.into()), None)?)
}

const FORWARD: Option<Strand> = Some(Strand::Forward);
const REVERSE: Option<Strand> = Some(Strand::Reverse);

#[test]
fn bed_with_strands() {
    let text = "track name=x\n# c\n\nchr1\t10\t20\ta\t0\t+\nchr1\t15\t30\tb\t0\t-\nchrM\t0\t5\tc\t0\t-\n2\t0\t9\td\t0\t.\n";
    let genes = read(text).unwrap();
    assert_eq!((genes.len(), genes.unstranded(), genes.is_empty()), (3, 1, false));
    assert_eq!(genes.contigs().collect::<Vec<_>>(), ["chr1", "chrM"]);
    assert_eq!(
        ["1", "chr1", "MT", "2"].map(|name| genes.end(name)),
        [Some(30), Some(30), Some(5), None]
    );
    assert_eq!(genes.strand("1", 9, 10), None);
    assert_eq!(genes.strand("1", 10, 11), FORWARD);
    assert_eq!(genes.strand("chr1", 14, 16), None);
    assert_eq!(genes.strand("chr1", 20, 21), REVERSE);
    assert_eq!(genes.strand("MT", 4, 100), REVERSE);
    assert_eq!(genes.strand("3", 4, 100), None);
}

#[test]
fn genes_lie_on_the_contig_that_their_names_mean() {
    let genes = || read("chr1\t10\t20\ta\t0\t+\n1\t10\t20\tb\t0\t-\n2\t0\t9\tc\t0\t+\n").unwrap();
    assert_eq!((genes().strand("chr1", 10, 11), genes().strand("1", 10, 11)), (FORWARD, REVERSE));
    let own_names = |has: &'static [&'static str]| {
        let mut index = ContigIndex::default();
        has.iter().enumerate().for_each(|(i, name)| assert_eq!(index.insert(name, i), None));
        genes().resolve(move |name| index.find(name).map(|own| own.map(|own| own.0.to_owned())))
    };
    let both = own_names(&["chr1", "1", "chr2", "2"]).unwrap();
    assert_eq!((both.strand("chr1", 10, 11), both.strand("1", 10, 11)), (FORWARD, REVERSE));
    assert_eq!((both.strand("chr2", 0, 1), both.strand("2", 0, 1)), (None, FORWARD));
    let one = own_names(&["chr1", "chr2"]).unwrap();
    assert_eq!((one.strands("chr1", 10, 11), one.strand("chr2", 0, 1)), ([true; 2], FORWARD));
    assert_eq!(one.strand("1", 10, 11), None);
}

#[test]
fn an_insertion_at_the_border_of_a_gene_counts() {
    let genes = read("1\t10\t20\ta\t0\t+\n1\t0\t5\tb\t0\t-\n1\t30\t30\tc\t0\t+\n").unwrap();
    for (at, strand) in [(0, REVERSE), (5, REVERSE), (6, None), (9, None)] {
        assert_eq!(genes.strand("1", at, at), strand, "{at}");
    }
    for (at, strand) in [(10, FORWARD), (20, FORWARD), (21, None), (30, FORWARD), (32, None)] {
        assert_eq!(genes.strand("1", at, at), strand, "{at}");
    }
    assert_eq!(genes.strand("1", 29, 30), FORWARD);
    assert_eq!(genes.strand("1", 31, 32), None);
}

fn row(feature: &str, start: &str, end: &str, strand: &str) -> String {
    format!("chr1\thavana\t{feature}\t{start}\t{end}\t.\t{strand}\t.\tgene_id \"x\";\n")
}

#[test]
fn gtf_and_gff3_are_1_based_and_closed() {
    let text = [
        "##gff-version 3\n".to_owned(),
        row("region", "1", "100", "."),
        row("ncRNA_gene", "11", "20", "+"),
        row("mRNA", "11", "90", "-"),
        row("pseudogene", "31", "31", "-"),
        row("gene", "41", "50", "?"),
        "##FASTA\n>chr1\nACGT\n".to_owned(),
    ];
    let genes = read(text.concat()).unwrap();
    assert_eq!((genes.len(), genes.unstranded()), (2, 1));
    assert_eq!(genes.strand("1", 9, 10), None);
    assert_eq!(genes.strand("1", 10, 11), FORWARD);
    assert_eq!(genes.strand("1", 19, 20), FORWARD);
    assert_eq!(genes.strand("1", 20, 21), None);
    assert_eq!(genes.strand("1", 30, 31), REVERSE);
    assert_eq!(genes.strand("1", 31, 32), None);
}

#[test]
fn transcripts_stand_in_for_genes() {
    let text = row("exon", "1", "9", "-") + &row("transcript", "1", "9", "+");
    assert_eq!(read(text.replace('\n', "\r\n")).unwrap().strand("1", 0, 9), FORWARD);
    let bare = text.replace("gene_id \"x\";", "");
    assert_eq!(read(bare).unwrap().strand("1", 0, 9), FORWARD);
}

#[test]
fn compressed_files_and_long_heads_of_comments() {
    let text = "# a comment\n".repeat(20_000) + "1\t10\t20\ta\t0\t-\t1\t2\t0\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut bgzip = noodles::bgzf::io::Writer::new(Vec::new());
    bgzip.write_all(text.as_bytes()).unwrap();
    for bytes in [text.into_bytes(), gzip.finish().unwrap(), bgzip.finish().unwrap()] {
        assert_eq!(read(bytes).unwrap().strand("chr1", 19, 25), REVERSE);
    }
}

#[test]
fn errors_name_the_line() {
    let gff = "##gff-version 3\n";
    for (text, part) in [
        (String::new(), "is empty; expected genes"),
        ("\u{1}\u{2}".into(), "byte 0x01"),
        ("# a\n\n".into(), "only comments"),
        ("##gff-version 3\n".into(), "has no gene"),
        ("# a\nACGT\n".into(), "line 2: found \"ACGT\""),
        ("chr1 1 5 a 0 +\n".into(), "tabs, not spaces"),
        ("chr1\t1\t5\ta\t0\n".into(), "line 1: found 5 columns, expected 6 or more"),
        ("chr1\t1\t5\ta\t0\t*\n".into(), "line 1: strand (column 6) is \"*\""),
        ("chr1\t1\t5\ta\t0\t.\n".into(), "1 gene without a strand and none with one"),
        ("chr1\t7\t5\ta\t0\t+\n".into(), "start 7 is greater"),
        (row("exon", "1", "2", "+"), "it has: exon"),
        (row("gene", "0", "2", "+"), "line 1: start (column 4) is \"0\""),
        (row("gene", "1", "+2", "+"), "line 1: end (column 5) is \"+2\""),
        (row("gene", "3", "2", "+"), "line 1: start 3 is greater"),
        (row("gene", "1", "2", "1"), "line 1: strand (column 7) is \"1\""),
        (row("gene", "1", "2", "."), "in column 7"),
        (format!("{gff}\n1\tx\tgene\t1\t2\n"), "line 3: found 5 columns"),
        (format!("{gff}\tx\tgene\t1\t2\t.\t+\t.\tx\n"), "line 2: the name of the contig"),
    ] {
        let error = read(text.clone()).unwrap_err().to_string();
        assert!(error.contains(part), "{text:?}: {error}");
    }
}

proptest! {
    #[test]
    fn strands_are_those_of_a_search_through_all(
        genes in prop::collection::vec((0u64..60, 0u64..12, any::<bool>()), 1..20),
        queries in prop::collection::vec((0u64..80, 0u64..6), 1..40),
    ) {
        let line = |&(start, length, forward): &(u64, u64, bool)| {
            let strand = if forward { '+' } else { '-' };
            format!("1\t{start}\t{}\tx\t0\t{strand}\n", start + length)
        };
        let read = read(genes.iter().map(line).collect::<String>()).unwrap();
        prop_assert_eq!(read.len(), genes.len());
        for (start, length) in queries {
            let end = start + length;
            let on = |wanted: bool| genes.iter().any(|&(first, bases, forward)| {
                let last = first + bases;
                let meets = match (bases, length) {
                    (0, 0) => first.abs_diff(start) < 2,
                    (0, _) | (_, 0) => first <= end && start <= last,
                    _ => first < end && start < last,
                };
                forward == wanted && meets
            });
            let expected = match (on(true), on(false)) {
                (true, false) => FORWARD,
                (false, true) => REVERSE,
                _ => None,
            };
            prop_assert_eq!(read.strand("chr1", start, end), expected);
        }
    }
}
