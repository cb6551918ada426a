//! Shards: the merged outputs of any number of them are those of one run.

use std::fs;

use crate::harness::{
    Scratch, data, fails,
    files::{bgzip, gunzip, gzip},
    heads, ok, read,
};

/// A command with its options, its input, and what follows it.
struct Case {
    words: String,
    input: Vec<u8>,
    rest: Vec<String>,
    format: &'static str,
}

fn cases(head: &str) -> Vec<Case> {
    let file = |name: &str| fs::read(data(name)).unwrap();
    let genome = data("demo/genome.fa");
    let case = |words: &str, input, rest: &[&String], format| Case {
        words: words.to_owned(),
        input,
        rest: rest.iter().map(|&path| path.clone()).collect(),
        format,
    };
    let variants = || file("demo/variants.vcf");
    let regions = || file("demo/regions.bed");
    let spans = b"chr1\t100\t131\nchr1\t4000\t4007\nchr2\t5\t40\n".to_vec();
    let predict = format!("predict --stride 30 --model {head}");
    vec![
        case("score-variants --context 64", variants(), &[&genome], "tsv"),
        case("score-variants --context 64", variants(), &[&genome], "vcf"),
        case("score-variants --context 64", variants(), &[&genome], "bed"),
        case("score-variants --context 64 --all-snvs", spans, &[&genome], "vcf"),
        case("embed --long truncate", regions(), &[&genome], "tsv"),
        case("embed", file("demo/reads.fq"), &[], "tsv"),
        case("likelihood", file("demo/sequences.fa"), &[], "tsv"),
        case("likelihood", file("demo/sequences.fa"), &[], "bedgraph"),
        case("mutagenesis --fast", file("demo/sequences.fa"), &[], "tsv"),
        case(&predict, file("demo/sequences.fa"), &[], "tsv"),
    ]
}

/// The lines without those that say how the file was made.
fn rows(bytes: &[u8]) -> Vec<String> {
    let own = |line: &&str| {
        !line.starts_with("##hyenadna_command=") && !line.starts_with("##hyenadna_shard")
    };
    String::from_utf8(bytes.to_vec()).unwrap().lines().filter(own).map(str::to_owned).collect()
}

#[test]
fn merged_shards_are_one_run() {
    let scratch = Scratch::new();
    let head = scratch.path("head");
    heads::write(&head, &heads::two_classes());
    for (number, case) in cases(&head).iter().enumerate() {
        let Case { words, input, rest, format } = case;
        let packed = number % 2 == 1 && !words.contains("all-snvs");
        let bytes = if packed { bgzip(input) } else { input.clone() };
        let input = scratch.file(&format!("input{number}"), bytes);
        let paths: Vec<&str> = [&input].into_iter().chain(rest).map(String::as_str).collect();
        // options go before a word such as --all-snvs, whose value is the input
        let (command, others) = words.split_once(' ').unwrap_or((words, ""));
        let of_format = match command {
            "mutagenesis" => String::new(), // has only one
            _ => format!("--format {format}"),
        };
        let with = |options: &str| format!("{command} {of_format} {options} {others}");
        let whole = rows(&ok(&with(""), &paths));
        for of in [1, 2, 7] {
            let part = |shard| {
                let part = scratch.path(&format!("{number}.{shard}.{format}.gz"));
                ok(&with(&format!("--shard {shard}/{of} -o {part}")), &paths);
                part
            };
            let parts: Vec<String> = (1..=of).map(part).collect();
            let parts: Vec<&str> = parts.iter().rev().map(String::as_str).collect();
            let merged = ok("merge", &parts);
            assert!(rows(&merged) == whole, "{words} --format {format}, {of} shards");
            let line = format!("##hyenadna_shards={of}\n");
            assert_eq!(String::from_utf8(merged).unwrap().matches(&line).count(), 1);
        }
    }
}

#[test]
fn merged_files_are_compressed_by_name() {
    let scratch = Scratch::new();
    let output = scratch.path("all.tsv.gz");
    let part = data("merge/part.tsv");
    assert!(ok(&format!("merge -o {output}"), &[&part]).is_empty());
    let text = read(&part)
        .replace("##hyenadna_shard=1/1\n##hyenadna_shard_places=0-19\n", "##hyenadna_shards=1\n");
    assert_eq!(String::from_utf8(gunzip(&fs::read(output).unwrap())).unwrap(), text);
}

/// Rows may begin with `#`, and so may lines of a VCF that is a part itself.
#[test]
fn headers_end_where_rows_begin() {
    let scratch = Scratch::new();
    let sequences = scratch.file("s.fa", ">#a\nACGT\n>##b\nACGTAC\n>#c\nAC\n>#d\nACGTA\n");
    let part = |words: &str, paths: &[&str], name: &str| {
        let path = scratch.path(name);
        ok(&format!("{words} -o {path}"), paths);
        path
    };
    let whole = rows(&ok("likelihood", &[&sequences]));
    let parts = [1, 2, 3, 4]
        .map(|i| part(&format!("likelihood --shard {i}/4"), &[&sequences], &format!("{i}.tsv")));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    assert_eq!(rows(&ok("merge", &parts)), whole);
    let (genome, variants) = (data("demo/genome.fa"), data("demo/variants.vcf"));
    let words = "score-variants --context 64 --info-prefix";
    let first = part(&format!("{words} A --shard 1/2"), &[&variants, &genome], "first.vcf");
    let whole = rows(&ok(&format!("{words} B --format vcf"), &[&first, &genome]));
    let again = [1, 2].map(|i| {
        part(&format!("{words} B --shard {i}/2"), &[&first, &genome], &format!("again{i}.vcf"))
    });
    assert_eq!(rows(&ok("merge", &[&again[1], &again[0]])), whole);
}

#[test]
fn an_index_is_written_with_the_merged_file() {
    let scratch = Scratch::new();
    let (output, genome) = (scratch.path("all.vcf.gz"), data("demo/genome.fa"));
    let variants = data("demo/variants.vcf");
    let part = scratch.path("part.vcf.gz");
    ok(&format!("score-variants --context 64 --shard 1/1 -o {part}"), &[&variants, &genome]);
    for (option, suffix, magic) in
        [("--write-index", "tbi", b"TBI\x01"), ("--write-index=csi", "csi", b"CSI\x01")]
    {
        ok(&format!("merge {option} -o {output}"), &[&part]);
        let index = fs::read(format!("{output}.{suffix}")).unwrap();
        assert!(gunzip(&index).starts_with(magic));
    }
    let table = data("merge/part.tsv");
    ok(&format!("merge --write-index -o {}", scratch.path("table.tsv.gz")), &[&table]);
    assert!(scratch.names().contains(&"table.tsv.gz.tbi".to_owned()));
    fails("merge --write-index", &[&part], 2, &["compressed with bgzip"]);
    let lines = read(&table).replace("chr1\t0", "chr3\t0").replace("#chrom", "#name");
    let named = scratch.file("named.tsv", lines);
    let output = scratch.path("named.tsv.gz");
    fails(&format!("merge --write-index -o {output}"), &[&named], 1, &["no columns of positions"]);
    assert!(!fs::exists(output).unwrap());
}

#[test]
fn parts_that_are_not_one_whole_are_refused() {
    let scratch = Scratch::new();
    let genome = data("demo/genome.fa");
    let regions = scratch.file("r.bed", fs::read(data("demo/regions.bed")).unwrap());
    let part = |name: &str, options: &str| {
        let path = scratch.path(name);
        ok(&format!("embed --long truncate {options} -o {path}"), &[&regions, &genome]);
        path
    };
    let (one, two) = (part("1.tsv", "--shard 1/3"), part("2.tsv", "--shard 2/3"));
    let three = part("3.tsv", "--shard 3/3");
    let refused = |parts: &[&str], phrases: &[&str]| {
        let output = scratch.path("merged.tsv");
        fails(&format!("merge -o {output}"), parts, 1, phrases);
        assert!(!fs::exists(output).unwrap());
    };
    refused(&[&one, &three], &["shards are missing: 2/3"]);
    refused(&[&one, &two, &two, &three], &["2.tsv and", "are both shard 2/3"]);
    refused(&[&one, &two, &part("w.tsv", "--shard 3/4")], &["w.tsv is a shard of 4", "one of 3"]);
    let other = part("o.tsv", "--shard 2/3 --pool max");
    refused(&[&one, &other, &three], &["o.tsv was made in another way", "##hyenadna_pool=mean"]);
    let more =
        scratch.file("more.tsv", read(&two).replacen("##hyenadna", "##more=1\n##hyenadna", 1));
    let problem = "found ##more=1, expected no such line";
    refused(&[&one, &more, &three], &["more.tsv was made in another way", problem]);
    let more =
        scratch.file("more.tsv", read(&one).replacen("##hyenadna", "##more=1\n##hyenadna", 1));
    refused(&[&more, &two, &three], &["found no such line, expected ##more=1"]);
    let blank = read(&two).replacen("\n", " \n", 1);
    let problem = format!("found {}, expected", blank.lines().next().unwrap());
    refused(&[&one, &scratch.file("blank.tsv", &blank), &three], &["blank.tsv", &problem]);
    refused(&[&one, &two, &part("whole.tsv", "")], &["whole.tsv does not say which shard it is"]);
    refused(&[&part("n.tsv", "--shard 1/3 --no-header")], &["does not say which shard it is"]);
    let cut = scratch.file("cut.tsv", read(&two).trim_end());
    refused(&[&one, &cut, &three], &["cut.tsv ends within a line"]);
    let damaged = scratch.file("d.tsv", read(&two).replace("_places=", "_places=x"));
    refused(&[&one, &damaged, &three], &["d.tsv", "is damaged"]);
    let (start, end) =
        read(&two).split_once("_places=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let moved = scratch.file("moved.tsv", format!("{start}_places=1{end}"));
    refused(&[&one, &moved, &three], &["1.tsv ends at", "moved.tsv starts at"]);
    fs::write(&regions, read(&regions).replace("telomere", "tel")).unwrap();
    refused(&[&one, &part("c.tsv", "--shard 2/3"), &three], &["c.tsv", "shard_input"]);
    let joined = scratch.file("joined.tsv", read(&two) + &read(&three));
    let line =
        format!("joined.tsv, line {}: the row has 1 column,", read(&two).lines().count() + 1);
    refused(&[&one, &joined, &three], &[&line, "two in one"]);
    let wide = scratch.file("wide.tsv", read(&two).trim_end().to_owned() + "\t1\n");
    refused(&[&one, &wide, &three], &["wide.tsv, line", "the file is damaged"]);
    let ends = scratch.file("ends.tsv", read(&two).replace('\n', "\r\n"));
    refused(&[&one, &ends, &three], &["ends.tsv was made in another way", "\\r\\n"]);
    fails("merge -o x.vcf", &[&one, &two, &three], 2, &["another format than its parts"]);
    fails("merge", &["-"], 2, &["cannot be stdin"]);
    fails("merge -o x.bcf", &[&one, &two, &three], 2, &["no output format with the suffix .bcf"]);
    let columns = scratch.file("columns.tsv", read(&two).replace("\te0\t", "\tx\t"));
    refused(&[&one, &columns, &three], &["columns.tsv has other columns than"]);
    assert!(!ok("merge", &[&three, &one, &two]).is_empty());
}

#[test]
fn what_has_no_shards_is_refused() {
    let scratch = Scratch::new();
    let genome = data("demo/genome.fa");
    let variants = data("demo/variants.vcf");
    let packed = scratch.file("v.vcf.gz", gzip(&fs::read(&variants).unwrap()));
    let sorted = data("demo/regions.bed");
    for (words, paths, code, phrase) in [
        ("embed --shard 3/2", vec![&sorted, &genome], 2, "there are 2 shards"),
        ("embed --shard 0/2", vec![&sorted, &genome], 2, "expected I/N"),
        ("embed --shard 1/2 -r chr1:1-9", vec![&genome], 2, "cannot be combined with --region"),
        (
            "score-variants --shard 1/2 --variant chr1:41:T:A",
            vec![&genome],
            2,
            "cannot be combined with --variant",
        ),
        ("score-variants --shard 1/2 --phase", vec![&variants, &genome], 2, "contig by contig"),
        ("score-variants --shard 1/2 --null 10", vec![&variants, &genome], 2, "--use-null"),
        ("score-variants --shard 1/2", vec![&packed, &genome], 1, "compress it with bgzip"),
        (
            "mutagenesis --shard 1/2 --plot x",
            vec![&sorted, &genome],
            2,
            "cannot be combined with --shard",
        ),
        (
            "mutagenesis --shard 1/2 --matrix x.npy",
            vec![&sorted, &genome],
            2,
            "cannot be combined with --shard",
        ),
    ] {
        let paths: Vec<&str> = paths.into_iter().map(String::as_str).collect();
        fails(words, &paths, code, &[phrase]);
    }
    fails("score-variants --shard 1/2", &["-", &genome], 1, &["not of a stream"]);
    let snvs = "score-variants --shard 1/2 --all-snvs";
    fails(snvs, &["/dev/null", &genome], 1, &["/dev/null", "not of a stream"]);
}
