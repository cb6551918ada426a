//! `mutagenesis`: its numbers are those of `score-variants`; tables, matrices and pictures.

use std::fs;

use crate::harness::{
    Scratch, command,
    demo::genome,
    fails, files,
    genome::{bases, contig, fasta, vcf},
    in_shell, ok, read, run,
    table::{Table, assert_close, assert_same_numbers, npy_file},
    text,
};

const WORDS: &str = "-q mutagenesis --context 64";

fn mutated(options: &str, paths: &[&str]) -> Table {
    Table::parse(&text(&format!("{WORDS} {options}"), paths))
}

/// The rows in which a base is taken out, or those in which it is another.
fn part(table: &Table, deletions: bool) -> Table {
    let alternatives = table.column("alt");
    let is_asked = |&i: &usize| (alternatives[i] == "-") == deletions;
    let rows = (0..table.rows.len()).filter(is_asked).map(|i| table.rows[i].clone()).collect();
    Table { comments: Vec::new(), header: table.header.clone(), rows }
}

/// Contig, 1-based position, REF and ALT of each row, from columns of these names.
fn changes(table: &Table, names: &str) -> Vec<[String; 4]> {
    let names: Vec<&str> = names.split(' ').collect();
    let columns: Vec<Vec<&str>> = names.iter().map(|name| table.column(name)).collect();
    (0..table.rows.len()).map(|i| std::array::from_fn(|k| columns[k][i].to_owned())).collect()
}

/// The names of these columns in each kind of table.
const OF_REGIONS: &str = "chrom chromEnd ref alt";
const OF_SEQUENCES: &str = "id end ref alt";
const OF_VARIANTS: &str = "CHROM POS REF ALT";

/// Regions into a run of N, within a contig, and at the ends of one.
fn regions(scratch: &Scratch) -> String {
    scratch.file(
        "r.bed",
        "chr1\t8990\t9005\tinto_N\t0\t-\nchr2\t500\t520\t.\t0\t+\n\
         chr3\t0\t9\tfirst\t0\t.\nchr3\t598\t607\tlast\t0\t-\n",
    )
}

#[test]
fn numbers_are_those_of_all_snvs() {
    let scratch = Scratch::new();
    let bed = regions(&scratch);
    for options in [
        "--scores all",
        "--scores all --window tiled",
        "--scores llr,site,jsd --downstream 10",
        "--scores llr --strand reverse",
    ] {
        let got = mutated(options, &[&bed, &genome()]);
        let words = format!("-q score-variants --context 64 {options} --all-snvs {bed}");
        let want = Table::parse(&text(&words, &[&genome()]));
        assert_eq!(changes(&got, OF_REGIONS), changes(&want, OF_VARIANTS));
        let numbers = &want.header[5..want.header.len() - 1];
        assert_eq!(got.header[6..], *numbers);
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        assert_same_numbers(&got, &want, &numbers, 1e-5);
    }
    let table = mutated("", &[&bed, &genome()]);
    assert_eq!(
        table.header.join(" "),
        "chrom chromStart chromEnd name ref alt llr llr_fwd llr_rev"
    );
    let mut names = table.column("name");
    names.dedup();
    assert_eq!(names, ["into_N", ".", "first", "last"]);
    let three = scratch.file("three.bed", "chr2\t500\t502\n");
    assert_eq!(mutated("", &[&three, &genome()]).column("name"), ["."; 6]);
    for setting in ["context=64", "window=centered", "strand=both", "reference=", "model="] {
        let start = format!("##hyenadna_{setting}");
        assert!(table.comments.iter().any(|line| line.starts_with(&start)), "{setting}");
    }
    let plain = text(&format!("{WORDS} --no-header"), &[&bed, &genome()]);
    assert_eq!(Table::parse(&plain).rows, table.rows);
}

/// A base that is taken out is the deletion that a VCF writes with the base before it.
#[test]
fn deletions_are_those_of_a_vcf() {
    let scratch = Scratch::new();
    let bed = regions(&scratch);
    let got = mutated("--deletions --scores all", &[&bed, &genome()]);
    assert_eq!(part(&got, false).rows, mutated("--scores all", &[&bed, &genome()]).rows);
    let mut deletions = part(&got, true);
    assert_eq!(3 * deletions.rows.len(), part(&got, false).rows.len());
    // a VCF that is trimmed from the right takes out the first of equal bases
    let base = |row: &[String], by: usize| {
        let position: usize = row[2].parse().unwrap();
        let bases = contig("demo/genome.fa", &row[0]);
        bases[position - 1 - by..position - by].to_ascii_uppercase()
    };
    deletions
        .rows
        .retain(|row| row[1] != "0" && base(row, 1) != base(row, 0) && base(row, 1) != "N");
    assert!(deletions.rows.len() > 20, "{}", deletions.rows.len());
    let records: Vec<(String, usize, String, String)> = deletions
        .rows
        .iter()
        .map(|row| {
            let before = base(row, 1);
            (row[0].clone(), row[1].parse().unwrap(), before.clone() + &base(row, 0), before)
        })
        .collect();
    let variants = vcf(&scratch, "v.vcf", &records);
    let words = "-q score-variants --context 64 --scores all";
    let want = Table::parse(&text(words, &[&variants, &genome()]));
    assert!(want.column("status").iter().all(|status| *status == "ok"));
    let numbers: Vec<&str> = got.header[6..].iter().map(String::as_str).collect();
    assert_same_numbers(&deletions, &want, &numbers, 1e-5);
}

#[test]
fn fast_has_the_score_site_and_no_other() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t500\t510\n");
    let rows = |words: &str| Table::parse(&text(words, &[&bed, &genome()])).rows;
    let named = rows("-q mutagenesis --fast --scores site --context 64");
    assert_eq!(named, rows("-q mutagenesis --fast --context 64"));
    let words = "mutagenesis --fast --scores site,llr";
    fails(words, &[&bed, &genome()], 2, &["--fast has no scores but site"]);
}

/// One pass a strand gives the site scores of the windows of the grid.
#[test]
fn fast_is_the_site_score_of_tiles() {
    let scratch = Scratch::new();
    let long = "chr2\t500\t700\nchr3\t0\t100\nchr3\t500\t607\nchr1\t8980\t9010\nchrM\t7\t8\n";
    let bed = scratch.file("r.bed", long);
    let sorted = scratch.file(
        "s.bed",
        "chr1\t8980\t9010\nchr2\t500\t700\nchr3\t0\t100\nchr3\t500\t607\nchrM\t7\t8\n",
    );
    for options in ["", "--strand forward", "--strand reverse", "--context 7", "--circular chr3"] {
        let words = if options.contains("--context") { "-q" } else { "-q --context 64" };
        let [global, context] = [&words[..2], &words[2..]];
        let got = format!("{global} mutagenesis {context} --fast {options}");
        let mut got = Table::parse(&text(&got, &[&bed, &genome()]));
        assert_eq!(got.header[6..].join(" "), "site site_fwd site_rev");
        got.rows.sort_by_key(|row| (row[0].clone(), row[1].parse::<u64>().unwrap()));
        let want = format!(
            "{global} score-variants {context} --scores site --window tiled {options} --all-snvs {sorted}"
        );
        let want = Table::parse(&text(&want, &[&genome()]));
        assert_eq!(changes(&got, OF_REGIONS), changes(&want, OF_VARIANTS));
        for name in ["site", "site_fwd", "site_rev"] {
            let [got, want] = [&got, &want].map(|table| table.numbers(name));
            for (i, (got, want)) in got.into_iter().zip(want).enumerate() {
                let is_close = match (got, want) {
                    (Some(got), Some(want)) => (got - want).abs() <= 1e-4,
                    (got, want) => got == want,
                };
                assert!(is_close, "{options} {name}, row {i}: {got:?}, expected {want:?}");
            }
        }
    }
    let table = mutated("--fast", &[&bed, &genome()]);
    assert!(table.comments.contains(&"##hyenadna_window=tiled".to_owned()));
}

#[test]
fn sequences_are_contigs_of_their_own() {
    let scratch = Scratch::new();
    let (one, two) = (bases(90, 7), bases(30, 8));
    let sequences =
        fasta(&scratch, "s.fa", &[("one", &one), ("two", &two), ("N", "NN"), ("A", "a")]);
    let bed = scratch.file("r.bed", "one\t0\t90\ntwo\t0\t30\nN\t0\t2\nA\t0\t1\n");
    let quality = |bases: &str| "I".repeat(bases.len());
    let reads = [("one", one.as_str()), ("two", &two), ("N", "NN"), ("A", "a")]
        .map(|(name, bases)| format!("@{name} x\n{bases}\n+\n{}\n", quality(bases)))
        .concat();
    let reads = scratch.file("s.fq.gz", files::gzip(reads.as_bytes()));
    for options in ["", "--fast", "--deletions --scores all"] {
        let of_regions = mutated(options, &[&bed, &sequences]);
        for input in [&sequences, &reads] {
            let table = mutated(options, &[input]);
            let count = if options.contains("deletions") { 4 } else { 3 };
            // a contig of one base has no window
            assert_eq!(table.rows.len(), count * 120, "{options}");
            assert_eq!(table.header[..5].join(" "), "id start end ref alt");
            assert_eq!(changes(&table, OF_SEQUENCES), changes(&of_regions, OF_REGIONS));
            let got: Vec<Vec<String>> = table.rows.iter().map(|row| row[5..].to_vec()).collect();
            let want: Vec<Vec<String>> =
                of_regions.rows.iter().map(|row| row[6..].to_vec()).collect();
            assert_eq!(got, want, "{options}");
        }
    }
    // they have neither a reference nor what stands around them
    let log = fails(
        "mutagenesis --context 64 -o /dev/null",
        &[&sequences],
        0,
        &["N, whose changes are not scored: 2"],
    );
    assert!(!log.contains("panicked"));
}

#[test]
fn a_matrix_has_a_row_for_each_base() {
    let scratch = Scratch::new();
    let bed = regions(&scratch);
    for (options, letters, score) in [
        ("", "ACGT", "llr"),
        ("--deletions --scores jsd,site", "ACGT-", "jsd"),
        ("--fast", "ACGT", "site"),
    ] {
        let (output, matrix) = (scratch.path("out.tsv"), scratch.path("m.npy"));
        let words = format!("{WORDS} {options} --matrix {matrix} -o");
        assert!(ok(&words, &[&output, &bed, &genome()]).is_empty());
        let table = Table::parse(&read(&output));
        let rows = Table::parse(&read(&scratch.path("m.rows.tsv")));
        assert_eq!(rows.header.join(" "), "chrom chromStart chromEnd name ref");
        assert_eq!(rows.comments, table.comments);
        let matrix = npy_file(&matrix);
        assert_eq!((matrix.len(), rows.rows.len()), (53, 53));
        // the score that was named first, base by base
        let mut numbers = table.numbers(score).into_iter().flatten();
        let want: Vec<Vec<f64>> = rows
            .rows
            .iter()
            .map(|row| {
                let value = |letter: char| match row[4].as_str() {
                    "N" => f64::NAN,
                    base if base == letter.to_string() => 0.0,
                    _ => numbers.next().unwrap(),
                };
                letters.chars().map(value).collect()
            })
            .collect();
        assert!(numbers.next().is_none());
        assert!(want.iter().flatten().any(|value| value.is_nan()));
        assert_close(&matrix, &want, 1e-5);
        let positions = rows.rows.iter().map(|row| row[1].parse::<usize>().unwrap());
        let all = (8990..9005).chain(500..520).chain(0..9).chain(598..607);
        assert!(positions.eq(all));
        assert_eq!(scratch.names(), ["m.npy", "m.rows.tsv", "out.tsv", "r.bed"]);
    }
    // of sequences
    let sequences = fasta(&scratch, "s.fa", &[("s", "ACGTN")]);
    let matrix = scratch.path("s.npy");
    ok(&format!("{WORDS} -o /dev/null --matrix"), &[&matrix, &sequences]);
    let rows = Table::parse(&read(&scratch.path("s.rows.tsv")));
    assert_eq!(rows.header.join(" "), "id start end ref");
    assert_eq!(rows.column("ref").concat(), "ACGTN");
    let matrix = npy_file(&matrix);
    assert!((0..4).all(|i| matrix[i][i] == 0.0) && matrix[4].iter().all(|value| value.is_nan()));
    // to stdout it is alone
    let stdout = ok(&format!("{WORDS} -o /dev/null --matrix"), &["-", &sequences]);
    assert_eq!(&stdout[..6], b"\x93NUMPY");
}

#[test]
fn each_entry_has_a_pair_of_pictures() {
    for (options, score) in [("--deletions", "llr"), ("--fast", "site")] {
        let scratch = Scratch::new();
        let bed = regions(&scratch);
        let words = format!("{WORDS} {options} -o /dev/null --plot");
        ok(&words, &[&scratch.path("p"), &bed, &genome()]);
        let pairs = (1..=4).flat_map(|i| [format!("p.{i}.png"), format!("p.{i}.svg")]);
        assert_eq!(scratch.names(), pairs.chain(["r.bed".to_owned()]).collect::<Vec<_>>());
        let titles =
            ["into_N  chr1:8991-9005", "chr2:501-520", "first  chr3:1-9", "last  chr3:599-607"];
        let mut drawn = Vec::new();
        for (number, title) in (1..).zip(titles) {
            let png = fs::read(scratch.path(&format!("p.{number}.png"))).unwrap();
            assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 1_000, "{number}");
            assert!(!drawn.contains(&png), "{number} looks like another");
            drawn.push(png);
            let svg = read(&scratch.path(&format!("p.{number}.svg")));
            assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{number}");
            assert!(svg.contains(&format!("{title}, {score}<")), "{number}: {svg}");
        }
    }
}

#[test]
fn a_picture_that_cannot_be_written_is_an_error() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t100\t103\n");
    let (missing, output) = (scratch.path("no/folder/p"), scratch.path("out.tsv"));
    let paths: &[&str] = &[&missing, "-o", &output, &bed, &genome()];
    fails(&format!("{WORDS} --plot"), paths, 1, &[&missing]);
    assert_eq!(scratch.names(), ["r.bed"]);
}

/// The folder is looked at before anything is computed: the regions would fail later.
#[test]
fn the_folder_of_pictures_is_looked_at_first() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr9\t100\t103\n");
    let missing = scratch.path("no/p");
    fails(&format!("{WORDS} --plot"), &[&missing, &bed, &genome()], 1, &[&missing, "folder"]);
    for folder in [scratch.path(""), scratch.path("no/"), ".".to_owned(), "/".to_owned()] {
        let paths: &[&str] = &[&folder, &bed, &genome()];
        fails(&format!("{WORDS} --plot"), paths, 2, &["--plot", &folder, "start of a name"]);
    }
    assert_eq!(scratch.names(), ["r.bed"]);
}

/// An output that cannot be written is the one that the message names.
#[test]
fn errors_name_their_own_output() {
    let scratch = Scratch::new();
    let long = fasta(&scratch, "l.fa", &[("s", &bases(60, 3))]);
    let named = fasta(&scratch, "n.fa", &[("n".repeat(40).as_str(), &bases(24, 3))]);
    let table = scratch.path("out.tsv");
    let words = format!("{WORDS} --matrix /dev/full -o");
    let log = fails(&words, &[&table, &long], 1, &["/dev/full", "No space left"]);
    assert!(!log.contains(&table), "{log}");
    // files may grow to 512 bytes
    for (option, name, input, failed) in [
        ("--plot", "p", &long, "p.1.svg"),
        ("--matrix", "m.npy", &long, "m.npy"),
        ("--matrix", "m.npy", &named, "m.rows.tsv"),
    ] {
        let words = format!("{WORDS} --fast --no-header -o /dev/null {option}");
        let bare = command(&words, &[&scratch.path(name), input]);
        let outcome = run(&mut in_shell("trap '' XFSZ; ulimit -f 1; exec \"$@\"", &bare));
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        for phrase in [&*scratch.path(failed), "too large"] {
            assert!(outcome.stderr.contains(phrase), "{failed}: {outcome:?}");
        }
        assert_eq!(scratch.names(), ["l.fa", "n.fa"]);
    }
}

#[test]
fn errors_leave_neither_table_nor_matrix_nor_pictures() {
    let scratch = Scratch::new();
    let (output, matrix) = (scratch.path("out.tsv"), scratch.path("m.npy"));
    let plot = scratch.path("p");
    for (line, phrases) in [
        ("chr2\t30\t30\n", ["line 2", "is empty"]),
        ("chr2\t8000\t8004\n", ["line 2", "8003 bases"]),
        ("chr9\t1\t2\n", ["line 2", "chr9"]),
        ("chr2\tx\t2\n", ["line 2", "x"]),
    ] {
        // in the first line too
        for (lines, number) in
            [(format!("chr1\t100\t103\n{line}"), "line 2"), (line.to_owned(), "line 1")]
        {
            let bed = scratch.file("r.bed", lines);
            let words = format!("{WORDS} --matrix {matrix} --plot {plot} -o");
            let phrases = [&bed, number, phrases[1]];
            fails(&words, &[&output, &bed, &genome()], 1, &phrases);
            assert_eq!(scratch.names(), ["r.bed"], "{line}");
        }
    }
    fs::remove_file(scratch.path("r.bed")).unwrap();
    let broken = scratch.file("s.fq", "@a\nACGT\n+\nIIII\n@b\nACGT\n+\nIII\n");
    let words = format!("{WORDS} --matrix {matrix} --plot {plot} -o");
    fails(&words, &[&output, &broken], 1, &[&broken, "b"]);
    assert_eq!(scratch.names(), ["s.fq"]);
    // what was there before stays
    scratch.file("out.tsv", "old");
    scratch.file("m.npy", "old");
    fails(&format!("{WORDS} --matrix {matrix} -o"), &[&output, &broken], 1, &[]);
    assert_eq!((read(&output), read(&matrix)), ("old".to_owned(), "old".to_owned()));
    assert_eq!(scratch.names(), ["m.npy", "out.tsv", "s.fq"]);
}

#[test]
fn options_that_exclude_each_other() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t100\t103\n");
    let paths: &[&str] = &[&bed, &genome()];
    let refused = |options: &str, phrases: &[&str]| {
        fails(&format!("{WORDS} {options}"), paths, 2, phrases);
        assert_eq!(scratch.names(), ["r.bed"], "{options}");
    };
    refused("--fast --deletions", &["--fast", "--deletions"]);
    refused("--fast --scores llr", &["--fast", "--scores"]);
    refused("--fast --downstream 5", &["--fast", "--downstream"]);
    refused("--fast --window tiled", &["--fast", "--window"]);
    refused("--strand gene", &["--genes"]);
    refused(&format!("--genes {bed}"), &["--strand gene"]);
    refused("--matrix -", &["stdout", "-o"]);
    let same = scratch.path("same");
    for name in ["m5.1.svg", "m5.1.svg.gz", "m5.2.png"] {
        let plot = scratch.path("m5");
        refused(&format!("--plot {plot} -o {}", scratch.path(name)), &["-o", "--plot"]);
        let matrix = scratch.path(name);
        let is_picture = !name.ends_with("gz");
        if is_picture {
            refused(&format!("--plot {plot} --matrix {matrix}"), &[&matrix, "--plot"]);
        }
    }
    refused(&format!("--matrix {same} -o {same}"), &["same file"]);
    // by another way to the same place
    for (matrix, table) in [
        ("same", "./same"),
        ("./same", "same"),
        (&same, "same"),
        ("./m.npy", "m.rows.tsv"),
        ("m.npy", "./m.rows.tsv"),
    ] {
        let words = format!("{WORDS} --matrix {matrix} -o {table}");
        let outcome = run(command(&words, paths).current_dir(scratch.path("")));
        assert_eq!(outcome.code, Some(2), "{words}: {outcome:?}");
        assert_eq!(scratch.names(), ["r.bed"], "{words}");
    }
    // the names of the rows would lie where the table or the input does
    let rows = scratch.path("m.rows.tsv");
    refused(&format!("--matrix {} -o {rows}", scratch.path("m.npy")), &[&rows, "taken"]);
    let once = ["only one input can be stdin"];
    fails(WORDS, &["-", "-"], 2, &once);
    let genes = format!("{WORDS} --strand gene --genes -");
    fails(&genes, &["-", &genome()], 2, &once);
    fails(&genes, &[&bed, "-"], 2, &once);
    fails(WORDS, &[&bed], 2, &["HYENADNA_REFERENCE", &bed]);
    let outcome = run(command(WORDS, &[&bed]).env("HYENADNA_REFERENCE", genome()));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}

#[test]
fn no_output_replaces_an_input() {
    let scratch = Scratch::new();
    let lines = "chr1\t100\t103\tx\t0\t+\n";
    let genome = scratch.file("g.fa", read(&genome()));
    let bed = scratch.file("in.bed", lines);
    let genes = scratch.file("genes", lines);
    let picture = scratch.file("p.1.svg", lines);
    std::os::unix::fs::symlink(&bed, scratch.path("link")).unwrap();
    fs::create_dir(scratch.path("folder")).unwrap();
    let before = scratch.names();
    let with_genes = format!("--strand gene --genes {genes}");
    for (options, phrase) in [
        ("--matrix in.bed", "in.bed"),
        ("--matrix ./in.bed", "in.bed"),
        ("--matrix folder/../in.bed", "in.bed"),
        ("--matrix link", "in.bed"),
        ("-o in.bed", "in.bed"),
        ("-o link", "in.bed"),
        ("--matrix g.fa", "g.fa"),
        ("--matrix genes", "genes"),
        ("-o genes", "genes"),
    ] {
        let words = format!("{WORDS} {with_genes} {options}");
        let outcome = run(command(&words, &[&bed, &genome]).current_dir(scratch.path("")));
        assert_eq!(outcome.code, Some(2), "{options}: {outcome:?}");
        for phrase in ["the same file", phrase] {
            assert!(outcome.stderr.contains(phrase), "{options}: {outcome:?}");
        }
    }
    let plot = format!("{WORDS} -o /dev/null --plot {}", scratch.path("p"));
    fails(&plot, &[&picture, &genome], 2, &[&picture, "--plot"]);
    assert_eq!(scratch.names(), before);
    assert!([&bed, &genes, &picture].iter().all(|path| read(path) == lines));
    // one file may be read as several inputs, and what is written again may be there
    let again = format!("{WORDS} --strand gene --genes {bed} -o {}", scratch.path("out.tsv"));
    ok(&again, &[&bed, &genome]);
    ok(&again, &[&bed, &genome]);
}

#[test]
fn what_has_nothing_to_score_is_counted() {
    let scratch = Scratch::new();
    let sequences = scratch.file("s.fa", ">none\n>one\nACG\n>n\nNN\n>last\n\n>two\nAC\n");
    let plot = scratch.path("p");
    let words = format!("mutagenesis --context 8 --plot {plot} -o");
    for options in ["", "--fast", "--deletions"] {
        let table = scratch.path("out.tsv");
        let words = format!("{} {options}", words.trim_end_matches(" -o"));
        let warnings = ["without a base that can be changed: 3", "are not scored: 2"];
        fails(&format!("{words} -o"), &[&table, &sequences], 0, &warnings);
        fails(&format!("{words} --strict -o"), &[&table, &sequences], 3, &warnings);
        // neither base of AC can be deleted: one base alone has no prediction
        let rows = if options == "--deletions" { 18 } else { 15 };
        assert_eq!(Table::parse(&read(&table)).rows.len(), rows);
        // pictures keep the numbers of the input
        let pictures = ["p.2.png", "p.2.svg", "p.3.png", "p.3.svg", "p.5.png", "p.5.svg"];
        assert_eq!(scratch.names(), [&["out.tsv"], &pictures[..], &["s.fa"]].concat());
    }
    let whole = scratch.file("w.fa", ">one\nACNG\n");
    let log = fails(&format!("{words} /dev/null --strict"), &[&whole], 0, &["are not scored: 1"]);
    assert!(!log.contains("without a base"), "{log}");
    let bed = scratch.file("none.bed", "# nothing\n");
    for words in [format!("{words} /dev/null"), "mutagenesis --fast --strict".to_owned()] {
        fails(&words, &[&bed, &genome()], 0, &["none.bed has no region"]);
    }
}

#[test]
fn the_names_of_rows_never_replace_an_input() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.rows.tsv", "chr1\t100\t103\n");
    let matrix = scratch.path("r.npy");
    let words = format!("{WORDS} -o /dev/null --matrix");
    fails(&words, &[&matrix, &bed, &genome()], 2, &[&bed, "taken"]);
    assert_eq!(read(&bed), "chr1\t100\t103\n");
}

#[test]
fn a_circle_has_no_ends() {
    let scratch = Scratch::new();
    let circle = bases(150, 9);
    let rotated = format!("{}{}", &circle[75..], &circle[..75]);
    let sequence = fasta(&scratch, "c.fa", &[("plasmid", &circle)]);
    let turned = fasta(&scratch, "t.fa", &[("plasmid", &rotated)]);
    let here = scratch.file("here.bed", "plasmid\t0\t3\nplasmid\t147\t150\n");
    let there = scratch.file("there.bed", "plasmid\t75\t78\nplasmid\t72\t75\n");
    let names = ["llr", "llr_fwd", "llr_rev", "site", "jsd"];
    let options = "--deletions --scores llr,site,jsd";
    let round = mutated(&format!("{options} --circular plasmid"), &[&here, &sequence]);
    let middle = mutated(options, &[&there, &turned]);
    assert_same_numbers(&round, &middle, &names, 1e-5);
    // a sequence without a reference may be one, too
    let whole = mutated(&format!("{options} --circular plasmid"), &[&sequence]);
    let rows = whole
        .rows
        .iter()
        .filter(|row| ["0", "1", "2", "147", "148", "149"].contains(&row[1].as_str()));
    let ends: Vec<Vec<String>> = rows.map(|row| row[5..].to_vec()).collect();
    let want: Vec<Vec<String>> = round.rows.iter().map(|row| row[6..].to_vec()).collect();
    assert_eq!(ends, want);
    let line = mutated(options, &[&here, &sequence]);
    assert_ne!(line.column("llr"), round.column("llr"));
    // and fast
    let fast = mutated("--fast --circular plasmid", &[&sequence]);
    assert_eq!(fast.rows.len(), 450);
    fails(
        &format!("{WORDS} --circular pBR322"),
        &[&here, &sequence],
        1,
        &["--circular pBR322", "plasmid", &sequence],
    );
}

#[test]
fn a_circle_that_is_not_among_the_sequences_is_named() {
    let scratch = Scratch::new();
    let sequences = fasta(&scratch, "s.fa", &[("chrM", "ACGTACGTAC"), ("p1", "ACGTAC")]);
    let words = "mutagenesis --context 8 -o /dev/null --circular";
    for options in ["", "--fast"] {
        let log = |names: &str| fails(&format!("{words} {names} {options}"), &[&sequences], 0, &[]);
        let missing = log("pUC19,MT,p2");
        assert!(missing.contains("--circular pUC19,p2: no sequence"), "{missing}");
        assert!(missing.contains("chrM, p1"), "{missing}");
        for names in ["p1,chrM", "M", "MT"] {
            assert!(!log(names).contains("--circular"), "{names}");
        }
    }
}

#[test]
fn pictures_name_what_they_show() {
    let scratch = Scratch::new();
    let sequence = fasta(&scratch, "s.fa", &[("s", "ACGTACGT")]);
    let divergence = "Jensen\u{2013}Shannon divergence (nats)";
    for (options, texts) in [
        ("", ["log-likelihood ratio (nats)", "mean loss (nats)", " nats, the 99th"]),
        ("--fast", ["site score (nats)", "mean loss (nats)", " nats, the 99th"]),
        ("--scores jsd", [divergence, "mean effect (nats)", " nats, the 99th"]),
        ("--scores embedding,llr", ["Euclidean distance<", "mean effect<", ", the 99th"]),
        ("--scores entropy", ["entropy (nats)", "mean effect (nats)", " nats, the 99th"]),
    ] {
        let words = format!("-q mutagenesis --context 8 -o /dev/null {options} --plot");
        ok(&words, &[&scratch.path("p"), &sequence]);
        let svg = read(&scratch.path("p.1.svg"));
        for text in texts {
            assert!(svg.contains(text), "{options}: {text} in {svg}");
        }
        let origin = "Model builtin:human-1k, mean of both strands.";
        assert!(svg.contains(origin), "{options}: {origin} in {svg}");
        let is_ratio = options.is_empty() || options == "--fast";
        assert_eq!(svg.contains("end at \u{b1}"), is_ratio, "{options}");
        assert_eq!(svg.contains("log-likelihood"), options.is_empty(), "{options}");
    }
    let words = "-q mutagenesis --context 8 -o /dev/null --strand reverse --plot";
    ok(words, &[&scratch.path("r"), &sequence]);
    assert!(read(&scratch.path("r.1.svg")).contains("human-1k, reverse strand."));
}

#[test]
fn the_strand_of_a_gene_is_read() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t100\t112\n");
    let genes = scratch.file("g.bed", "chr1\t50\t104\tg1\t0\t+\nchr1\t108\t200\tg2\t0\t-\n");
    for options in ["", "--fast"] {
        let table =
            mutated(&format!("{options} --strand gene --genes {genes}"), &[&bed, &genome()]);
        for (row, start) in table.rows.iter().zip(table.column("chromStart")) {
            let strands = (row[7] != ".", row[8] != ".");
            let want = match start.parse::<u64>().unwrap() {
                ..104 => (true, false),
                104..108 => (true, true),
                108.. => (false, true),
            };
            assert_eq!(strands, want, "{row:?}");
            if strands != (true, true) {
                assert!(row[6] == row[7] || row[6] == row[8], "{row:?}");
            }
        }
    }
    let elsewhere = scratch.file("e.bed", "chr9\t50\t104\tg1\t0\t+\n");
    let words = format!("mutagenesis --context 64 -o /dev/null --strand gene --genes {elsewhere}");
    fails(&words, &[&bed, &genome()], 0, &["no change lies in a gene", "chr9"]);
}
