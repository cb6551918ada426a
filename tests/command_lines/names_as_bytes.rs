//! Names that are not UTF-8: of contigs, samples and files. Different bytes are different names.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::PathBuf};

use crate::harness::{Outcome, Scratch, command, demo, files::vcf_to_bcf, run};

const HEAD: &[u8] = b"##fileformat=VCFv4.3\n##contig=<ID=chr\xfe>\n##contig=<ID=chr\xff>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

/// Two contigs that differ in one byte of their names, and in all their bases.
const GENOME: &[u8] = b">chr\xfe\nAAAAAAAAAAAAAAAAAAAA\n>chr\xff\nCCCCCCCCCCCCCCCCCCCC\n";

fn lines(outcome: &Outcome) -> Vec<Vec<u8>> {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let lines = outcome.stdout.split(|&byte| byte == b'\n');
    lines.filter(|line| !line.is_empty() && line[0] != b'#').map(<[u8]>::to_vec).collect()
}

fn vcf(contigs: &[&[u8]]) -> Vec<u8> {
    let record = |contig: &&[u8]| [*contig, b"\t5\t.\tA\tG\t.\t.\t.\n"].concat();
    [HEAD.to_vec(), contigs.iter().flat_map(record).collect()].concat()
}

#[test]
fn contigs_of_variants_are_told_apart() {
    let scratch = Scratch::new();
    let genome = scratch.file("g.fa", GENOME);
    let other = scratch.file("other.fa", b">chr\xff\nAAAAAAAAAAAAAAAAAAAA\n");
    let text = scratch.file("v.vcf", vcf(&[b"chr\xfe", b"chr\xff"]));
    let binary = scratch.path("v.bcf");
    vcf_to_bcf(&text, &binary);
    let status = |line: &Vec<u8>| {
        let mut fields = line.split(|&byte| byte == b'\t');
        (fields.next().unwrap().to_vec(), fields.next_back().unwrap().to_vec())
    };
    let row = |contig: &[u8], status: &[u8]| (contig.to_vec(), status.to_vec());
    for variants in [&text, &binary] {
        let words = "score-variants --context 8";
        let scored = run(&mut command(words, &[variants, &genome]));
        let rows: Vec<_> = lines(&scored).iter().map(status).collect();
        assert_eq!(rows, [row(b"chr\xfe", b"ok"), row(b"chr\xff", b"ref_mismatch")]);
        let scored = run(&mut command(words, &[variants, &other]));
        let rows: Vec<_> = lines(&scored).iter().map(status).collect();
        assert_eq!(rows, [row(b"chr\xfe", b"missing_contig"), row(b"chr\xff", b"ok")]);
        assert!(scored.stderr.contains(r"chr\xfe"), "{}", scored.stderr);
    }
}

#[test]
fn contigs_of_every_kind_of_reference_are_told_apart() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", b"chr\xfe\t0\t9\nchr\xff\t0\t9\n");
    let one = scratch.file("one.bed", b"chr\xfd\t0\t9\n");
    let indexed = scratch.file("i.fa", GENOME);
    let ragged = scratch.file("r.fa", [b"\n", GENOME].concat().replace_first(b"AAA", b"A\nAA"));
    let packed = scratch.file("g.fa.gz", crate::harness::files::gzip(GENOME));
    run(&mut command("embed --save-index", &[&bed, &indexed]));
    assert!(scratch.names().contains(&"i.fa.fai".to_owned()));
    for genome in [&indexed, &ragged, &packed] {
        let rows = lines(&run(&mut command("embed", &[&bed, genome])));
        let [first, second] = rows.as_slice() else { panic!("two rows") };
        assert!(first.starts_with(b"chr\xfe\t0\t9\t") && second.starts_with(b"chr\xff\t0\t9\t"));
        assert!(first[9..] != second[9..], "they have other bases");
        run(&mut command("embed", &[&one, genome]))
            .assert_refused(&[r"contig chr\xfd", r"chr\xfe"]);
    }
}

/// Rows have the bytes of the input, also where a command makes the columns itself.
#[test]
fn names_come_back_unchanged() {
    let scratch = Scratch::new();
    let genome = scratch.file("g.fa", GENOME);
    for words in ["embed", "likelihood"] {
        let rows = lines(&run(&mut command(words, &[&genome])));
        assert!(rows.first().unwrap().starts_with(b"chr\xfe\t"), "{words}");
        assert!(rows.last().unwrap().starts_with(b"chr\xff\t"), "{words}");
    }
    let made = run(&mut command("generate --length 4 --seed 1", &[&genome]));
    assert!(made.stdout.starts_with(b">chr\xfe_1 "), "{made:?}");
    let bed = scratch.file("r.bed", b"chr\xfe\t3\t5\n");
    let vcf =
        run(&mut command("score-variants --context 8 --format vcf --all-snvs", &[&bed, &genome]));
    assert!(lines(&vcf)[0].starts_with(b"chr\xfe\t4\t"));
    let declared = b"##contig=<ID=chr\xff,length=20>\n";
    assert!(vcf.stdout.windows(declared.len()).any(|line| line == declared));
}

#[test]
fn genes_of_such_contigs_give_strands() {
    let scratch = Scratch::new();
    let genome =
        scratch.file("g.fa", b">chr\xfe\nACGTTGCAACGTTGCAAC\n>chr\xff\nACGTTGCAACGTTGCAAC\n");
    let genes = scratch.file("g.gtf", b"chr\xfe\tx\tgene\t1\t18\t.\t-\t.\tgene_id \"a\";\nchr\xff\tx\tgene\t1\t18\t.\t+\t.\tgene_id \"b\";\n");
    let variants = vcf(&[b"chr\xfe", b"chr\xff"]);
    let variants = (0..2).fold(variants, |bytes, _| bytes.replace_first(b"\tA\tG", b"\tT\tG"));
    let variants = scratch.file("v.vcf", variants);
    let words = "score-variants --context 8 --strand gene --genes";
    let rows = lines(&run(&mut command(words, &[&genes, &variants, &genome])));
    let [first, second] = rows.as_slice() else { panic!("two rows") };
    assert!(first[4..] != second[4..], "one is read on the reverse strand");
}

#[test]
fn suffixes_of_file_names_that_are_not_text_count() {
    let scratch = Scratch::new();
    let run_to = |name: &[u8]| -> PathBuf {
        let path = PathBuf::from(scratch.path("")).join(OsStr::from_bytes(name));
        let mut command = command("embed", &[&demo::regions(), &demo::genome()]);
        let outcome = run(command.arg("-o").arg(&path));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        path
    };
    assert_eq!(fs::read(run_to(b"\xff.tsv.gz")).unwrap()[..2], [0x1f, 0x8b]);
    assert!(fs::read(run_to(b"\xff.npy")).unwrap().starts_with(b"\x93NUMPY"));
    assert!(fs::read(run_to(b"\xff.parquet")).unwrap().starts_with(b"PAR1"));
    let beside = PathBuf::from(scratch.path("")).join(OsStr::from_bytes(b"\xff.tsv"));
    assert!(beside.exists(), "the names of the rows of the matrix");
}

trait ReplaceFirst {
    fn replace_first(self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl ReplaceFirst for Vec<u8> {
    fn replace_first(self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = self.windows(from.len()).position(|part| part == from).unwrap();
        [&self[..at], to, &self[at + from.len()..]].concat()
    }
}
