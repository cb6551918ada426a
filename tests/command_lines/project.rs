//! `hyenadna project` from the command line: coordinates, names, labels, pictures, errors.

use std::fs;

use crate::harness::{
    Outcome, Scratch, command, data, fails, ok, read, run,
    table::{Table, without_command},
    text,
};

/// Numbers that look random.
fn noise(i: usize) -> f64 {
    ((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0
}

/// A table as of `embed`: `rows` sequences in two clouds, with vectors of three values.
fn vectors(rows: usize) -> String {
    let row = |i: usize| {
        let [a, b, c] = [3 * i, 3 * i + 1, 3 * i + 2].map(noise);
        format!("s{i}\t60\t{:.4}\t{:.4}\t{:.4}\n", 20.0 * (i % 2) as f64 + a, 3.0 * b, c)
    };
    format!("#id\tlength\te0\te1\te2\n{}", (0..rows).map(row).collect::<String>())
}

/// A matrix as of `embed`.
fn matrix(rows: &[&[f32]]) -> Vec<u8> {
    let shape = format!("({}, {})", rows.len(), rows[0].len());
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(rows.iter().flat_map(|row| row.iter().flat_map(|x| x.to_le_bytes())));
    bytes
}

fn project(options: &str, paths: &[&str]) -> (Table, String) {
    let Outcome { code, stdout, stderr, .. } =
        run(&mut command(&format!("project {options}"), paths));
    assert_eq!(code, Some(0), "{options} {paths:?}: {stderr}");
    (Table::parse(std::str::from_utf8(&stdout).unwrap()), stderr)
}

/// scikit-learn 1.9.1: `PCA(2).fit_transform([[1, 2, 3], [4, 0, 1], [2, 5, 8], [7, 1, -2]])` in f64, and
/// `explained_variance_ratio_`; then the same of `StandardScaler().fit_transform(…)`.
#[test]
fn components_are_those_of_scikit_learn() {
    let scratch = Scratch::new();
    let rows: [&[f32]; 4] =
        [&[1.0, 2.0, 3.0], &[4.0, 0.0, 1.0], &[2.0, 5.0, 8.0], &[7.0, 1.0, -2.0]];
    let file = scratch.file("x.npy", matrix(&rows));
    for (options, shares, places) in [
        (
            "",
            "0.8824,0.1019",
            [
                [1.49864, -1.962563],
                [-2.189873, -0.944485],
                [6.277329, 1.44241],
                [-5.586096, 1.464638],
            ],
        ),
        (
            "--standardise",
            "0.8222,0.1605",
            [
                [0.670195, -0.829492],
                [-0.98124, -0.541859],
                [2.20561, 0.639568],
                [-1.894564, 0.731783],
            ],
        ),
    ] {
        let (table, _) = project(options, &[&file]);
        let line = format!("##hyenadna_explained_variance={shares}");
        assert!(table.comments.contains(&line), "{:?}", table.comments);
        for (i, expected) in places.iter().enumerate() {
            for (name, expected) in ["pc1", "pc2"].iter().zip(expected) {
                let found = table.numbers(name)[i].unwrap();
                assert!((found - expected).abs() < 2e-5, "{options} {name} {i}: {found}");
            }
        }
    }
}

#[test]
fn vectors_of_every_format_have_the_same_places() {
    let scratch = Scratch::new();
    let (regions, genome) = (data("demo/regions.bed"), data("demo/genome.fa"));
    let mut tables = Vec::new();
    for suffix in ["tsv", "tsv.gz", "npy", "parquet"] {
        let path = scratch.path(&format!("v{suffix}.{suffix}"));
        ok("-q embed -o", &[&path, &regions, &genome]);
        let (table, _) = project("--label-column strand --components 3", &[&path]);
        assert_eq!(table.header.join(" "), "name label pc1 pc2 pc3 status");
        tables.push(table.rows);
    }
    assert_eq!(tables[0].len(), 27);
    assert_eq!(tables[0][0][..2].join(" "), "telomere +");
    assert!(tables[0].iter().all(|row| row[5] == "ok"), "{:?}", tables[0]);
    assert_eq!(tables[1], tables[0]);
    // numbers of text have fewer digits
    for table in &tables[2..] {
        assert_eq!(*table, tables[2]);
        for (row, other) in table.iter().zip(&tables[0]) {
            assert_eq!(row[..2], other[..2]);
            for (a, b) in row[2..5].iter().zip(&other[2..5]) {
                let [a, b] = [a, b].map(|x| x.parse::<f64>().unwrap());
                assert!((a - b).abs() < 1e-4, "{row:?} {other:?}");
            }
        }
    }
}

#[test]
fn labels_come_from_a_table_by_order_or_by_name() {
    let scratch = Scratch::new();
    let file = scratch.file("v.tsv", vectors(6));
    let (table, _) = project("--label-column length", &[&file]);
    assert_eq!(table.column("label"), ["60"; 6]);
    let row = |i: usize| format!("s{i},{}\n", if i == 4 { "." } else { ["odd", "even"][i % 2] });
    let labels: String = (0..6).map(row).collect();
    let labels = scratch.file("l.csv", format!("name,kind\n{labels}"));
    let options = format!("--labels {labels} --label-column");
    let (table, log) = project(&format!("{options} kind"), &[&file]);
    assert_eq!(table.column("label"), ["odd", "even", "odd", "even", ".", "even"]);
    assert_eq!(table.column("name"), ["s0", "s1", "s2", "s3", "s4", "s5"]);
    assert!(log.contains("2 labels") && log.contains("rows without a label: 1"), "{log}");
    let (by_number, _) = project(&format!("{options} 2 --name-column length"), &[&file]);
    assert_eq!(by_number.column("label"), table.column("label"));
    assert_eq!(by_number.column("name"), ["60"; 6]);

    // by name, in another order, one missing, one of no vector
    let keyed = scratch.file("k.tsv", "id\tkind\ns5\tx\ns0\ty\ns0\ty\ns9\tz\n");
    let (table, log) =
        project(&format!("--labels {keyed} --label-column kind --match-by id"), &[&file]);
    assert_eq!(table.column("label"), ["y", ".", ".", ".", ".", "x"]);
    assert!(log.contains("not in the labels: 4"), "{log}");
    let twice = scratch.file("t.tsv", "id\tkind\ns5\tx\ns5\ty\n");
    let options = format!("project --labels {twice} --label-column kind --match-by id");
    fails(&options, &[&file], 1, &["t.tsv, line 3", "\"s5\" has another label"]);

    // BED has no header, and regions without a name have their place as a name
    let bed: String = (0..6).map(|i| format!("c\t{}\t{}\tn{i}\n", 10 * i, 10 * i + 5)).collect();
    let bed = scratch.file("l.bed", bed);
    let options = format!("--labels {bed} --label-column 4");
    assert_eq!(project(&options, &[&file]).0.column("label")[5], "n5");
    let x = scratch.file("x.npy", matrix(&[&[1.0, 2.0], &[2.0, 0.0], &[3.0, 1.0], &[0.0, 0.5]]));
    let (table, _) = project("", &[&x]);
    assert_eq!(table.column("name"), ["1", "2", "3", "4"]);
    scratch.file("x.tsv", "#chrom\tchromStart\tchromEnd\nc\t0\t5\nc\t5\t9\nd\t0\t2\nd\t7\t8\n");
    let (table, log) = project("--label-column chrom", &[&x]);
    assert_eq!(table.column("name"), ["c:1-5", "c:6-9", "d:1-2", "d:8-8"]);
    assert_eq!(table.column("label"), ["c", "c", "d", "d"]);
    assert!(log.contains("x.tsv"), "{log}");
}

/// A table beside a matrix that has the matrix's name by chance is not read, unless one of its columns is used.
#[test]
fn the_table_beside_a_matrix_is_read_if_it_is_used() {
    let scratch = Scratch::new();
    let x = scratch.file("x.npy", matrix(&[&[1.0, 2.0], &[2.0, 0.0], &[3.0, 1.0], &[0.0, 0.5]]));
    let labels = scratch.file("l.tsv", "kind\na\nb\na\nb\n");
    for other in ["score\n0.5\n", ""] {
        scratch.file("x.tsv", other);
        let options = format!("--labels {labels} --label-column kind");
        let (table, log) = project(&options, &[&x]);
        assert_eq!(table.column("name"), ["1", "2", "3", "4"]);
        assert_eq!(table.column("label"), ["a", "b", "a", "b"]);
        assert!(!log.contains("x.tsv"), "{log}");
    }
    scratch.file("x.tsv", "name\tscore\na\t0.5\n");
    let phrases = ["x.tsv beside", "has 1 row", "has 4 vectors; move it, or embed again"];
    fails("project", &[&x], 1, &phrases);
    fails("project --label-column score", &[&x], 1, &phrases);
}

#[test]
fn rows_without_numbers_are_kept_and_reported() {
    let scratch = Scratch::new();
    let file = scratch
        .file("v.tsv", "id\te0\te1\na\t1\t2\nb\tNaN\t2\nc\t3\t1\nd\tinf\t0\ne\t0\t.\nf\t0\t5\n");
    let (table, log) = project("", &[&file]);
    assert_eq!(table.column("status"), ["ok", "nan", "ok", "nan", "nan", "ok"]);
    assert_eq!(table.column("pc1")[1], ".");
    assert!(log.contains("which have no place: 3"), "{log}");
    let strict = run(&mut command("project --strict", &[&file]));
    assert_eq!(strict.code, Some(3), "{}", strict.stderr);
    let one = scratch.file("one.tsv", "id\te0\na\tNaN\nb\t1\n");
    fails(
        "project --components 1",
        &[&one],
        1,
        &["one.tsv: 1 of 2 rows has finite values", "needs 2 or more"],
    );
}

#[test]
fn pictures_are_drawn() {
    let scratch = Scratch::new();
    let file = scratch.file("v.tsv", vectors(60));
    let labels: String = (0..60).map(|i| format!("k{}\n", i % 10)).collect();
    let labels = scratch.file("l.tsv", format!("kind\n{labels}"));
    let prefix = scratch.path("p");
    let options = format!("--labels {labels} --label-column kind --plot {prefix}");
    let (_, log) = project(&options, &[&file]);
    assert!(log.contains("the 7 largest of 10 labels have colours"), "{log}");
    let svg = read(&format!("{prefix}.pca.svg"));
    assert!(svg.contains("Principal components (n = 60)") && svg.contains("PC2 ("), "{svg}");
    assert!(svg.contains(">k6<") && svg.contains(">3 other labels, or none<"), "{svg}");
    assert_eq!(svg.matches("<circle").count(), 60 + 8);
    assert!(fs::read(format!("{prefix}.pca.png")).unwrap().starts_with(b"\x89PNG"));
    let options = format!("--method tsne --perplexity 5 --plot {prefix}");
    project(&options, &[&file]);
    assert!(read(&format!("{prefix}.tsne.svg")).contains("t-SNE (n = 60)"));
}

#[test]
fn neighbours_stay_neighbours_in_tsne() {
    let scratch = Scratch::new();
    let file = scratch.file("v.tsv", vectors(60));
    let options = "--method tsne --perplexity 5";
    let (table, _) = project(options, &[&file]);
    assert_eq!(table.header.join(" "), "name label tsne1 tsne2 status");
    for fact in ["method=tsne", "columns=centred", "components=3", "perplexity=5", "start=pca"] {
        let line = format!("##hyenadna_{fact}");
        assert!(table.comments.contains(&line), "{line}: {:?}", table.comments);
    }
    let number =
        |name: &str| -> Vec<f64> { table.numbers(name).into_iter().map(Option::unwrap).collect() };
    let (x, y) = (number("tsne1"), number("tsne2"));
    let distance = |i: usize, j: usize| (x[i] - x[j]).hypot(y[i] - y[j]);
    for i in 0..60 {
        let others = (0..60).filter(|&j| j != i);
        let nearest = others.min_by(|&j, &k| distance(i, j).total_cmp(&distance(i, k))).unwrap();
        assert_eq!(nearest % 2, i % 2, "row {i}");
    }
    let with = |more: &str| {
        let words = format!("-q project {options} {more}");
        without_command(&text(&words, &[&file]))
    };
    assert_eq!(with("--threads 1"), with("--threads 2"));
    let random = with("--start random --seed 1");
    assert!(random.contains("##hyenadna_start=random, seed 1\n"), "{random}");
    assert_ne!(random, with("--start random --seed 2"));
    // rows on a line have a second coordinate too
    let row = |i: usize| format!("s{i}\t{}\t5\n", i * i);
    let line = format!("id\te0\te1\n{}", (0..20).map(row).collect::<String>());
    let (table, _) = project(options, &[&scratch.file("line.tsv", line)]);
    assert!(table.numbers("tsne2").iter().all(|y| y.unwrap() != 0.0), "{:?}", table.rows);
    let start = "##hyenadna_start=pca, the second coordinate random".to_owned();
    assert!(table.comments.contains(&start), "{:?}", table.comments);
}

#[test]
fn wrong_input_is_refused() {
    let scratch = Scratch::new();
    let file = scratch.file("v.tsv", vectors(6));
    let out = scratch.path("out.tsv");
    let wrong = |options: &str, code: i32, phrases: &[&str]| {
        fails(&format!("project {options} -o {out}"), &[&file], code, phrases);
        assert!(!fs::exists(&out).unwrap(), "{options}: nothing is half-written");
    };
    wrong("--components 4", 2, &["--components 4", "v.tsv has 3 columns of values; give 3"]);
    wrong("--components 0", 2, &["0"]);
    wrong("--components 1 --plot p", 2, &["--plot draws two coordinates"]);
    wrong("--method tsne", 2, &["--perplexity 30 needs 91 rows", "has 6; give 1 or less"]);
    wrong("--method tsne --components 3", 2, &["t-SNE has two dimensions", "--method pca"]);
    wrong("--perplexity 5", 2, &["--perplexity is an option of t-SNE", "--method tsne"]);
    wrong("--start random", 2, &["--start is an option of t-SNE"]);
    wrong("--seed 1", 2, &["--seed is an option of t-SNE"]);
    wrong("--method tsne --seed 1", 2, &["--seed is of random places", "--start random"]);
    wrong("--method tsne --perplexity NaN", 2, &["--perplexity is NaN", "1 to 10000"]);
    wrong("--label-column kind", 1, &["v.tsv: no column kind", "--label-column"]);
    wrong("--name-column kind", 1, &["v.tsv: no column kind", "--name-column"]);
    let short = scratch.file("short.tsv", "kind\nx\ny\n");
    let long = scratch.file("long.tsv", "kind\n".to_owned() + &"x\n".repeat(9));
    wrong(
        &format!("--labels {short} --label-column kind"),
        1,
        &["short.tsv has 2 rows", "v.tsv has 6 vectors", "--match-by"],
    );
    wrong(
        &format!("--labels {long} --label-column kind"),
        1,
        &["long.tsv has 9 rows", "v.tsv has 6 vectors"],
    );
    wrong(&format!("--labels {short}"), 2, &["--label-column"]);
    wrong("--match-by id", 2, &["--labels"]);
    fails("project", &[&scratch.file("empty.tsv", "")], 1, &["empty.tsv is empty"]);
    fails(
        "project --components 1",
        &[&scratch.file("none.tsv", "id\te0\n")],
        1,
        &["0 of 0 rows have finite values"],
    );
    fails(
        "project --components 1",
        &[&scratch.file("one.tsv", "id\te0\na\t1\n")],
        1,
        &["1 of 1 row has finite"],
    );
    let column = scratch.file("column.tsv", "id\te0\na\t1\nb\t2\n");
    fails("project", &[&column], 2, &["--components 2", "column.tsv has 1 column of values"]);
    let two = scratch.file("two.tsv", "id\te0\te1\na\t1\t5\nb\t2\t7\n");
    fails("project", &[&two], 2, &["--components 2", "2 rows of 2 values", "1 at most"]);
    fails("project --method tsne", &[&two], 1, &["t-SNE needs 4 rows or more", "two.tsv has 2"]);
    assert_eq!(project("--components 1", &[&column]).0.column("pc1"), ["-0.5", "0.5"]);
    let equal = scratch.file("equal.tsv", "id\te0\te1\na\t1\t5\nb\t1\t5\nc\t1\t5\n");
    fails("project", &[&equal], 1, &["all 3 rows are equal"]);
    let constant = scratch.file("constant.tsv", "id\te0\te1\na\t1\t5\nb\t3\t5\nc\t2\t5\n");
    for options in ["", "--standardise"] {
        let (table, _) = project(options, &[&constant]);
        assert_eq!(table.column("pc2"), ["0"; 3]);
        let line = "##hyenadna_explained_variance=1.0000,0.0000".to_owned();
        assert!(table.comments.contains(&line), "{:?}", table.comments);
    }
    fails("project", &[&data("demo/sequences.fa")], 1, &["no column e0"]);
    let bare = scratch.file("bare.npy", matrix(&[&[1.0], &[2.0]]));
    fails("project --label-column x", &[&bare], 1, &["bare.npy has no columns with labels"]);
    let cut = matrix(&[&[1.0, 2.0], &[3.0, 4.0]]);
    let cut = scratch.file("cut.npy", &cut[..cut.len() - 3]);
    fails("project", &[&cut], 1, &["cut.npy: ends within row 2", "truncated"]);
    let wide = scratch.file("wide.npy", matrix(&[&[1.0; 4097], &[2.0; 4097]]));
    fails("project --components 1", &[&wide], 1, &["4097 columns of values", "4096 is the most"]);
    fails("project - --labels - --label-column x", &[], 2, &["only one input can be stdin"]);
    let picture = scratch.file("q.pca.svg", vectors(6));
    let prefix = scratch.path("q");
    fails("project --plot", &[&prefix, &picture], 2, &["is the same file as the input"]);
}
