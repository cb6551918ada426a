//! Valid and broken files that others published, if ../shared/data/formats is there: none may cause
//! a panic or a hang, and what its publishers call valid is read.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use hyenadna::formats::{
    bed,
    error::InputError,
    input,
    lines::Lines,
    output::Output,
    reference::Reference,
    sequences::{self, Content},
    variants::{bcf, vcf},
};

use crate::harness::{
    Outcome, assert_none, hyenadna, in_parallel,
    process::{PATIENCE, processor_time},
    run_within, skip,
};

/// Seconds of processor time that a run may take.
const LIMIT: u64 = 20;

/// Files that the list calls valid and that are refused all the same.
const REFUSED: [(&str, &str); 1] =
    [("passed_empty_vcf.vcf", "0 bytes: the step that wrote it failed")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Vcf,
    Sequences,
    Regions,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    kind: Kind,
}

impl File {
    fn of(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let name = name.trim_end_matches(".gz").trim_end_matches(".bgz");
        let kind = match name.rsplit_once('.')?.1 {
            "vcf" => Kind::Vcf,
            "fa" | "fasta" | "fastq" | "txt" => Kind::Sequences,
            "bed" => Kind::Regions,
            _ => return None,
        };
        Some(Self { path, kind })
    }

    fn is_valid(&self) -> bool {
        let names = self.path.iter().map(|name| name.to_string_lossy());
        let mut passed = names.filter(|name| name == "passed" || name.starts_with("passed_"));
        let name = self.path.file_name().unwrap().to_string_lossy();
        passed.next().is_some() && REFUSED.iter().all(|(refused, _)| name != *refused)
    }

    fn is_compressed(&self) -> bool {
        self.path.extension().is_some_and(|e| e == "gz" || e == "bgz")
    }
}

/// All files, sorted; `None` where they are not.
fn files() -> Option<Vec<File>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/formats");
    if !root.is_dir() {
        skip("../shared/data/formats is not here");
        return None;
    }
    let mut folders = vec![root];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    Some(paths.into_iter().filter_map(File::of).collect())
}

/// Reads a file to its end with the library; the number of records.
fn read(path: &Path, kind: Kind) -> Result<usize, InputError> {
    let input = input::open(path)?;
    let mut count = 0;
    if kind == Kind::Vcf {
        let mut reader = vcf::Reader::new(input)?;
        let mut records = Vec::new();
        while let Some(record) = reader.read()? {
            records.push(record.with_info("X=1"));
        }
        write_bcf(&reader.header, &records);
        return Ok(records.len());
    }
    let mut lines = Lines::new(input);
    match sequences::content(&mut lines)? {
        None => {}
        Some(Content::Bed) => {
            let mut reader = bed::Reader::new(lines);
            while reader.read()?.is_some() {
                count += 1;
            }
        }
        Some(content) => {
            let mut reader = sequences::Reader::new(lines, content);
            let mut record = sequences::Sequence::default();
            while reader.read(&mut record)? {
                count += 1;
            }
        }
    }
    if let Ok(mut reference) = Reference::open(path, false) {
        for i in 0..reference.contigs().len() {
            let length = reference.contigs()[i].length;
            let _ = reference.fetch(i, 0..length); // an error is as good as bases
        }
    }
    Ok(count)
}

/// htslib must refuse what it cannot write, not fall over it.
fn write_bcf(header: &[Vec<u8>], records: &[Vec<u8>]) {
    let Ok(mut writer) = bcf::Writer::new(Output::create(Path::new("/dev/null")).unwrap(), header)
    else {
        return;
    };
    for record in records {
        let _ = writer.write(record);
    }
    let _ = writer.complete().map(|output| output.finish());
}

/// The same on a thread of its own; `Err` is a panic or a hang.
fn read_guarded(file: &File) -> Result<Result<usize, InputError>, String> {
    let (sender, receiver) = mpsc::channel();
    let (path, kind) = (file.path.clone(), file.kind);
    thread::spawn(move || sender.send((read(&path, kind), processor_time())));
    match receiver.recv_timeout(PATIENCE) {
        Ok((result, time)) if time < Duration::from_secs(LIMIT) => Ok(result),
        Ok((_, time)) => Err(format!("it takes {time:?}")),
        Err(mpsc::RecvTimeoutError::Timeout) => Err("it hangs".to_owned()),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("it panicked".to_owned()),
    }
}

#[test]
fn every_published_file_is_read_or_refused() {
    let Some(files) = files() else { return };
    let results = in_parallel(&files, read_guarded);
    let mut problems = Vec::new();
    let mut ok = 0;
    for (file, result) in files.iter().zip(results) {
        let path = file.path.display();
        match result {
            Err(problem) => problems.push(format!("{path}: {problem}")),
            Ok(Err(error)) if file.is_valid() => problems.push(format!("{path} is valid: {error}")),
            Ok(Err(error)) if !error.to_string().contains(&path.to_string()) => {
                problems.push(format!("{path} is not named: {error}"));
            }
            Ok(Err(_)) => {}
            Ok(Ok(_)) => ok += 1,
        }
    }
    println!("{} files, {ok} read, {} refused", files.len(), files.len() - ok);
    assert_none(&problems);
}

/// A genome in which the REF alleles of a VCF lie where it says, as far as that is possible.
fn genome_for(path: &Path) -> Vec<u8> {
    const LONGEST: usize = 300_000;
    let mut text = Vec::new();
    if let Ok(mut input) = input::open(path) {
        let _ = input.reader.read_to_end(&mut text); // of a truncated file, what there is
    }
    let mut contigs = BTreeMap::from([("1".to_owned(), vec![b'A'; 2_000])]);
    for line in text.split(|&b| b == b'\n').filter(|line| !line.starts_with(b"#")) {
        let line = String::from_utf8_lossy(line);
        let fields: Vec<&str> = line.split('\t').collect();
        let [contig, position, _, reference, ..] = fields.as_slice() else {
            continue;
        };
        if contig.is_empty() || contig.contains(|c: char| !c.is_ascii_graphic()) {
            continue;
        }
        let bases = contigs.entry((*contig).to_owned()).or_insert_with(|| vec![b'A'; 2_000]);
        let start = position.parse::<usize>().unwrap_or(0).saturating_sub(1);
        let end = start.saturating_add(reference.len());
        if end > LONGEST || !reference.bytes().all(|b| b"ACGTNacgtn".contains(&b)) {
            continue;
        }
        bases.resize(bases.len().max(end + 500), b'C');
        bases[start..end].copy_from_slice(reference.as_bytes());
    }
    let records = contigs
        .into_iter()
        .flat_map(|(name, bases)| [b">", name.as_bytes(), b"\n", bases.as_slice(), b"\n"].concat());
    records.collect()
}

/// A genome for the contigs of the published BED files, not long enough for all regions.
const GENOME_FOR_REGIONS: [&str; 6] = ["chr1", "chr7", "chr19", "chr22", "chrX", "I"];

fn run_binary(file: &File) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let genome = folder.path().join("genome.fa");
    let mut command = match file.kind {
        Kind::Vcf => {
            fs::write(&genome, genome_for(&file.path)).unwrap();
            // some have REFs of other genomes
            let fast = ["--context", "16", "--strand", "forward", "--on-ref-mismatch", "report"];
            let mut command = hyenadna(&["score-variants"]);
            command.args(fast).arg(&file.path).arg(&genome);
            command
        }
        Kind::Sequences | Kind::Regions => {
            let bases = "ACGTTGCA".repeat(20_000);
            let records = GENOME_FOR_REGIONS.map(|name| format!(">{name}\n{bases}\n"));
            fs::write(&genome, records.concat()).unwrap();
            let mut command = hyenadna(&["embed", "--long", "truncate"]);
            command.arg(&file.path);
            // sequences are read without a reference
            if matches!(file.kind, Kind::Regions) {
                command.arg(&genome);
            }
            command
        }
    };
    run_within(&mut command, LIMIT)
}

fn check_binary(files: &[&File]) {
    let results = in_parallel(files, |file| run_binary(file));
    let mut problems = Vec::new();
    let (mut ok, mut refused) = (0, 0);
    for (file, ran) in files.iter().zip(&results) {
        let path = file.path.display();
        if let Some(disaster) = ran.disaster() {
            problems.push(format!("{path}: {disaster}"));
            continue;
        }
        match ran.code {
            Some(0) => ok += 1,
            Some(1) if !file.is_valid() => refused += 1,
            code => problems.push(format!("{path}: exit code {code:?}: {}", ran.stderr)),
        }
    }
    let timeouts = results.iter().filter(|ran| !ran.in_time).count();
    println!(
        "{} files: {ok} read, {refused} refused, {timeouts} out of time, {} problems",
        files.len(),
        problems.len()
    );
    assert_none(&problems);
}

#[test]
fn a_sample_of_published_files_through_the_program() {
    let Some(files) = files() else { return };
    let (vcf, others): (Vec<&File>, Vec<&File>) = files.iter().partition(|f| f.kind == Kind::Vcf);
    let mut sample: Vec<&File> = vcf.into_iter().step_by(20).collect();
    sample.extend(others.into_iter().step_by(9));
    let missed = |file: &&File| file.is_compressed() && !sample.iter().any(|f| f.path == file.path);
    let compressed: Vec<&File> = files.iter().filter(missed).collect();
    sample.extend(compressed);
    check_binary(&sample);
}

/// Minutes with a debug build; HYENADNA_TEST_BINARY may name an optimised one.
#[test]
#[ignore = "takes minutes: cargo test --test command_lines published_odd_files -- --ignored --nocapture"]
fn every_published_file_through_the_program() {
    let Some(files) = files() else { return };
    check_binary(&files.iter().collect::<Vec<_>>());
}
