//! Files of examples: every kind, and those that do not fit.

use super::*;
use crate::tasks::{
    labels::TaskKind,
    options::{AlleleChoice, Track, TrackOptions, VariantOptions},
};

fn options(columns: &Columns) -> ReadOptions {
    ReadOptions { columns: columns.clone(), ..ReadOptions::default() }
}

fn read_file(text: &str, columns: &Columns) -> Result<Vec<Labelled>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    std::fs::write(&path, text).unwrap();
    let read = read(&Source::Data(path), &options(columns)).map_err(|error| error.to_string())?;
    Ok(read.examples)
}

fn short(examples: &[Labelled]) -> Vec<(&str, &str, Option<Part>, At)> {
    let bases = |e| std::str::from_utf8(&Labelled::clone(e).bases).unwrap().to_owned().leak();
    examples.iter().map(|e| (&*bases(e), e.label.text().unwrap(), e.part, e.place.at)).collect()
}

#[test]
fn every_format_gives_the_same_examples() {
    let expected = [("ACGT", "0", None, At::Line(2)), ("NTTT", "1", None, At::Line(3))];
    for text in ["sequence,label\nacgt,0\nRTTU, 1\n", "name\tLabel\tSEQ\nx\t0\tACGT\ny\t1\tNTTT\n"]
    {
        let examples = read_file(text, &Columns::default()).unwrap();
        assert_eq!(short(&examples), expected);
    }
    let examples = read_file(">a|x|0\nAC\nGT\n>b|1 more\nNTTT\n", &Columns::default()).unwrap();
    assert_eq!(short(&examples)[0], ("ACGT", "0", None, At::Line(1)));
    assert_eq!(short(&examples)[1], ("NTTT", "1", None, At::Line(4)));
}

#[test]
fn parquet_is_read() {
    use crate::formats::{
        output::Output,
        parquet::{ColumnKind, Field, Writer},
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let columns = [
        ("name", ColumnKind::Text),
        ("sequence", ColumnKind::Text),
        ("label", ColumnKind::Integer),
    ]
    .map(|(name, kind)| (name.to_owned(), kind));
    let write = |rows: &[(&'static str, &'static str)]| {
        let mut writer = Writer::new(Output::create(&path).unwrap(), &columns, 0, &[]).unwrap();
        for (sequence, label) in rows {
            let field = |text: &'static str| Field::Text(text.as_bytes().into());
            writer.row([field("x"), field(sequence), field(label)], &[]).unwrap();
        }
        writer.complete().unwrap().finish().unwrap();
    };
    write(&[("acgt", "0"), ("NTTT", "1")]);
    let found = read(&Source::Data(path.clone()), &ReadOptions::default()).unwrap().examples;
    let expected = [("ACGT", "0", None, At::Row(1)), ("NTTT", "1", None, At::Row(2))];
    assert_eq!(short(&found), expected);
    let label = Columns { label: Some("name".into()), ..Columns::default() };
    let found = read(&Source::Data(path.clone()), &options(&label)).unwrap().examples;
    assert!(found.iter().all(|example| example.label.text() == Some("x")));
    write(&[("acgt", "0"), ("NTTT", "1"), ("", "1")]);
    let error = read(&Source::Data(path.clone()), &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("record 3: the sequence has no bases"), "{error}");
}

#[test]
fn columns_can_be_named() {
    let named = |name: &str| Some(name.to_owned());
    let columns = Columns { sequence: named("dna"), label: named("y"), part: named("set") };
    let text = "dna,y,set,label\nA,p,dev,q\nC,p,Train,q\nG,p,test,q\n";
    let examples = read_file(text, &columns).unwrap();
    let parts = [Part::Valid, Part::Train, Part::Test].map(Some);
    assert!(examples.iter().map(|e| e.part).eq(parts));
    assert!(examples.iter().all(|e| e.label.text() == Some("p")));
    let error = read_file("dna,y,set\nA,p,later\n", &columns).unwrap_err();
    assert!(error.contains("line 2: part \"later\", expected train"), "{error}");
}

#[test]
fn broken_files_are_refused_with_their_line() {
    for (text, phrase) in [
        ("sequence,label\nACGT,0\n,1\n", "line 3: the sequence has no bases"),
        ("sequence,label\nACGT,\n", "line 2: the label is empty"),
        ("sequence,label\nACGT,NaN\n", "line 2: the label is NaN"),
        ("sequence,label\nACGT,0\nMKLV,1\n", "line 3: 'L' at base 3 is not a nucleotide"),
        (
            "dna,label\nACGT,0\n",
            "line 1: no column sequence or seq; the columns are \"dna, label\"",
        ),
        ("sequence,class\nACGT,0\n", "--label-column"),
        (">a|0\nACGT\n>b\nACGT\n", "line 3: the name \"b\" has no |"),
        (">a|0\n>b|0\nACGT\n", "line 1: the sequence has no bases"),
        ("", "is empty"),
    ] {
        let error = read_file(text, &Columns::default()).unwrap_err();
        assert!(error.contains(phrase), "{text:?}: {error}");
    }
}

const GENOME: &str = ">chr1\nAACCGGTTACGTACGTAACC\n>2\nTTTTTTTTTTGGGGGGGGGG\n";

/// Reads `file` with a genome of 20 bases in each of chr1 and 2, as they come: bases, label, contig.
fn read_on(
    files: &[(&str, &str)],
    change: impl FnOnce(&mut ReadOptions, &Path),
) -> Result<Vec<(String, Label, String)>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().chain([&("genome.fa", GENOME)]) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let reference = Some(folder.path().join("genome.fa"));
    let mut options = ReadOptions { reference, ..ReadOptions::default() };
    change(&mut options, folder.path());
    let read = read(&Source::Data(folder.path().join(files[0].0)), &options);
    let read = read.map_err(|error| error.to_string())?;
    let text = |bases: Vec<u8>| String::from_utf8(bases).unwrap();
    let contig = |contig: Option<Arc<str>>| contig.map_or(String::new(), |name| name.to_string());
    Ok(read.examples.into_iter().map(|e| (text(e.bases), e.label, contig(e.contig))).collect())
}

fn of(bases: &str, label: &str, contig: &str) -> (String, Label, String) {
    (bases.to_owned(), Label::Text(label.to_owned()), contig.to_owned())
}

#[test]
fn regions_are_read_from_the_reference() {
    let bed = "#x\nchr1\t0\t4\ta\t0\t+\nchr2\t8\t12\tb\t1\t-\n";
    let found = read_on(&[("x.bed", bed)], |_, _| ()).unwrap();
    assert_eq!(found, [of("AACC", "a", "chr1"), of("CCAA", "b", "chr2")]);
    let score = |options: &mut ReadOptions, _: &Path| options.columns.label = Some("5".into());
    let found = read_on(&[("x.bed", bed)], score).unwrap();
    assert_eq!(found[1], of("CCAA", "1", "chr2"));
    // around the centre, moved into the contig
    let window = |options: &mut ReadOptions, _: &Path| options.window = Some(6);
    let found = read_on(&[("x.bed", bed)], window).unwrap();
    assert_eq!(found, [of("AACCGG", "a", "chr1"), of("CCCAAA", "b", "chr2")]);
    let several = "chr1\t0\t2\t1\t0\t1\nchr1\t4\t6\t0\t0\t1\n";
    let error = read_on(&[("x.bed", several)], |_, _| ()).unwrap_err();
    assert!(error.contains("line 1: strand (column 6)"), "{error}");
    let several = "chr1\t0\t2\t1\t0\nchr1\t4\t6\t0\t0\n";
    let range = |options: &mut ReadOptions, _: &Path| options.columns.label = Some("4-5".into());
    let found = read_on(&[("x.bed", several)], range).unwrap();
    assert_eq!(found[0].1, Label::Flags(vec![true, false]));
}

#[test]
fn tables_of_regions_are_those_of_genomic_benchmarks() {
    let table = "id,region,start,end,strand\n0,chr1,0,4,+\n1,2,8,12,-\n";
    let folder = [("train/pos.csv", table), ("train/neg.csv", table)];
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("train")).unwrap();
    for (name, text) in folder.iter().chain([&("genome.fa", GENOME)]) {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let reference = Some(dir.path().join("genome.fa"));
    let options = ReadOptions { reference, ..ReadOptions::default() };
    let read = super::read(&Source::Data(dir.path().to_owned()), &options).unwrap();
    let found: Vec<_> = read.examples.iter().map(|e| (&e.bases[..], e.label.text())).collect();
    let [first, second]: [&[u8]; 2] = [b"AACC", b"CCAA"];
    let expected =
        [(first, Some("neg")), (second, Some("neg")), (first, Some("pos")), (second, Some("pos"))];
    assert_eq!(found, expected);
    assert!(read.kinds.regions && read.examples.iter().all(|e| e.part == Some(Part::Train)));
    let numbers = "##x\n#sequence\tlabel\tfold\nACGT\t1\t2\n";
    assert_eq!(read_on(&[("x.tsv", numbers)], |_, _| ()), Ok(vec![of("ACGT", "1", "")]));
    let labelled = "chrom\tstart\tend\tlabel\nchr1\t0\t4\t0.5\n";
    assert_eq!(read_on(&[("x.tsv", labelled)], |_, _| ()), Ok(vec![of("AACC", "0.5", "chr1")]));
}

#[test]
fn regions_that_do_not_fit_are_refused_with_their_line() {
    for (file, phrase) in [
        ("chr1\t0\t21\ta\n", "line 1: region chr1:1-21 ends beyond chr1, which has 20 bases"),
        ("chr1\t0\t2\ta\n3\t0\t4\ta\n", "line 2: contig 3 is not in"),
        ("chr1\t2\t2\ta\n", "line 1: the region is empty"),
        ("chr1\t0\t2\n", "line 1: no column name"),
        ("chr1\t0\t2\tNaN\n", "line 1: the label is NaN"),
        ("chr1\t0\t2\t\n", "line 1: the label is empty"),
        ("region,start,end,label\nchr1,4,2,a\n", "line 2: start 4 is greater than end 2"),
        ("region,start,end,label\nchr1,x,2,a\n", "line 2: start is \"x\""),
        ("region,start,end,strand,label\nchr1,0,2,1,a\n", "line 2: strand is \"1\""),
        ("region,start,end\nchr1,0,2\n", "line 1: no column label"),
        ("chr1\ta\tgene\t1\t4\t.\t+\t.\tID=a\n", "this is GFF"),
        ("@r\nACGT\n+\nIIII\n", "this is FASTQ"),
    ] {
        let error = read_on(&[("x", file)], |_, _| ()).unwrap_err();
        assert!(error.contains(phrase), "{file}: {error}");
    }
    let none = |options: &mut ReadOptions, _: &Path| options.reference = None;
    let error = read_on(&[("x.bed", "chr1\t0\t2\ta\n")], none).unwrap_err();
    assert!(error.contains("has coordinates") && error.contains("--reference"), "{error}");
}

const HEADER: &str = "##fileformat=VCFv4.3\n##INFO=<ID=E,Number=A,Type=Float,Description=\"x\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

#[test]
fn variants_have_a_window_with_the_chosen_allele() {
    let text =
        format!("{HEADER}chr1\t5\t.\tGG\tG,GGA\t.\t.\tE=0.5,1;K=b\n2\t1\t.\tT\tC\t.\t.\tE=2;K=c\n");
    let set = |info: &'static str, allele| {
        move |options: &mut ReadOptions, _: &Path| {
            options.window = Some(6);
            let info = info.split(',').map(str::to_owned).collect();
            options.variants = VariantOptions { info, allele };
        }
    };
    let files = [("x.vcf", text.as_str())];
    let found = read_on(&files, set("E", AlleleChoice::Alt)).unwrap();
    let expected = [of("ACCGTT", "0.5", "chr1"), of("CGGATT", "1", "chr1"), of("CTTTTT", "2", "2")];
    assert_eq!(found, expected);
    let found = read_on(&files, set("K", AlleleChoice::Ref)).unwrap();
    assert_eq!(found, [of("ACCGGT", "b", "chr1"), of("TTTTTT", "c", "2")]);
    let error = read_on(&files, set("E", AlleleChoice::Ref)).unwrap_err();
    assert!(error.contains("line 4: the ALT alleles have different labels"), "{error}");
    for (row, info, phrase) in [
        ("chr1\t5\t.\tG\tA\t.\t.\tE=.", "E", "line 4: INFO E has no value"),
        ("chr1\t5\t.\tG\tA\t.\t.\tE=1", "F", "line 4: INFO F has no value"),
        ("chr1\t5\t.\tT\tA\t.\t.\tE=1", "E", "REF is \"T\", and the reference has \"G\" at chr1:5"),
        ("chr1\t20\t.\tCC\tA\t.\t.\tE=1", "E", "REF is \"CC\""),
        ("chr1\t5\t.\tG\t<DEL>\t.\t.\tE=1", "E", "symbolic"),
        ("9\t5\t.\tG\tA\t.\t.\tE=1", "E", "contig 9 is not in"),
        ("chr1\t5\t.\tG\tGAAAAAA\t.\t.\tE=1", "E", "do not fit a window of 6 bases"),
    ] {
        let text = format!("{HEADER}{row}\n");
        let error = read_on(&[("x.vcf", &text)], set(info, AlleleChoice::Alt)).unwrap_err();
        assert!(error.contains(phrase), "{row}: {error}");
    }
    let error = read_on(&files, |_, _| ()).unwrap_err();
    assert!(error.contains("--window N"), "{error}");
    let window = |options: &mut ReadOptions, _: &Path| options.window = Some(6);
    assert!(read_on(&files, window).unwrap_err().contains("--label-info KEY"));
}

/// Sets tracks whose files are in the folder of the data.
fn tracks<'a>(
    tracks: &'a [(Option<&str>, &str)],
    kind: TaskKind,
    mask: bool,
) -> impl FnOnce(&mut ReadOptions, &Path) + 'a {
    move |options, folder| {
        let track = |(name, file): &(Option<&str>, &str)| Track {
            name: name.map(str::to_owned),
            path: folder.join(file),
        };
        let tracks = tracks.iter().map(track).collect();
        options.tracks = Some(TrackOptions { tracks, kind, mask });
    }
}

#[test]
fn bases_have_the_labels_of_their_intervals() {
    use TaskKind::{BaseClasses, BaseLabels};
    let track = "chr1\t1\t3\texon\nchr1\t2\t4\texon\n2\t9\t11\tintron\n";
    let other = "2\t10\t20\n";
    let stretches = "chr1\t0\t6\tx\t0\t+\nchr2\t8\t12\tx\t0\t-\n";
    let files = [("x.bed", stretches), ("t.bed", track), ("u.bed", other)];
    let one = [(None, "t.bed")];
    let found = read_on(&files, tracks(&one, BaseClasses, false)).unwrap();
    let classes = |found: &[(String, Label, String)]| {
        found.iter().map(|(_, label, _)| label.clone()).collect::<Vec<_>>()
    };
    let both = |first: &[u8], second: &[u8]| [first, second].map(|c| Label::BaseClasses(c.into()));
    assert_eq!(found[1].0, "CCAA");
    assert_eq!(classes(&found), both(&[0, 1, 1, 1, 0, 0], &[0, 2, 2, 0]));
    let found = read_on(&files, tracks(&one, BaseClasses, true)).unwrap();
    assert_eq!(classes(&found), both(&[255, 0, 0, 0, 255, 255], &[255, 1, 1, 255]));
    let two = [(Some("t"), "t.bed"), (Some("u"), "u.bed")];
    let bits = |second: &[u64]| {
        [&[0, 1, 1, 1, 0, 0], second].map(|labels: &[u64]| Label::BaseLabels(labels.into()))
    };
    let found = read_on(&files, tracks(&two, BaseLabels, false)).unwrap();
    assert_eq!(classes(&found), bits(&[2, 3, 1, 0]));
    // the sequences of a FASTA file by their names
    let fasta = [("genome.fa", GENOME), ("t.bed", track), ("u.bed", other)];
    let found = read_on(&fasta, tracks(&one, BaseClasses, false)).unwrap();
    let expected: Vec<u8> = (0..20).map(|i| u8::from((1..4).contains(&i))).collect();
    assert_eq!(found[0], (GENOME[6..26].into(), Label::BaseClasses(expected), "chr1".into()));
}

#[test]
fn tracks_that_do_not_fit_are_refused_with_their_line() {
    use TaskKind::{BaseClasses, BaseLabels};
    let stretches = "chr1\t0\t6\n";
    let named = [(None, "t.bed")];
    let one = [(Some("x"), "t.bed")];
    for (data, track, tracks_of, kind, phrase) in [
        (
            stretches,
            "chr1\t0\t21\n",
            &one,
            BaseClasses,
            "t.bed, line 1: the interval ends at 21, beyond chr1, which has 20 bases",
        ),
        (
            GENOME,
            "chr1\t0\t2\n2\t0\t21\n",
            &one,
            BaseClasses,
            "t.bed, line 2: the interval ends at 21, beyond 2",
        ),
        (stretches, "9\t0\t2\n", &one, BaseClasses, "t.bed, line 1: contig 9 is not in"),
        (
            GENOME,
            "chr1\t0\t2\n1\t0\t2\n",
            &one,
            BaseClasses,
            "t.bed, line 2: there is no sequence 1 in",
        ),
        (stretches, "chr1\t0\t2\n", &named, BaseClasses, "t.bed, line 1: the interval has no name"),
        (stretches, "#\n", &one, BaseClasses, "t.bed: has no interval"),
        (
            stretches,
            "chr1\t0\t3\ta\nchr1\t2\t4\tb\n",
            &named,
            BaseClasses,
            "t.bed, line 2: the interval overlaps one of another class (a and b)",
        ),
        (
            "sequence,label\nACGT,1\n",
            "chr1\t0\t3\ta\n",
            &named,
            BaseLabels,
            "labels of --track belong to",
        ),
    ] {
        let error =
            read_on(&[("x", data), ("t.bed", track)], tracks(tracks_of, kind, false)).unwrap_err();
        assert!(error.contains(phrase), "{track}: {error}");
    }
    let many =
        |count: usize| -> String { (0..count).map(|i| format!("chr1\t0\t2\tname{i}\n")).collect() };
    for (count, kind, most) in [(64, BaseLabels, "63"), (255, BaseClasses, "254")] {
        let files = [("x", stretches), ("t.bed", &many(count))];
        let error = read_on(&files, tracks(&named, kind, false)).unwrap_err();
        assert!(error.contains(&format!("line {count}: there are more than {most}")), "{error}");
        let files = [("x", stretches), ("t.bed", &many(count - 1))];
        let found = read_on(&files, tracks(&named, kind, false));
        assert_eq!(found.is_ok(), kind == BaseLabels, "{found:?}");
    }
}
