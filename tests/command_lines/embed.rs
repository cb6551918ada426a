//! `embed` against golden hidden states, and its outputs against each other.

use std::fs;

use hyenadna::model::weights::{host::HostTensor, safetensors_file};

use crate::harness::{
    Scratch, command, data,
    demo::{genome, regions},
    fails, files, ok, read, run,
    table::{Table, assert_close, distance, npy, npy_file, parquet_file, without_command},
    text,
};

const WORDS: &str = "-q embed";

/// Tensors of a safetensors file.
fn tensors(name: &str) -> Vec<(String, HostTensor)> {
    let path = data(name);
    let bytes = fs::read(&path).unwrap();
    let tensors = safetensors_file::parse(path.as_ref(), &bytes).unwrap();
    tensors.into_iter().collect()
}

fn tensor(tensors: &[(String, HostTensor)], suffix: &str) -> Vec<Vec<f64>> {
    let (_, tensor) = tensors.iter().find(|(name, _)| name.ends_with(suffix)).unwrap();
    let values: Vec<f64> = tensor.data.iter().map(|&x| f64::from(x)).collect();
    let width = *tensor.shape.last().unwrap();
    values.chunks(width).map(<[f64]>::to_vec).collect()
}

/// Rows of every base of a FASTA or BED input.
fn each_base(options: &str, paths: &[&str]) -> Vec<Vec<f64>> {
    let words = format!("{WORDS} --pool none --format npy {options}");
    npy(&ok(&words, paths))
}

#[test]
fn rows_of_bases_are_the_golden_hidden_states() {
    let golden = tensors("golden/tiny-d128/expected.safetensors");
    let input = data("golden/tiny-d128/inputs.fa");
    for flavour in ["hf", "lightning"] {
        let model = data(&format!("golden/tiny-d128/{flavour}"));
        let rows = each_base("--model", &[&model, &input]);
        let (want, norm): (Vec<_>, Vec<_>) = (0..3)
            .flat_map(|i| tensor(&golden, &format!("seq{i}.hidden")))
            .map(|row| (row.clone(), row.iter().map(|x| x * x).sum::<f64>()))
            .unzip();
        assert_eq!(rows.len(), want.len());
        let square = |a: &Vec<f64>, b: &Vec<f64>| -> f64 {
            a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
        };
        let error: f64 = rows.iter().zip(&want).map(|(a, b)| square(a, b)).sum();
        let relative = (error / norm.iter().sum::<f64>()).sqrt();
        assert!(relative <= 1e-5, "{flavour}: {relative:e}");
    }
}

#[test]
fn layers() {
    let scratch = Scratch::new();
    let input = scratch.file("s.fa", ">s\nACGTNACGT\n");
    let model = data("golden/tiny-d128/hf");
    let rows = |layer: &str| each_base(&format!("--layer {layer} --model"), &[&model, &input]);
    let weights = tensors("golden/tiny-d128/hf/model.safetensors");
    // layer 0 is the embedding of the tokens A 7, C 8, G 9, T 10, N 11
    let embedding = tensor(&weights, "word_embeddings.weight");
    let tokens = [7, 8, 9, 10, 11, 7, 8, 9, 10].map(|token: usize| embedding[token].clone());
    assert_close(&rows("0"), &tokens, 1e-7);
    // the last layer is the norm of layer 2, which is the last block
    let scale = &tensor(&weights, "ln_f.weight")[0];
    let shift = &tensor(&weights, "ln_f.bias")[0];
    let normed: Vec<Vec<f64>> = rows("2")
        .iter()
        .map(|row| {
            let n = row.len() as f64;
            let mean = row.iter().sum::<f64>() / n;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let norm =
                |(i, x): (usize, &f64)| (x - mean) / (variance + 1e-5).sqrt() * scale[i] + shift[i];
            row.iter().enumerate().map(norm).collect()
        })
        .collect();
    assert_close(&rows("last"), &normed, 1e-5);
    assert!(distance(&rows("1"), &rows("2")) > 1e-3);
    fails("embed --layer 3", &[&input], 1, &["--layer 3", "2 layers"]);
    fails("embed --layer -1", &[&input], 2, &["-1"]);
    fails("embed --layer first", &[&input], 2, &["--layer"]);
}

#[test]
fn three_formats_hold_the_same_numbers() {
    let scratch = Scratch::new();
    for options in ["--pool mean", "--pool none --strand reverse"] {
        let bed = "chr1\t4000\t4030\ta\t0\t-\nchrM\t7\t9\tb b\t0.5\t+\nchr1\t4000\t4030\ta\t0\t-\n";
        let bed = scratch.file("r.bed", bed);
        // row names of a matrix go to the .tsv beside it, so it has a name of its own
        let [tsv, npy, parquet] = ["o.tsv", "n.npy", "o.parquet"].map(|name| scratch.path(name));
        let words = format!("{WORDS} {options} -o");
        for output in [&tsv, &npy, &parquet] {
            ok(&words, &[output, &bed, &genome()]);
        }
        let table = Table::parse(&read(&tsv));
        let matrix = npy_file(&npy);
        let ids = Table::parse(&read(&scratch.path("n.tsv")));
        let (fields, values) = parquet_file(&parquet);
        assert_close(&values, &matrix, 0.0);
        assert_close(&table.embeddings(), &matrix, 1e-5);
        let leading = ids.header.len();
        assert_eq!(ids.header, table.header[..leading]);
        let first: Vec<_> = table.rows.iter().map(|row| row[..leading].to_vec()).collect();
        assert_eq!(ids.rows, first);
        assert_eq!(fields, first);
        let count = if options.contains("none") { 62 } else { 3 };
        assert_eq!((matrix.len(), matrix[0].len()), (count, 128));
    }
}

#[test]
fn columns_come_back_as_they_came() {
    let scratch = Scratch::new();
    let lines = [
        "chr1\t0007\t0010\tname with blanks\t1e3\t-\t;x=\"y\"\té",
        "chrM\t0\t1\t\t\t.\t\t",
        "chr1\t0007\t0010\tname with blanks\t1e3\t-\t;x=\"y\"\té",
    ];
    let bed = format!("# comment\ntrack name=x\n\n{}\n", lines.join("\n"));
    let bed = scratch.file("r.bed", bed);
    let table = Table::parse(&text(WORDS, &[&bed, &genome()]));
    let names = "chrom chromStart chromEnd name score strand thickStart thickEnd";
    assert_eq!(table.header[..8].join(" "), names);
    let got = table.rows.iter().map(|row| row[..8].join("\t"));
    assert_eq!(got.collect::<Vec<_>>(), lines);
    let no_header = text("-q embed --no-header", &[&bed, &genome()]);
    assert_eq!(no_header.lines().count(), 3);
    let three = scratch.file("3.bed", "chr1\t7\t10\r\n");
    let table = Table::parse(&text(WORDS, &[&three, &genome()]));
    assert_eq!(table.header[..4].join(" "), "chrom chromStart chromEnd e0");
    assert_eq!(table.rows[0][..3].join(" "), "chr1 7 10");
}

#[test]
fn rows_of_bases_have_positions() {
    let scratch = Scratch::new();
    let bed =
        scratch.file("r.bed", "chr2\t40\t45\ta\t0\t-\nchr1\t9\t9\tb\t0\t+\nchrM\t0\t2\tc\t0\t+\n");
    let table = Table::parse(&text("-q embed --pool none", &[&bed, &genome()]));
    assert_eq!(table.header[6..8].join(" "), "position e0");
    assert_eq!(table.column("position"), ["40", "41", "42", "43", "44", "0", "1"]);
    assert_eq!(table.column("name"), ["a", "a", "a", "a", "a", "c", "c"]);
    let fasta = scratch.file("s.fa", ">x\nACG\n>y\nT\n");
    let table = Table::parse(&text("-q embed --pool none", &[&fasta]));
    assert_eq!(table.header[..4].join(" "), "id length position e0");
    assert_eq!(table.column("position"), ["0", "1", "2", "0"]);
}

#[test]
fn content_tells_the_format_whatever_the_name_says() {
    let scratch = Scratch::new();
    let bases = "ACGTTGCATGNCCA";
    let quality = "@".repeat(bases.len());
    let fasta = format!(">s1 text\n{bases}\n");
    let fastq = format!("@s1 text\n{bases}\n+\n{quality}\n");
    let want = Table::parse(&text(WORDS, &[&scratch.file("s.fa", &fasta)]));
    assert_eq!(want.header[..3].join(" "), "id length e0");
    assert_eq!(want.rows[0][..2].join(" "), "s1 14");
    for (name, content) in [
        ("fasta.bed", fasta.as_bytes().to_vec()),
        ("fastq.txt", fastq.as_bytes().to_vec()),
        ("fasta", files::gzip(fasta.as_bytes())),
        ("fastq.fa", files::bgzip(fastq.as_bytes())),
    ] {
        let got = text(WORDS, &[&scratch.file(name, content)]);
        assert_eq!(Table::parse(&got).rows, want.rows, "{name}");
    }
    let bed = scratch.file("bed.fa", "chr1\t0\t5\n");
    assert_eq!(Table::parse(&text(WORDS, &[&bed, &genome()])).rows.len(), 1);
    fails("embed", &[&bed], 2, &["reference", "HYENADNA_REFERENCE", &bed]);
}

#[test]
fn the_reference_may_come_from_the_environment() {
    let mut command = command(WORDS, &[&regions()]);
    let outcome = run(command.env("HYENADNA_REFERENCE", genome()));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let got = String::from_utf8(outcome.stdout).unwrap();
    let want = text(WORDS, &[&regions(), &genome()]);
    assert_eq!(without_command(&got), without_command(&want));
    assert_eq!(Table::parse(&want).rows.len(), 27);
}

#[test]
fn batches_and_threads_do_not_change_the_numbers() {
    let rows = |options: &str| {
        let words = format!("{WORDS} --format npy {options}");
        npy(&ok(&words, &[&regions(), &genome()]))
    };
    let want = rows("");
    for options in ["--batch-tokens 1", "--batch-tokens 3000", "--threads 2"] {
        assert_close(&rows(options), &want, 1e-5);
    }
}

/// The suffix says tsv, the format npy: matrix and row names cannot both have the name.
#[test]
fn a_matrix_does_not_overwrite_its_row_names() {
    let scratch = Scratch::new();
    let output = scratch.path("x.tsv");
    let words = "embed --format npy -o";
    let outcome = run(&mut command(words, &[&output, &regions(), &genome()]));
    assert!(outcome.code == Some(2) && scratch.names().is_empty(), "{outcome:?}");
}

/// `-o /dev/stdout` and the like name a stream, beside which no row names can lie.
#[test]
fn a_matrix_may_go_to_a_stream_that_has_a_name() {
    let words = "-q embed --format npy -o";
    let got = npy(&ok(words, &["/proc/self/fd/1", &regions(), &genome()]));
    assert_eq!(got.len(), 27);
}

/// A name that ends in .gz promises gzip; a format that cannot be compressed so must be refused.
#[test]
fn a_name_with_gz_is_refused() {
    let scratch = Scratch::new();
    for name in ["x.npy.gz", "x.parquet.gz"] {
        let output = scratch.path(name);
        let outcome = run(&mut command("embed -o", &[&output, &regions(), &genome()]));
        assert!(outcome.code == Some(2) && scratch.names().is_empty(), "{name}: {outcome:?}");
    }
}
