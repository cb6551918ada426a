//! Labelled sequences of all kinds, as `hyenadna probe` reads them: coordinates, several labels, labels of
//! bases, parts by contigs, and data that do not fit.

use std::fs;

use crate::harness::{
    Scratch, command, fails,
    genome::{bases, fasta, turned},
    run,
    table::Table,
};

/// Length of a region.
const LENGTH: usize = 40;

/// Regions of each contig of the genome.
const COUNT: usize = 40;

/// Figures and log lines of a probe.
fn probe(options: &str, paths: &[&str]) -> (Table, String) {
    let outcome = run(&mut command(&format!("probe --kmer 2 --baselines kmers {options}"), paths));
    assert_eq!(outcome.code, Some(0), "{options} {paths:?}: {}", outcome.stderr);
    (Table::parse(std::str::from_utf8(&outcome.stdout).unwrap()), outcome.stderr)
}

/// Log lines of a probe about the task and its parts; it may refuse the task after that.
fn log(options: &str, paths: &[&str]) -> String {
    let log = run(&mut command(&format!("probe --baselines none {options}"), paths)).stderr;
    let is_about = |line: &&str| {
        ["task", "train", "valid", "test"].iter().any(|word| line.contains(&format!("] {word}: ")))
    };
    log.lines().filter(is_about).map(|line| format!("{line}\n")).collect()
}

fn says(log: &str, phrases: &[&str]) {
    for phrase in phrases {
        assert!(log.contains(phrase), "{phrase:?} is missing: {log}");
    }
}

/// The class of a region: every third base of class `at` is A, of the other class C.
fn class(i: usize) -> &'static str {
    ["at", "gc"][i % 2]
}

/// A contig of regions, end to end.
fn contig(seed: u64) -> String {
    let region = |i: usize| {
        let noise = bases(LENGTH, seed * 1000 + i as u64);
        let letter = ['A', 'C'][i % 2];
        let base = |(at, base)| if at % 3 == 0 { letter } else { base };
        noise.char_indices().map(base).collect::<String>()
    };
    (0..COUNT).map(region).collect()
}

/// A genome of two contigs, its path, and their bases.
fn genome(scratch: &Scratch) -> (String, [String; 2]) {
    let contigs = [contig(1), contig(2)];
    let [one, two] = &contigs;
    (fasta(scratch, "genome.fa", &[("chr1", one), ("chr2", two)]), contigs)
}

/// Every region of both contigs: contig, start, class and strand. The fourth is on the reverse strand.
fn regions() -> impl Iterator<Item = (&'static str, usize, &'static str, char)> {
    let of = |contig| {
        (0..COUNT).map(move |i| (contig, i * LENGTH, class(i), if i % 4 == 3 { '-' } else { '+' }))
    };
    ["chr1", "chr2"].into_iter().flat_map(of)
}

#[test]
fn regions_and_sequences_give_the_same_figures() {
    let scratch = Scratch::new();
    let (genome, contigs) = genome(&scratch);
    let mut table = "sequence,label,set\n".to_owned();
    let (mut bed, mut intervals) = (String::new(), "id,region,start,end,strand,label\n".to_owned());
    for (contig, start, class, strand) in regions() {
        let own = &contigs[usize::from(contig == "chr2")][start..start + LENGTH];
        let sequence = if strand == '-' { turned(own) } else { own.to_owned() };
        let part = ["train", "test"][usize::from(contig == "chr2")];
        let end = start + LENGTH;
        table += &format!("{sequence},{class},{part}\n");
        bed += &format!("{contig}\t{start}\t{end}\t{class}\t0\t{strand}\n");
        let bare = contig.trim_start_matches("chr");
        intervals += &format!("{start},{bare},{start},{end},{strand},{class}\n");
    }
    let table = scratch.file("x.csv", table);
    let bed = scratch.file("x.bed", bed);
    let intervals = scratch.file("intervals.csv", intervals);
    let (expected, _) = probe("--split-column set", &[&table]);
    assert_eq!(expected.rows[1][..5].join(" "), ". 2-mers all 40 40");
    let (found, log) = probe("--test-contigs chr2", &[&bed, &genome]);
    assert_eq!(found.rows, expected.rows);
    says(
        &log,
        &["task: single-label, 2 classes", "test: 40 sequences of 40 bases; at: 20, gc: 20"],
    );
    let by_number = "--test-contigs 2 --label-column 4 --reference";
    assert_eq!(probe(by_number, &[&genome, &bed]).0.rows, expected.rows);
    assert_eq!(probe("--test-contigs chr2", &[&intervals, &genome]).0.rows, expected.rows);
    let mut from_variable =
        command("probe --kmer 2 --baselines kmers --test-contigs chr2", &[&bed]);
    let outcome = run(from_variable.env("HYENADNA_REFERENCE", &genome));
    let found = Table::parse(std::str::from_utf8(&outcome.stdout).unwrap());
    assert_eq!(found.rows, expected.rows, "{}", outcome.stderr);

    // a window around the centre of each
    let (_, log) = probe("--test-contigs chr2 --window 60 --leak-share 2", &[&bed, &genome]);
    says(&log, &["train: 40 sequences of 60 bases"]);
    fails("probe --test-fraction 0.2", &[&bed], 2, &["x.bed has coordinates", "--reference FASTA"]);
    let wrong = [&bed[..], &genome];
    fails("probe --test-contigs chr3", &wrong, 1, &["no example lies on chr3", "on chr1, chr2"]);
    fails("probe --test-contigs chr2 --valid-contigs chr2", &wrong, 2, &["name it once"]);
    fails("probe --test-contigs chr2 --valid-contigs 2", &wrong, 2, &["name it once"]);
    fails("probe --test-contigs chr2", &[&table], 1, &["line 2", "has no coordinates"]);
    fails("probe --test-contigs chr2 --split-column 4", &wrong, 2, &["both divide the data"]);
    fails("probe --split-column set", &[&table, &genome], 2, &["--reference is for regions"]);
    fails("probe --split-column set --window 9", &[&table], 2, &["--window is for regions"]);
    fails("probe --test-contigs chr2 --label-info E", &wrong, 2, &["--label-info is for variants"]);
}

/// Folders of GenomicBenchmarks: a table of intervals for each class.
#[test]
fn classes_are_files_of_regions() {
    let scratch = Scratch::new();
    let (genome, _) = genome(&scratch);
    let folder = scratch.path("set");
    let mut beds = Vec::new();
    for class in ["at", "gc"] {
        let own = || regions().filter(|(_, _, its, _)| *its == class);
        let bed: String = own().map(|(c, s, _, _)| format!("{c}\t{s}\t{}\n", s + LENGTH)).collect();
        beds.push(format!("--class {class}={}", scratch.file(&format!("{class}.bed"), bed)));
        for (part, contig) in [("train", "chr1"), ("test", "chr2")] {
            let rows: String = own()
                .filter(|(its, ..)| *its == contig)
                .map(|(c, s, _, strand)| format!("{s},{c},{s},{},{strand}\n", s + LENGTH))
                .collect();
            let text = format!("id,region,start,end,strand\n{rows}");
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
            fs::create_dir_all(format!("{folder}/{part}")).unwrap();
            fs::write(format!("{folder}/{part}/{class}.csv.gz"), gzip.finish().unwrap()).unwrap();
        }
    }
    fs::write(format!("{folder}/metadata.yaml"), "version: 0\n").unwrap();
    let (found, log) = probe("", &[&folder, &genome]);
    says(&log, &["train: 40 sequences of 40 bases; at: 20, gc: 20", "test: 40 sequences"]);
    assert_eq!(found.rows.len(), 2);
    let options = format!("--test-contigs chr2 --reference {genome} {}", beds.join(" "));
    says(&probe(&options, &[]).1, &["train: 40 sequences of 40 bases; at: 20, gc: 20"]);
}

#[test]
fn variants_are_windows() {
    let scratch = Scratch::new();
    let (genome, contigs) = genome(&scratch);
    let mut text =
        "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n".to_owned();
    for (contig, start, class, _) in regions() {
        let at = start + LENGTH / 2;
        let reference = &contigs[usize::from(contig == "chr2")][at..=at];
        let other = if reference == "A" { "C" } else { "A" };
        let position = at + 1;
        text += &format!("{contig}\t{position}\t.\t{reference}\t{other}\t.\t.\tCLASS={class}\n");
    }
    let vcf = scratch.file("x.vcf", text);
    let paths = [&vcf[..], &genome];
    let options = "--test-contigs chr2 --label-info CLASS --window 30 --leak-share 2";
    let (alternatives, log) = probe(options, &paths);
    says(&log, &["train: 40 sequences of 30 bases; at: 20, gc: 20"]);
    assert_eq!(alternatives.rows[1][..5].join(" "), ". 2-mers all 40 40");
    let narrow = "--test-contigs chr2 --label-info CLASS --window 3 --leak-share 2";
    let [alternatives, references] =
        ["alt", "ref"].map(|allele| probe(&format!("{narrow} --allele {allele}"), &paths).0.rows);
    assert_ne!(alternatives, references);
    let words = "probe --test-contigs chr2";
    fails(words, &paths, 2, &["has variants", "--window N"]);
    fails(&format!("{words} --window 30"), &paths, 2, &["has variants", "--label-info KEY"]);
    let missing = format!("{words} --window 30 --label-info KIND");
    fails(&missing, &paths, 1, &["x.vcf, line 3: INFO KIND has no value"]);
}

#[test]
fn several_labels_and_targets_are_found() {
    let scratch = Scratch::new();
    let rows = |row: &dyn Fn(usize) -> String| -> String {
        (0..40).map(|i| format!("{},{}\n", bases(LENGTH, i as u64), row(i))).collect()
    };
    let file = |name: &str, header: &str, row: &dyn Fn(usize) -> String| {
        scratch.file(name, format!("sequence,{header}\n{}", rows(row)))
    };
    let flags = file("flags.csv", "a,b,c", &|i| format!("{},{},{}", i % 2, i % 3 / 2, i % 5 / 4));
    let options = "--test-fraction 0.25 --label-column";
    let found = log(&format!("{options} a,b,c"), &[&flags]);
    says(&found, &["task: multi-label, 3 labels", "train: 30 sequences of 40 bases; a: "]);
    assert_eq!(log(&format!("{options} 2-4"), &[&flags]), found);
    let lists = file("lists.csv", "label", &|i| ["x;y", "y", ".", "z"][i % 4].to_owned());
    let found = log("--test-fraction 0.25", &[&lists]);
    says(&found, &["task: multi-label, 3 labels", "x: ", "y: ", "z: "]);
    let digits = file("digits.csv", "label", &|i| ["010", "100", "011"][i % 3].to_owned());
    says(&log("--test-fraction 0.25", &[&digits]), &["task: multi-label, 3 labels", "; 1: "]);
    let numbers = file("numbers.csv", "u,v", &|i| format!("{i},{}", i as f64 / 10.0));
    says(
        &log(&format!("{options} u,v"), &[&numbers]),
        &["task: regression, 2 targets", "; u from ", ", v from "],
    );
    let each = file("each.csv", "label", &|i| {
        "01".repeat(LENGTH / 2).replacen("01", ["10", "?1"][i % 2], 1)
    });
    says(
        &log("--test-fraction 0.25", &[&each]),
        &["task: base-classes, 2 classes", "without a label: "],
    );
}

#[test]
fn bases_have_labels_of_tracks() {
    let scratch = Scratch::new();
    let (genome, _) = genome(&scratch);
    let genes: String = regions()
        .filter(|(_, _, class, _)| *class == "at")
        .map(|(contig, start, _, _)| format!("{contig}\t{start}\t{}\tgene\n", start + 10))
        .collect();
    let genes = scratch.file("genes.bed", genes);
    let sites = scratch.file("sites.bed", "chr1\t5\t15\nchr2\t100\t110\n");
    let options = format!("--test-contigs chr2 --window 400 --track {genes}");
    let found = log(&options, &[&genome]);
    says(
        &found,
        &[
            "task: base-classes, 2 classes",
            "train: 4 sequences of 400 bases; other: 1400 bases, gene: 200 bases",
        ],
    );
    let named = format!("--test-contigs chr2 --window 400 --track gene={genes}");
    assert_eq!(log(&named, &[&genome]), found);
    let both = format!("{named} --track site={sites} --step 200");
    says(
        &log(&both, &[&genome]),
        &[
            "task: base-labels, 2 labels",
            "train: 7 sequences of 400 bases",
            "gene: 350 bases, site: 10 bases",
        ],
    );
    let stretches = scratch.file("stretches.bed", "chr1\t0\t200\nchr2\t90\t290\n");
    let masked = format!(
        "--test-contigs chr2 --window 50 --track site={sites} --track gene={genes} --mask-unlabelled --reference {genome}"
    );
    says(
        &log(&masked, &[&stretches]),
        &[
            "train: 3 sequences of 50 bases; site: 10 bases, gene: 30 bases, without a label: 115 bases",
        ],
    );

    let far = scratch.file("far.bed", "chr1\t0\t10\nchr2\t1590\t1601\n");
    let words = |track: &str| format!("probe --test-contigs chr2 --track {track}");
    let far_phrases =
        ["far.bed, line 2: the interval ends at 1601, beyond chr2, which has 1600 bases"];
    fails(&words(&format!("x={far}")), &[&genome], 1, &far_phrases);
    let words_far = format!("{} --reference {genome}", words(&format!("x={far}")));
    fails(&words_far, &[&stretches], 1, &far_phrases);
    let mixed = format!("{} --track {genes}", words(&format!("x={sites}")));
    fails(&mixed, &[&genome], 2, &["each needs a name"]);
    fails(
        &format!("{} --task regression", words(&genes)),
        &[&genome],
        2,
        &["--track gives labels"],
    );
    fails(
        &format!("{} --window 9 --step 10", words(&genes)),
        &[&genome],
        2,
        &["--step 10 is more"],
    );
    fails("probe --mask-unlabelled", &[&genome], 2, &["--track"]);
    fails("probe --track =x", &[&genome], 2, &["expected FILE.bed or NAME=FILE.bed"]);
}

/// Everything that is wrong with a table has its line.
#[test]
fn data_that_do_not_fit_have_their_line() {
    let scratch = Scratch::new();
    let good: String =
        (0..12).map(|i| format!("{},{},{}.5,1,0\n", bases(20, i), i % 2, i)).collect();
    let file = |row: &str| scratch.file("x.csv", format!("sequence,label,y,a,b\n{good}{row}\n"));
    for (row, options, phrases) in [
        (",0,1,0,0", "", ["x.csv, line 14", "no bases"]),
        ("MKLV,0,1,0,0", "", ["x.csv, line 14", "protein"]),
        ("ACGT,2,1,0,0", "", ["x.csv, line 14", "\"2\" occurs once"]),
        ("ACGT,,1,0,0", "", ["x.csv, line 14", "the label is empty"]),
        ("ACGT,0,NaN,0,0", "--label-column y", ["x.csv, line 14", "the label is NaN"]),
        ("ACGT,0,,0,0", "--label-column y", ["x.csv, line 14", "the label is empty"]),
        ("ACGT,0,x,0,0", "--label-column y --task regression", ["x.csv, line 14", "not a number"]),
        ("ACGT,0,1,0,", "--label-column a,b", ["x.csv, line 14", "column b is \"\""]),
        ("ACGT,0,1,NaN,1", "--label-column a,b", ["x.csv, line 14", "column a is \"NaN\""]),
        (
            "ACGT,0,1,2,1",
            "--label-column a,b --task multi-label",
            ["line 14", "a is 2, expected 0"],
        ),
        ("ACGT,0,1,0,0", "--label-column z", ["x.csv, line 1", "no column z"]),
        ("ACGT,0,1,0,0", "--label-column sequence", ["x.csv, line 1", "sequence holds the seq"]),
        ("ACGT,0,1,0,0", "--label-column 1-2", ["x.csv, line 1", "sequence holds the seq"]),
        ("ACGT,0,1,0,0", "--label-column 2-9", ["x.csv, line 1", "beyond the last column"]),
        ("ACGT,01,1,0,0", "--task base-classes", ["x.csv, line 2", "1 label for 20 bases"]),
        ("ACGT,0,1,0,0", "--task base-labels", ["x.csv, line 2", "--track"]),
        ("ACGT,0,1", "", ["x.csv, line 14", "number of columns: 3, expected 5"]),
    ] {
        let words = format!("probe --baselines none --test-fraction 0.25 {options}");
        fails(&words, &[&file(row)], 1, &phrases);
    }
    // one base is enough
    let (found, _) = probe("--test-fraction 0.25 --leak-share 2", &[&file("A,0,1,0,0")]);
    assert_eq!(found.rows.len(), 2);
    let train = scratch.file("train.csv", format!("sequence,label,y,a,b\n{good}"));
    let test = scratch.file("test.csv", "sequence,label,a,c\nACGT,0,1,1\nACGA,7,0,1\n");
    let words = format!("probe --train {train} --test {test}");
    fails(&words, &[], 1, &["test.csv, line 3", "unknown class \"7\"; the train part has 0, 1"]);
    let others = format!("{words} --label-column a,b");
    fails(&others, &[], 1, &["test.csv, line 1", "no column b"]);
    let numbers = format!("{words} --label-column 3-4");
    fails(&numbers, &[], 1, &["test.csv: has the labels a, c", "the files before have y, a"]);
    // a file without rows is not a missing file
    let none = scratch.file("none.csv", "sequence,label,y,a,b\n");
    for option in ["--valid", "--test"] {
        let words = format!("probe --train {train} {option} {none}");
        fails(&words, &[], 1, &["none.csv: has no rows; expected sequences", "without this part"]);
    }
    let folder = scratch.path("set");
    fs::create_dir(&folder).unwrap();
    fs::copy(&train, format!("{folder}/train.csv")).unwrap();
    fs::copy(&none, format!("{folder}/dev.csv")).unwrap();
    fails("probe --test-fraction 0.25", &[&folder], 1, &["dev.csv: has no rows"]);
    let classes = format!("--class a={train} --class b={train} --class c={none}");
    fails(&format!("probe --test-fraction 0.25 {classes}"), &[], 1, &["none.csv: has no rows"]);
    // options that the data have no use for
    let classes = format!("--class a={train} --class b={test}");
    let words = format!("probe --test-fraction 0.25 --label-column y {classes}");
    fails(&words, &[], 2, &["--label-column is for"]);
    let fasta = scratch.file("x.fa", ">a|0\nACGT\n>b|1\nACGA\n>c|0\nCCGT\n>d|1\nGCGA\n");
    for option in ["--split-column set", "--sequence-column s", "--label-column l"] {
        let name = option.split(' ').next().unwrap();
        fails(&format!("probe {option}"), &[&fasta], 2, &[&format!("{name} is for tables")]);
    }
}

/// The reference of the environment does not stand in the way of data that do not need it.
#[test]
fn runs_keep_the_reference_of_the_environment() {
    let scratch = Scratch::new();
    let (genome, _) = genome(&scratch);
    let rows: String = (0..12).map(|i| format!("{},{}\n", bases(20, i), i % 2)).collect();
    let table = scratch.file("x.csv", format!("sequence,label\n{rows}"));
    let bed: String = regions()
        .filter(|(_, start, ..)| start / LENGTH < 4)
        .map(|(contig, start, class, _)| format!("{contig}\t{start}\t{}\t{class}\n", start + 20))
        .collect();
    let bed = scratch.file("x.bed", bed);
    for (name, data) in [("table", &table), ("regions", &bed)] {
        let output = scratch.path(name);
        let words = "finetune --epochs 1 --valid-fraction 0.2 --leak-share 2 -o";
        let outcome = run(command(words, &[&output, data]).env("HYENADNA_REFERENCE", &genome));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        // a finished run is read again without the variable
        let outcome = run(&mut command("finetune --resume", &[&output]));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    }
}
