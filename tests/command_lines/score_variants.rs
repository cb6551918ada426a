//! `score-variants` against the golden table, in every form of input and output.

use std::fs;

use crate::harness::{
    Scratch, command, data, files,
    golden::{genome, variants},
    ok, read, run,
    table::{Table, without_command},
    text,
};

const MODEL: &str = "golden/tiny-d128/hf";

/// The last six columns of the golden table: scores and status of each allele.
fn golden() -> Vec<Vec<String>> {
    let table = Table::parse(&read(&data("golden/score-variants/expected.tsv")));
    table.rows.iter().map(|row| row[5..].to_vec()).collect()
}

/// Whether scores and status are equal within the tolerance of the definition.
fn assert_scores(got: &[Vec<String>], want: &[Vec<String>]) {
    assert_eq!(got.len(), want.len(), "number of alleles");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert_eq!(got.len(), 6, "{got:?}");
        assert_eq!(got[5], want[5], "status of allele {i}");
        for (column, (got, want)) in got.iter().zip(want).take(5).enumerate() {
            if got == "." || want == "." {
                assert_eq!(got, want, "allele {i}, score {column}");
                continue;
            }
            let (got, want): (f64, f64) = (got.parse().unwrap(), want.parse().unwrap());
            let allowed = match column {
                0..3 => 0.02 + 1e-3 * want.abs(),
                _ => 1e-3 * want.abs(),
            };
            assert!(
                (got - want).abs() <= allowed,
                "allele {i}, score {column}: {got}, expected {want}"
            );
        }
    }
}

/// Scores and status of each allele from the INFO column of VCF lines.
fn scores_of_info<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Vec<String>> {
    let mut alleles = Vec::new();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.trim_end().split('\t').collect();
        let count = columns[4].split(',').count();
        let start = alleles.len();
        alleles.resize(start + count, vec![".".to_owned(); 6]);
        for (i, name) in ["LLR", "LLR_FWD", "LLR_REV", "L2", "COS", "STATUS"].iter().enumerate() {
            let key = format!("HYENADNA_{name}=");
            let field = columns[7].split(';').find_map(|f| f.strip_prefix(&*key));
            let Some(values) = field else { continue };
            assert_eq!(values.split(',').count(), count, "{line}");
            for (number, value) in values.split(',').enumerate() {
                alleles[start + number][i] = value.to_owned();
            }
        }
    }
    alleles
}

#[test]
fn tsv_of_a_vcf_is_the_golden_table() {
    let got =
        text("-q score-variants --context 1024 --model", &[&data(MODEL), &variants(), &genome()]);
    let (got, want) =
        (Table::parse(&got), Table::parse(&read(&data("golden/score-variants/expected.tsv"))));
    assert_eq!(got.header, want.header);
    let first = |table: &Table| table.rows.iter().map(|r| r[..5].to_vec()).collect();
    let (a, b): (Vec<_>, Vec<_>) = (first(&got), first(&want));
    assert_eq!(a, b, "CHROM, POS, ID, REF, ALT");
    let last: Vec<_> = got.rows.iter().map(|row| row[5..].to_vec()).collect();
    assert_scores(&last, &golden());
    for key in ["version", "command", "model", "n_token", "reference", "context", "strand"] {
        let start = format!("##hyenadna_{key}=");
        let line = got.comments.iter().find(|line| line.starts_with(&start));
        assert!(line.is_some(), "no {start} in {:?}", got.comments);
    }
    assert!(got.comments.iter().any(|line| {
        line.contains("identity:aa073c55d8c2c4d5c5859a74c7ebbefa825807ff6ca08c65a18923106872d21f")
    }));
}

#[test]
fn bed_of_a_gzipped_vcf_by_the_lightning_flavour() {
    let scratch = Scratch::new();
    let input = scratch.file("v.vcf.gz", files::gzip(read(&variants()).as_bytes()));
    let output = scratch.path("out.bed");
    let model = data("golden/tiny-d128/lightning");
    ok("-q score-variants -o", &[&output, "--model", &model, &input, &genome()]);
    let table = Table::parse(&read(&output));
    assert_eq!(
        table.header.join(" "),
        "chrom chromStart chromEnd name llr strand ref alt llr_fwd llr_rev embedding_l2 embedding_cosine status"
    );
    let scores = |row: &Vec<String>| [&row[4..5], &row[8..]].concat();
    assert_scores(&table.rows.iter().map(scores).collect::<Vec<_>>(), &golden());
    let expected = Table::parse(&read(&data("golden/score-variants/expected.tsv")));
    for (got, want) in table.rows.iter().zip(&expected.rows) {
        let start: u64 = want[1].parse::<u64>().unwrap() - 1;
        let end = start + want[3].len() as u64;
        let place = [&want[0], &start.to_string(), &end.to_string(), &want[2]].map(String::clone);
        assert_eq!(got[..4], place);
        assert_eq!(got[5], ".");
        assert_eq!(got[6..8], want[3..5]);
    }
}

/// Every input line comes back byte for byte with fields added to INFO, whatever is in it; header
/// lines too, with lines added before `#CHROM`.
fn assert_input_comes_back(output: &str, input: &str) {
    let is_ours =
        |line: &str| line.starts_with("##hyenadna_") || line.starts_with("##INFO=<ID=HYENADNA_");
    let mut stripped = String::new();
    for line in output.split_inclusive('\n').filter(|line| !is_ours(line)) {
        if line.starts_with('#') {
            stripped += line;
            continue;
        }
        let mut columns: Vec<&str> = line.split('\t').collect();
        let (info, end) = match columns[7].find(['\r', '\n']) {
            Some(at) => columns[7].split_at(at),
            None => (columns[7], ""),
        };
        let at = info.find("HYENADNA_").expect("every record has a status");
        let old = info[..at].strip_suffix(';').unwrap_or(&info[..at]);
        assert!(info[at..].split(';').all(|f| f.starts_with("HYENADNA_")));
        let old = format!("{}{end}", if old.is_empty() { "." } else { old });
        columns[7] = &old;
        stripped += &columns.join("\t");
    }
    let added = output.lines().filter(|line| is_ours(line)).count();
    assert_eq!(added, 14, "eight facts and six declarations");
    let column_line = output.lines().position(|l| l.starts_with("#CHROM"));
    let last_added = output.lines().position(|l| l.contains("ID=HYENADNA_STATUS"));
    assert_eq!(last_added.map(|n| n + 1), column_line);
    assert_eq!(stripped, input);
}

#[test]
fn vcf_of_a_bgzipped_vcf_is_the_input_with_info_added() {
    let scratch = Scratch::new();
    let input = read(&variants());
    let path = scratch.file("v.vcf.gz", files::bgzip(input.as_bytes()));
    let output = scratch.path("out.vcf");
    let model = data(MODEL);
    ok("-q score-variants -o", &[&output, "--model", &model, &path, &genome()]);
    let output = read(&output);
    assert_input_comes_back(&output, &input);
    assert_scores(&scores_of_info(output.lines()), &golden());
}

#[test]
fn bcf_of_a_bcf_holds_the_same_numbers_and_can_be_read_again() {
    let scratch = Scratch::new();
    let input = scratch.path("v.bcf");
    files::vcf_to_bcf(&variants(), &input);
    let output = scratch.path("out.bcf");
    let model = data(MODEL);
    ok("-q score-variants -o", &[&output, "--model", &model, &input, &genome()]);
    let (header, _) = files::split_bcf(&fs::read(&output).unwrap());
    assert!(header.contains("##INFO=<ID=HYENADNA_LLR,Number=A,Type=Float,"));
    let lines = files::records(&output);
    assert_scores(&scores_of_info(lines.iter().map(String::as_str)), &golden());
    let back = lines.iter().map(|line| {
        let columns: Vec<&str> = line.trim_end().split('\t').collect();
        columns[..7].join("\t")
    });
    let before = files::records(&variants()).into_iter().map(|line| {
        let columns: Vec<&str> = line.trim_end().split('\t').collect();
        columns[..7].join("\t")
    });
    assert_eq!(back.collect::<Vec<_>>(), before.collect::<Vec<_>>());
    // what was written is an input again, under other names
    let again =
        ok("-q score-variants --context 8 --format vcf --info-prefix AGAIN", &[&output, &genome()]);
    let again = String::from_utf8(again).unwrap();
    assert_eq!(again.matches(";AGAIN_STATUS=").count(), lines.len());
}

/// Samples, INFO fields of every type, odd alleles, contig ends.
#[test]
fn vcf_with_samples_comes_back_in_every_form() {
    let scratch = Scratch::new();
    let (vcf, genome) = (data("demo/variants.vcf"), data("demo/genome.fa.gz"));
    let words = "-q score-variants --context 8 --format vcf";
    let output = text(words, &[&vcf, &genome]);
    assert_input_comes_back(&output, &read(&vcf));
    let rows = Table::parse(&text("-q score-variants --context 8", &[&vcf, &genome])).rows;
    let rows: Vec<_> = rows.iter().map(|row| row[5..].to_vec()).collect();
    assert!(rows.iter().any(|row| row[5] == "ok"));
    assert_scores(&scores_of_info(output.lines()), &rows);
    // through BCF and back, the values of samples and INFO are the same
    let bcf = scratch.path("out.bcf");
    ok("-q score-variants --context 8 --output", &[&bcf, &vcf, &genome]);
    let plain = scratch.file("out.vcf", &output);
    assert_eq!(files::records(&bcf), files::records(&plain));
}

#[test]
fn crlf_comes_back_as_crlf() {
    let scratch = Scratch::new();
    let crlf = read(&variants()).replace('\n', "\r\n");
    let input = scratch.file("crlf.vcf", &crlf);
    let words = "-q score-variants --context 8 --format vcf";
    let output = text(words, &[&input, &genome()]);
    assert_eq!(output.matches('\n').count(), output.matches("\r\n").count());
    assert_input_comes_back(&output, &crlf);
    let plain = text(words, &[&variants(), &genome()]);
    assert_eq!(without_command(&output.replace("\r\n", "\n")), without_command(&plain));
}

#[test]
fn a_compressed_table_is_bgzip_and_tabix_can_index_it() {
    let scratch = Scratch::new();
    let output = scratch.path("out.tsv.gz");
    ok("-q score-variants --context 8 -o", &[&output, &variants(), &genome()]);
    let bytes = fs::read(&output).unwrap();
    assert_eq!(&bytes[..4], [0x1f, 0x8b, 8, 4]);
    assert_eq!(&bytes[12..14], b"BC");
    assert!(bytes.ends_with(&files::BGZIP_END));
    let plain = text("-q score-variants --context 8", &[&variants(), &genome()]);
    let unpacked = String::from_utf8(files::gunzip(&bytes)).unwrap();
    assert_eq!(without_command(&unpacked), without_command(&plain));
    assert_eq!(index(&output), 0);
}

/// What `tabix -s1 -b2 -e2` does; 0 if the file is sorted and well-formed.
fn index(path: &str) -> i32 {
    use rust_htslib::htslib::{tbx_conf_t, tbx_index_build};
    let path = std::ffi::CString::new(path).unwrap();
    let columns =
        tbx_conf_t { preset: 0, sc: 1, bc: 2, ec: 2, meta_char: i32::from(b'#'), line_skip: 0 };
    // SAFETY: both pointers are valid for the call.
    unsafe { tbx_index_build(path.as_ptr(), 0, &raw const columns) }
}

#[test]
fn threads_and_batches_do_not_change_the_table() {
    let paths: &[&str] = &[&variants(), &genome()];
    let rows = |words: &str| -> Vec<Vec<String>> {
        let rows = Table::parse(&text(words, paths)).rows;
        rows.iter().map(|row| row[5..].to_vec()).collect()
    };
    let one = rows("-q score-variants --context 64 --threads 1");
    assert_scores(&rows("-q score-variants --context 64 --threads 2"), &one);
    assert_scores(&rows("-q score-variants --context 64 --batch-tokens 1"), &one);
    assert_scores(&rows("-q score-variants --context 64 --batch-tokens 500"), &one);
}

#[test]
fn the_reference_may_come_from_the_environment() {
    let named = text("-q score-variants --context 8", &[&variants(), &genome()]);
    let mut command = command("-q score-variants --context 8", &[&variants()]);
    let outcome = run(command.env("HYENADNA_REFERENCE", genome()));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let got = String::from_utf8(outcome.stdout).unwrap();
    assert_eq!(without_command(&got), without_command(&named));
}
